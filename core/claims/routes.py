"""The JSON routes of claims."""

from __future__ import annotations

from core.claims.service import list_claimed_tours
from core.web.routes import Route

ROUTES = [Route("GET", "/claims/tours", list_claimed_tours)]
