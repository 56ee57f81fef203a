"""The JSON API of fresh sign-in before an action. Setting a rule and ending one is a person's, on the page."""

from __future__ import annotations

from auth.step_up.service import list_step_up
from core.web.routes import Route

ROUTES = [
    Route("GET", "/step-up", list_step_up),
]
