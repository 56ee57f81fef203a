"""The JSON API of break-glass accounts: a program may watch whether any is ready; handing out is a person's."""

from __future__ import annotations

from auth.break_glass.service import list_break_glass
from core.web.routes import Route

ROUTES = [Route("GET", "/break-glass", list_break_glass)]
