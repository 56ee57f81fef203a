"""As whom the platform speaks to a provider, and how it proves that."""

from __future__ import annotations

from datetime import datetime
from urllib.parse import quote_plus

import httpx2
from authlib.integrations.httpx_client import AsyncOAuth2Client
from joserfc import jwt

from auth.relying_party.discovery import Metadata
from auth.relying_party.network import TIMEOUT
from auth.relying_party.providers import Provider, read_secret
from core.tokens import new_secret

SCOPES = "openid profile"
OFFLINE = "offline_access"
PRIVATE_KEY = "private_key_jwt"
ASSERTION_TYPE = "urn:ietf:params:oauth:client-assertion-type:jwt-bearer"
LIFE = 60
"""Seconds for which an assertion holds: it is sent at once, and some providers refuse a longer life."""


def make_client(provider: Provider, redirect_uri: str, transport: httpx2.AsyncBaseTransport) -> AsyncOAuth2Client:
    """Return a client registered at ``provider``, for one conversation over ``transport``."""
    return AsyncOAuth2Client(
        client_id=provider.client_id,
        client_secret=_secret(provider),
        token_endpoint_auth_method="none" if provider.client_auth == PRIVATE_KEY else provider.client_auth,
        redirect_uri=redirect_uri,
        scope=f"{SCOPES} {OFFLINE}" if provider.refresh == "offline" else SCOPES,
        code_challenge_method="S256",
        transport=transport,
        timeout=TIMEOUT,
        follow_redirects=False,
        trust_env=False,
    )


def _secret(provider: Provider) -> str | None:
    """Return the client's secret as Authlib sends it: in the header it is form-encoded first (RFC 6749, 2.3.1)."""
    secret = provider.secret or read_secret(provider.secret_ref)
    return quote_plus(secret) if secret is not None and provider.client_auth == "client_secret_basic" else secret


def prove_client(provider: Provider, metadata: Metadata, now: datetime) -> dict[str, str]:
    """Return what is sent to the token endpoint besides: an assertion signed for this one request (RFC 7523).

    Its audience is the issuer (RFC 10070), or the token endpoint for a provider that has it so.
    """
    if provider.client_auth != PRIVATE_KEY:
        return {}
    key, at = provider.key, int(now.timestamp())
    assert key is not None
    assert key.alg is not None
    claims = {
        "iss": provider.client_id,
        "sub": provider.client_id,
        "aud": metadata.token_endpoint if provider.audience == "token_endpoint" else provider.issuer,
        "jti": new_secret(),
        "iat": at,
        "exp": at + LIFE,
    }
    signed = jwt.encode({"alg": key.alg, "kid": key.kid, "typ": "JWT"}, claims, key, algorithms=[key.alg])
    return {"client_assertion_type": ASSERTION_TYPE, "client_assertion": signed}
