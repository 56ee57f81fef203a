"""The JSON API of member access: what a service's own programs may see. All else is a person's, on the pages."""

from __future__ import annotations

from auth.member.ending import list_member_access
from core.web.routes import Route

ROUTES = [Route("GET", "/member-access", list_member_access)]
