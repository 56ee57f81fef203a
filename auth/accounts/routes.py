"""The JSON API of service accounts."""

from __future__ import annotations

from auth.accounts.service import add_account, end_account, list_accounts, rotate_token
from core.web.routes import Route

ROUTES = [
    Route("GET", "/service-accounts", list_accounts),
    Route("POST", "/service-accounts", add_account, status=201),
    Route("POST", "/service-accounts/{id}/rotate", rotate_token, status=201),
    Route("POST", "/service-accounts/{id}/end", end_account),
]
