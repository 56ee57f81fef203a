"""What a provider says of itself, checked before any of it is used."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import httpx2
import msgspec

from auth.relying_party.kept import Kept
from auth.relying_party.network import check_address, fetch_json
from auth.relying_party.providers import Provider
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

    async def metadata(self, provider: Provider) -> Metadata:
        """Return what ``provider`` says of itself; raises ``SignInRefused`` if it says it wrongly."""
        if provider.document is not None:
            check_address(provider.issuer, loopback=self._loopback)
            metadata = checked(provider.issuer, provider.document, loopback=self._loopback)
            return on_own_host(metadata, provider.issuer)
        return await self._kept.get(provider.issuer)

    async def _ask(self, issuer: str) -> Metadata:
        return checked(issuer, await fetch_document(self._transport, issuer, self._loopback), loopback=self._loopback)


async def fetch_document(transport: httpx2.AsyncBaseTransport, issuer: str, loopback: bool) -> dict[str, Any]:
    """Return the discovery document of ``issuer``, not looked at yet; raises ``SignInRefused`` if there is none."""
    check_address(issuer, loopback=loopback)
    return await fetch_json(transport, issuer.removesuffix("/") + WELL_KNOWN)


def read_metadata(answer: dict[str, Any]) -> Metadata:
    """Return what a discovery document says, compared with nothing yet; raises ``SignInRefused``."""
    try:
        return msgspec.convert(answer, Metadata)
    except ValueError as error:  # also for half a character in a name, which is no text to look for
        raise SignInRefused(Why.DISCOVERY, str(error)) from None


def checked(issuer: str, answer: dict[str, Any], *, loopback: bool) -> Metadata:
    """Return the metadata in ``answer`` if ``issuer`` may say so of itself; raises ``SignInRefused``."""
    metadata = read_metadata(answer)
    for check in CHECKS.values():
        check(metadata, issuer, loopback)
    return metadata


def _check_issuer(metadata: Metadata, issuer: str, loopback: bool) -> None:
    if metadata.issuer != issuer:
        raise SignInRefused(Why.DISCOVERY, f"it names another issuer: {metadata.issuer[:100]}")


def _check_code(metadata: Metadata, issuer: str, loopback: bool) -> None:
    if "code" not in metadata.response_types_supported:
        raise SignInRefused(Why.DISCOVERY, "no authorization code")


def _check_pkce(metadata: Metadata, issuer: str, loopback: bool) -> None:
    if "S256" not in metadata.code_challenge_methods_supported:
        raise SignInRefused(Why.DISCOVERY, "no PKCE with S256")


def _check_addresses(metadata: Metadata, issuer: str, loopback: bool) -> None:
    for address in (
        metadata.authorization_endpoint,
        metadata.token_endpoint,
        metadata.jwks_uri,
        metadata.userinfo_endpoint,
        metadata.end_session_endpoint,
    ):
        if address is not None:
            check_address(address, loopback=loopback)


def on_own_host(metadata: Metadata, issuer: str) -> Metadata:
    """Return what is used of a document that was handed in; raises ``SignInRefused`` if it leads to another host.

    What a provider answers itself may name other hosts. A document in a file proves nothing, and an
    identity counts for every scope: nobody may vouch for another one's issuer by keys of their own.
    ``userinfo`` of another host (Entra ID has it at graph.microsoft.com) is not asked then.
    """
    host = httpx2.URL(issuer).netloc
    for address in (metadata.token_endpoint, metadata.jwks_uri):
        if httpx2.URL(address).netloc != host:
            raise SignInRefused(Why.DISCOVERY, f"handed in, it leads from {issuer[:100]} to another host")
    userinfo = metadata.userinfo_endpoint
    if userinfo is not None and httpx2.URL(userinfo).netloc != host:
        return msgspec.structs.replace(metadata, userinfo_endpoint=None)
    return metadata


CHECKS: Mapping[str, Callable[[Metadata, str, bool], None]] = {
    "issuer": _check_issuer,
    "code": _check_code,
    "pkce": _check_pkce,
    "addresses": _check_addresses,
}
"""What must be so before any of it is used; each raises ``SignInRefused``."""
