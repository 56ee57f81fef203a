"""The JSON API of calendar addresses: to look at them and to revoke one. Making one is a person's, on the page."""

from __future__ import annotations

from core.calendars.service import get_address, list_addresses, withdraw_address
from core.web.routes import Route

ROUTES = [
    Route("GET", "/calendar-addresses", list_addresses),
    Route("GET", "/calendar-addresses/{id}", get_address),
    Route("POST", "/calendar-addresses/{id}/revoke", withdraw_address),
]
