"""The JSON API of sign-in accounts and seats: to look, and to take away. Linking is a person's, on the pages."""

from __future__ import annotations

from auth.linking.directory import get_directory_account, list_directory_accounts
from auth.linking.providers import list_linking
from auth.linking.service import get_links, unlink, withdraw_invitation
from core.web.routes import Route

ROUTES = [
    Route("GET", "/seats/{id}/links", get_links),
    Route("POST", "/seats/{id}/invitation/withdraw", withdraw_invitation),
    Route("POST", "/seats/{id}/links/{identity_id}/end", unlink),
    Route("GET", "/linking", list_linking),
    Route("GET", "/directory-accounts", list_directory_accounts),
    Route("GET", "/directory-accounts/{id}", get_directory_account),
]
