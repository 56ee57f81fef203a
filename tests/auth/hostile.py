"""A provider that can be told to lie: each test says which one thing it does wrongly."""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
from collections.abc import Awaitable, Callable
from datetime import datetime
from secrets import token_hex
from typing import Any
from urllib.parse import parse_qs, urlsplit
from uuid import UUID

import httpx2
from joserfc import jws
from joserfc.jwk import ECKey

from auth.relying_party.authorization import Secrets
from auth.relying_party.party import Proof, RelyingParty
from auth.relying_party.providers import Provider
from core.clock import Clock

ISSUER = "https://login.example.org"
OTHER_ISSUER = "https://login.example.net"
CLIENT = "contingent-qc-example"
CALLBACK = "http://localhost:8000/t/qc-example/auth/callback"
SECRETS = Secrets(state="s" * 43, nonce="n" * 43, verifier="v" * 43)
PROVIDER = Provider(id=UUID(int=7), issuer=ISSUER, client_id=CLIENT, client_auth="none", algorithms=("ES256", "RS256"))

Change = Callable[[dict[str, Any]], None]


def nothing(values: dict[str, Any]) -> None:
    """Change nothing."""


Answer = Callable[[], httpx2.Response | Awaitable[httpx2.Response]]


class Hostile:
    """Answers discovery, key set, token and userinfo; attributes change what it answers.

    It gives a refresh token with each sign-in and takes each once for another (``refreshed`` counts how
    often it was asked): one that comes twice ends its ``families`` of tokens.

    ``beside`` holds other providers by host. Whoever asks for any other host finds no network
    there and is noted in ``strayed``.
    """

    def __init__(self, clock: Clock, issuer: str = ISSUER) -> None:
        self.clock = clock
        self.issuer = issuer
        self.client = CLIENT
        self.nonce = SECRETS.nonce
        self.beside: dict[str, Hostile] = {}
        self.strayed: list[str] = []
        self.key = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
        self.algorithm = "ES256"
        self.published: list[dict[str, Any]] = [self.key.as_dict(private=False)]
        self.header: Change = nothing
        self.claims: Change = nothing
        self.metadata: Change = nothing
        self.token: Change = nothing
        self.userinfo: Change = nothing
        self.id_token: Callable[[str], str] = lambda signed: signed
        self.answers: dict[str, Answer] = {}
        self.asked: list[str] = []
        self.form: dict[str, list[str]] = {}
        self.families: dict[str, int] = {}
        self.living: dict[int, str] = {}
        self.refreshed = 0

    @property
    def transport(self) -> httpx2.AsyncBaseTransport:
        """A network that leads here and to those beside."""
        return httpx2.MockTransport(self._answer)

    @property
    def host(self) -> str:
        return urlsplit(self.issuer).hostname or ""

    def party(self) -> RelyingParty:
        """Return a relying party whose network leads here."""
        return RelyingParty(self.clock, loopback=False, transport=self.transport)

    async def redeem(
        self,
        party: RelyingParty | None = None,
        provider: Provider = PROVIDER,
        *,
        began: datetime | None = None,
        answer: dict[str, str] | None = None,
    ) -> Proof:
        """Finish a sign-in. ``answer`` changes what comes back through the browser; empty removes a name."""
        given = {"code": "c0de", "iss": ISSUER} | (answer or {})
        given = {name: value for name, value in given.items() if value}
        return await (party or self.party()).redeem(provider, CALLBACK, SECRETS, given, began or self.clock.now())

    def sign(self, claims: dict[str, Any]) -> str:
        """Return an id token with ``claims``."""
        header: dict[str, Any] = {"alg": self.algorithm, "kid": self.key.kid, "typ": "JWT"}
        self.header(header)
        return jws.serialize_compact(header, json.dumps(claims).encode(), self.key, algorithms=[header["alg"]])

    def honest_claims(self) -> dict[str, Any]:
        """Return what an honest provider would say now."""
        now = int(self.clock.now().timestamp())
        half = hashlib.sha256(b"access").digest()[:16]
        return {
            "iss": self.issuer,
            "sub": "person-1",
            "aud": self.client,
            "iat": now,
            "exp": now + 300,
            "nonce": self.nonce,
            "at_hash": base64.urlsafe_b64encode(half).rstrip(b"=").decode(),
            "sid": "session-1",
        }

    async def _answer(self, request: httpx2.Request) -> httpx2.Response:
        host, path = request.url.host, request.url.path
        if host in self.beside:
            return await self.beside[host]._answer(request)
        if host != self.host:
            self.strayed.append(host)
            raise httpx2.ConnectError("no such host")
        self.asked.append(path)
        if path in self.answers:
            given = self.answers[path]()
            return given if isinstance(given, httpx2.Response) else await given
        if path == "/token":
            self.form = parse_qs(request.content.decode())
            if self.form["grant_type"] == ["refresh_token"]:
                return self._refresh(*self.form["refresh_token"])
            return _json(self.tokens_told())
        return _json(
            {"/.well-known/openid-configuration": self.metadata_told, "/keys": self._keys, "/userinfo": self._userinfo}[
                path
            ]()
        )

    def metadata_told(self) -> dict[str, Any]:
        """Return what it says of itself."""
        told: dict[str, Any] = {
            "issuer": self.issuer,
            "authorization_endpoint": f"{self.issuer}/authorize",
            "token_endpoint": f"{self.issuer}/token",
            "jwks_uri": f"{self.issuer}/keys",
            "userinfo_endpoint": f"{self.issuer}/userinfo",
            "authorization_response_iss_parameter_supported": True,
        }
        self.metadata(told)
        return told

    def _keys(self) -> dict[str, Any]:
        return {"keys": self.published}

    def tokens_told(self, family: int | None = None) -> dict[str, Any]:
        """Return the tokens that it gives now."""
        claims = self.honest_claims()
        self.claims(claims)
        told: dict[str, Any] = {"access_token": "access", "token_type": "Bearer", "expires_in": 300}
        told["id_token"] = self.id_token(self.sign(claims))
        told["refresh_token"] = self.next_token(len(self.living) if family is None else family)
        self.token(told)
        return told

    def _refresh(self, token: str) -> httpx2.Response:
        self.refreshed += 1
        family = self.families.get(token, -1)
        if self.living.get(family) != token:
            self.living[family] = ""
            return httpx2.Response(400, json={"error": "invalid_grant"})
        return _json(self.tokens_told(family))

    def next_token(self, family: int) -> str:
        """Take back the token of a family and return the one that comes in its place."""
        self.living[family] = token = token_hex(16)
        self.families[token] = family
        return token

    def _userinfo(self) -> dict[str, Any]:
        told: dict[str, Any] = {"sub": "person-1"}
        self.userinfo(told)
        return told


def sets(**values: Any) -> Change:
    """Return a change that sets ``values``; ``None`` removes a name."""

    def change(told: dict[str, Any]) -> None:
        for name, value in values.items():
            if value is None:
                told.pop(name, None)
            else:
                told[name] = value

    return change


def forged(header: dict[str, Any], claims: dict[str, Any], secret: bytes | None = None) -> str:
    """Return a token put together by hand: unsigned, or signed with ``secret`` as a password."""
    unsigned = raw_token(json.dumps(header).encode(), json.dumps(claims).encode(), b"")
    return unsigned if secret is None else unsigned + _encoded(hmac.digest(secret, unsigned[:-1].encode(), "sha256"))


def raw_token(header: bytes, payload: bytes, signature: bytes = b"signature") -> str:
    """Return a token of these three parts, whatever they are."""
    return ".".join(map(_encoded, (header, payload, signature)))


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _json(values: dict[str, Any]) -> httpx2.Response:
    # As Python writes it, which knows more than JSON: numbers without end, half a character.
    return httpx2.Response(200, content=json.dumps(values), headers={"Content-Type": "application/json"})
