"""The JSON API of service accounts: to look at them and to shut one out. Letting in is a person's, on the page."""

from __future__ import annotations

from auth.accounts.service import end_account, list_accounts
from core.web.routes import Route

ROUTES = [
    Route("GET", "/service-accounts", list_accounts),
    Route("POST", "/service-accounts/{id}/end", end_account),
]
