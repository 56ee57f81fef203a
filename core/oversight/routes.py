"""The JSON routes of the consolidated views."""

from __future__ import annotations

from core.oversight.strength import count_strength
from core.web.routes import Route

ROUTES = [Route("GET", "/oversight/strength", count_strength)]
