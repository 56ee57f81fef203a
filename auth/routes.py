"""The JSON API of people and roles. Whose an officer file is, a person says on the page."""

from __future__ import annotations

from auth.service import (
    add_seat,
    end_delegation_of,
    end_grant,
    get_seat,
    grant_role,
    list_seats,
    switch_seat,
)
from core.web.routes import Route

ROUTES = [
    Route("GET", "/seats", list_seats),
    Route("POST", "/seats", add_seat, status=201),
    Route("GET", "/seats/{id}", get_seat),
    Route("POST", "/seats/{id}/switch", switch_seat),
    Route("POST", "/seats/{id}/roles", grant_role, status=201),
    Route("POST", "/seats/{id}/roles/{grant_id}/end", end_grant),
    Route("POST", "/seats/{id}/delegations/{delegation_id}/end", end_delegation_of),
]
