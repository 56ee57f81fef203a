"""What a provider says of itself, checked before any of it is used."""

from __future__ import annotations

from typing import Any

import httpx2
import msgspec

from auth.relying_party.kept import Kept
from auth.relying_party.network import check_address, fetch_json
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock

LIFE = 3600.0
STAND_IN = 23 * 3600.0
"""How long addresses that were told an hour ago are still used while the provider does not tell them again.

Keys are not: ``auth.relying_party.keys`` has nothing like it, so no removed key outlives its hour.
"""
COOL_DOWN = 60.0
WELL_KNOWN = "/.well-known/openid-configuration"


class Metadata(msgspec.Struct, frozen=True):
    """The addresses of a provider and what it promises (OpenID Connect Discovery 1.0)."""

    issuer: str
    authorization_endpoint: str
    token_endpoint: str
    jwks_uri: str
    userinfo_endpoint: str | None = None
    end_session_endpoint: str | None = None
    authorization_response_iss_parameter_supported: bool = False
    response_types_supported: list[str] = msgspec.field(default_factory=lambda: ["code"])
    code_challenge_methods_supported: list[str] = msgspec.field(default_factory=lambda: ["S256"])


class Discovery:
    """Asks each issuer once an hour; one that does not answer then is used as it was, for a day at most."""

    def __init__(self, transport: httpx2.AsyncBaseTransport, clock: Clock, *, loopback: bool) -> None:
        self._transport = transport
        self._loopback = loopback
        self._kept: Kept[Metadata] = Kept(clock, self._ask, life=LIFE, cool_down=COOL_DOWN, stand_in=STAND_IN)

    async def metadata(self, issuer: str) -> Metadata:
        """Return what ``issuer`` says of itself; raises ``SignInRefused`` if it says it wrongly."""
        return await self._kept.get(issuer)

    async def _ask(self, issuer: str) -> Metadata:
        check_address(issuer, loopback=self._loopback)
        answer = await fetch_json(self._transport, issuer.removesuffix("/") + WELL_KNOWN)
        return self._checked(issuer, answer)

    def _checked(self, issuer: str, answer: dict[str, Any]) -> Metadata:
        try:
            metadata = msgspec.convert(answer, Metadata)
        except msgspec.ValidationError as error:
            raise SignInRefused(Why.DISCOVERY, str(error)) from None
        if metadata.issuer != issuer:
            raise SignInRefused(Why.DISCOVERY, "it names another issuer")
        if "code" not in metadata.response_types_supported:
            raise SignInRefused(Why.DISCOVERY, "no authorization code")
        if "S256" not in metadata.code_challenge_methods_supported:
            raise SignInRefused(Why.DISCOVERY, "no PKCE with S256")
        for address in (
            metadata.authorization_endpoint,
            metadata.token_endpoint,
            metadata.jwks_uri,
            metadata.userinfo_endpoint,
            metadata.end_session_endpoint,
        ):
            if address is not None:
                check_address(address, loopback=self._loopback)
        return metadata
