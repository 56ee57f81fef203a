"""The JSON route of a contingent."""

from __future__ import annotations

from core.contingents.service import read_contingent
from core.web.routes import Route

ROUTES = [Route("GET", "/contingent", read_contingent)]
