"""Security events on the API: for programs, which read them line by line."""

from __future__ import annotations

from auth.security_events.service import list_security_events
from core.web.routes import Route

ROUTES = [Route("GET", "/security/events", list_security_events, lines="events")]
