"""The JSON API of people and roles."""

from __future__ import annotations

from auth.own_sessions import end_other_sessions, end_own_session, list_own_sessions
from auth.service import (
    add_seat,
    end_delegation_of,
    end_grant,
    get_seat,
    grant_role,
    link_officer,
    list_seats,
    switch_seat,
)
from core.web.routes import Route

ROUTES = [
    Route("GET", "/seats", list_seats),
    Route("POST", "/seats", add_seat, status=201),
    Route("GET", "/seats/{id}", get_seat),
    Route("POST", "/seats/{id}/switch", switch_seat),
    Route("POST", "/seats/{id}/officer", link_officer),
    Route("POST", "/seats/{id}/roles", grant_role, status=201),
    Route("POST", "/seats/{id}/roles/{grant_id}/end", end_grant),
    Route("POST", "/seats/{id}/delegations/{delegation_id}/end", end_delegation_of),
    Route("GET", "/sessions", list_own_sessions),
    Route("POST", "/sessions/{id}/end", end_own_session),
    Route("POST", "/sessions/end-others", end_other_sessions),
]
