"""The JSON API of a change of provider: to look at it. Changing is a person's, on the page."""

from __future__ import annotations

from auth.relinking.service import get_relink, list_relinks
from core.web.routes import Route

ROUTES = [
    Route("GET", "/relinks", list_relinks),
    Route("GET", "/relinks/{id}", get_relink),
]
