"""The JSON API of setting up sign-in: to look at it. Setting up is a person's, on the pages."""

from __future__ import annotations

from auth.setup.service import get_provider, list_providers
from core.web.routes import Route

ROUTES = [
    Route("GET", "/providers", list_providers),
    Route("GET", "/providers/{id}", get_provider),
]
