"""As whom the platform speaks to a provider, and how it proves that."""

from __future__ import annotations

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.network import TIMEOUT
from auth.relying_party.providers import Provider, read_secret

SCOPES = "openid profile"


def make_client(provider: Provider, redirect_uri: str, transport: httpx2.AsyncBaseTransport) -> AsyncOAuth2Client:
    """Return a client registered at ``provider``, for one conversation over ``transport``."""
    return AsyncOAuth2Client(
        client_id=provider.client_id,
        client_secret=read_secret(provider.secret_ref),
        token_endpoint_auth_method=provider.client_auth,
        redirect_uri=redirect_uri,
        scope=SCOPES,
        code_challenge_method="S256",
        transport=transport,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )
