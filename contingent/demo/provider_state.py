"""What the demonstration's provider remembers: codes for a minute, access tokens for ten, keys while it runs."""

from __future__ import annotations

import base64
import hashlib
import secrets
from collections import defaultdict
from typing import Any

import msgspec
from joserfc import jwt
from joserfc.jwk import ECKey

from contingent.demo.personas import Persona
from core.clock import Clock

CODE_SECONDS = 60
TOKEN_SECONDS = 600
MOST_KEPT = 10_000


class Grant(msgspec.Struct, frozen=True):
    """What one person allowed one client, by one code."""

    issuer: str
    client_id: str
    redirect_uri: str
    challenge: str
    nonce: str | None
    persona: Persona
    at: int


class ProviderState:
    """Codes, tokens and one signing key an issuer."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._codes: dict[str, Grant] = {}
        self._tokens: dict[str, Grant] = {}
        self._keys: defaultdict[str, ECKey] = defaultdict(_new_key)

    def now(self) -> int:
        """Return seconds since 1970."""
        return int(self._clock.now().timestamp())

    def issue_code(self, grant: Grant) -> str:
        """Return a code for ``grant``, good once and for a minute."""
        return _keep(self._codes, grant)

    def redeem_code(self, code: str, *, issuer: str, client_id: str, redirect_uri: str, verifier: str) -> Grant | None:
        """Return the grant of ``code`` and forget it; ``None`` if anything about it does not fit."""
        grant = self._codes.pop(code, None)
        if grant is None or (grant.issuer, grant.client_id, grant.redirect_uri) != (issuer, client_id, redirect_uri):
            return None
        fresh = self.now() < grant.at + CODE_SECONDS
        return grant if fresh and s256(verifier.encode()) == grant.challenge else None

    def issue_tokens(self, grant: Grant) -> dict[str, Any]:
        """Return the token endpoint's answer for ``grant``."""
        access_token = _keep(self._tokens, grant)
        now = self.now()
        half = hashlib.sha256(access_token.encode()).digest()[:16]
        claims = describe(grant.persona) | {
            "iss": grant.issuer,
            "aud": grant.client_id,
            "iat": now,
            "exp": now + 300,
            "auth_time": grant.at,
            "at_hash": _encoded(half),
            "sid": secrets.token_urlsafe(16),
        }
        if grant.nonce is not None:
            claims["nonce"] = grant.nonce
        key = self.key(grant.issuer)
        signed = jwt.encode({"alg": "ES256", "kid": key.kid}, claims, key, algorithms=["ES256"])
        return {
            "access_token": access_token,
            "token_type": "Bearer",
            "expires_in": TOKEN_SECONDS,
            "id_token": signed,
            "scope": "openid profile",
        }

    def person(self, issuer: str, access_token: str) -> Persona | None:
        """Return whom an access token speaks for, while it is good."""
        grant = self._tokens.get(access_token)
        if grant is None or grant.issuer != issuer or self.now() >= grant.at + TOKEN_SECONDS:
            return None
        return grant.persona

    def key(self, issuer: str) -> ECKey:
        """Return the issuer's signing key."""
        return self._keys[issuer]


def describe(persona: Persona) -> dict[str, Any]:
    """Return what the provider says of a person."""
    return {
        "sub": persona.subject,
        "name": persona.name,
        "locale": f"{persona.language}-CA",
        "organization": persona.organization,
        "employee_number": persona.employee_number,
    }


def s256(verifier: bytes) -> str:
    """Return the PKCE challenge of ``verifier``."""
    return _encoded(hashlib.sha256(verifier).digest())


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _new_key() -> ECKey:
    return ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)


def _keep(kept: dict[str, Grant], grant: Grant) -> str:
    while len(kept) >= MOST_KEPT:
        del kept[next(iter(kept))]
    name = secrets.token_urlsafe(32)
    kept[name] = grant
    return name
