"""The conversations with a provider, which step follows which: signing in and out, asking again, hearing of an end.

No database here: what must be remembered in between is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import httpx2
import msgspec

from auth.relying_party.assurance import AssuranceRule, ask, read_assurance
from auth.relying_party.authorization import Secrets, read_code, write_address
from auth.relying_party.client_auth import make_client, prove_client
from auth.relying_party.discovery import Discovery
from auth.relying_party.examining import Finding, examine
from auth.relying_party.id_token import Expected, validate
from auth.relying_party.keys import KeySets
from auth.relying_party.logout_token import LoggedOut, validate_logout
from auth.relying_party.network import GuardedTransport
from auth.relying_party.providers import Provider
from auth.relying_party.redemption import Tokens, check_access_token, redeem_code
from auth.relying_party.refresh import expected_again, redeem_refresh_token
from auth.relying_party.sign_out import write_sign_out
from auth.relying_party.userinfo import check_userinfo
from core.clock import Clock
from core.context import Assurance


class Proof(msgspec.Struct, frozen=True):
    """Who the provider says it is: identity is (issuer, subject) and nothing else."""

    issuer: str
    subject: str
    sid: str | None
    claims: dict[str, Any]
    assurance: Assurance
    id_token: str
    refresh_token: str | None


class RelyingParty:
    """Speaks to providers. ``transport`` is the network (the real one if none)."""

    def __init__(self, clock: Clock, *, loopback: bool, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._clock = clock
        self._loopback = loopback
        self._transport = GuardedTransport(transport, loopback=loopback)
        self._discovery = Discovery(self._transport, clock, loopback=loopback)
        self._keys = KeySets(self._transport, clock)

    async def close(self) -> None:
        """Close the connections to the providers."""
        await self._transport.close()

    async def authorization_url(
        self,
        provider: Provider,
        redirect_uri: str,
        secrets: Secrets,
        language: str,
        anew: AssuranceRule | None = None,
    ) -> str:
        """Return where to send the browser; ``anew``: how the person is to prove again who they are."""
        metadata = await self._discovery.metadata(provider)
        async with make_client(provider, redirect_uri, self._transport) as client:
            return write_address(client, metadata, secrets, language, ask(provider.assurance, anew))

    async def redeem(
        self,
        provider: Provider,
        redirect_uri: str,
        secrets: Secrets,
        answer: Mapping[str, str],
        began: datetime,
    ) -> Proof:
        """Turn the callback's ``answer`` (its query) into a proof, or raise ``SignInRefused``."""
        metadata = await self._discovery.metadata(provider)
        code = read_code(metadata, answer)
        client = make_client(provider, redirect_uri, self._transport)
        proof = prove_client(provider, metadata, self._clock.now())
        tokens = await redeem_code(client, metadata.token_endpoint, code, secrets.verifier, proof)
        expected = Expected(
            issuer=provider.issuer,
            client_id=provider.client_id,
            jwks_uri=metadata.jwks_uri,
            algorithms=provider.algorithms,
            nonce=secrets.nonce,
            access_token=tokens.access_token,
            began=began,
            assurance=provider.assurance,
            pinned=provider.pinned,
        )
        assert tokens.id_token is not None
        claims = await validate(tokens.id_token, expected, self._keys, self._clock.now())
        if metadata.userinfo_endpoint is not None:
            await check_userinfo(self._transport, metadata.userinfo_endpoint, tokens.access_token, claims["sub"])
        sid = claims.get("sid")
        return Proof(
            issuer=provider.issuer,
            subject=claims["sub"],
            sid=sid if isinstance(sid, str) else None,
            claims=claims,
            assurance=read_assurance(claims),
            id_token=tokens.id_token,
            refresh_token=None if provider.refresh == "never" else tokens.refresh_token,
        )

    async def examine(self, provider: Provider) -> list[Finding]:
        """Ask ``provider`` what it is, and return what was found, check by check."""
        return await examine(provider, self._transport, self._keys, loopback=self._loopback)

    async def ask_again(self, provider: Provider, refresh_token: str) -> Tokens:
        """Return what the provider gives for a refresh token, not checked yet, or raise ``SignInRefused``.

        With many providers this uses the refresh token up: whoever gets another one keeps it at once.
        """
        metadata = await self._discovery.metadata(provider)
        client = make_client(provider, "", self._transport)
        proof = prove_client(provider, metadata, self._clock.now())
        return await redeem_refresh_token(client, metadata.token_endpoint, refresh_token, proof)

    async def read_renewal(
        self, provider: Provider, tokens: Tokens, subject: str, began: datetime
    ) -> dict[str, Any] | None:
        """Return the claims with which the provider vouches for ``subject`` again, or raise ``SignInRefused``.

        ``None`` if it gave no id token; then it has named the same subject where it says who the token is about.
        ``began`` is when it was asked.
        """
        check_access_token(tokens)
        metadata = await self._discovery.metadata(provider)
        if tokens.id_token is not None:
            expected = expected_again(provider, metadata, tokens.access_token, subject, began)
            return await validate(tokens.id_token, expected, self._keys, self._clock.now())
        if metadata.userinfo_endpoint is not None:
            await check_userinfo(self._transport, metadata.userinfo_endpoint, tokens.access_token, subject)
        return None

    async def logged_out(self, provider: Provider, raw: str) -> LoggedOut:
        """Return whose session the provider says has ended, or raise ``SignInRefused``."""
        metadata = await self._discovery.metadata(provider)
        return await validate_logout(raw, provider, metadata.jwks_uri, self._keys, self._clock.now())

    async def sign_out_url(self, provider: Provider, return_to: str, id_token: str | None = None) -> str | None:
        """Return where the browser ends its session at the provider, if the provider has such a place."""
        metadata = await self._discovery.metadata(provider)
        return write_sign_out(metadata, provider.client_id, return_to, id_token)
