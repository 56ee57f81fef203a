"""The JSON API of a change of provider."""

from __future__ import annotations

from auth.relinking.service import get_relink, list_relinks, move_relink, preview_relink
from core.web.routes import Route

ROUTES = [
    Route("GET", "/relinks", list_relinks),
    Route("POST", "/relinks", preview_relink, status=201),
    Route("GET", "/relinks/{id}", get_relink),
    Route("POST", "/relinks/{id}/step", move_relink),
]
