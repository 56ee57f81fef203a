"""The two conversations of a sign-in: send the browser to the provider, and redeem what it brings back.

No database here: what must be remembered in between is the caller's.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from urllib.parse import urlencode, urlsplit

import httpx2
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.discovery import Discovery, Metadata
from auth.relying_party.id_token import Expected, validate
from auth.relying_party.keys import KeySets
from auth.relying_party.network import TIMEOUT, GuardedTransport, fetch_json
from auth.relying_party.providers import Provider, read_secret
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock

SCOPES = "openid profile"
LONGEST_CODE = 4096


class Secrets(msgspec.Struct, frozen=True):
    """What one sign-in made up: ``state``, ``nonce`` and the PKCE ``verifier``."""

    state: str
    nonce: str
    verifier: str


class Proof(msgspec.Struct, frozen=True):
    """Who the provider says it is: identity is (issuer, subject) and nothing else."""

    issuer: str
    subject: str
    sid: str | None
    claims: dict[str, Any]


class RelyingParty:
    """Speaks to providers. ``transport`` is the network (the real one if none)."""

    def __init__(self, clock: Clock, *, loopback: bool, transport: httpx2.AsyncBaseTransport | None = None) -> None:
        self._clock = clock
        self._transport = GuardedTransport(transport, loopback=loopback)
        self._discovery = Discovery(self._transport, clock, loopback=loopback)
        self._keys = KeySets(self._transport, clock)

    async def close(self) -> None:
        """Close the connections to the providers."""
        await self._transport.close()

    async def authorization_url(self, provider: Provider, redirect_uri: str, secrets: Secrets, language: str) -> str:
        """Return where to send the browser."""
        metadata = await self._discovery.metadata(provider.issuer)
        async with self._client(provider, redirect_uri) as client:
            url, _ = client.create_authorization_url(
                metadata.authorization_endpoint,
                state=secrets.state,
                code_verifier=secrets.verifier,
                nonce=secrets.nonce,
                response_mode="query",
                ui_locales=language,
            )
        return str(url)

    async def redeem(
        self,
        provider: Provider,
        redirect_uri: str,
        secrets: Secrets,
        answer: Mapping[str, str],
        began: datetime,
    ) -> Proof:
        """Turn the callback's ``answer`` (its query) into a proof, or raise ``SignInRefused``."""
        metadata = await self._discovery.metadata(provider.issuer)
        _check_response_issuer(metadata, answer)
        if "error" in answer:
            kind = answer["error"][:60]
            cancelled = kind in {"access_denied", "login_required", "interaction_required", "consent_required"}
            raise SignInRefused(Why.CANCELLED if cancelled else Why.PROVIDER_ERROR, repr(kind))
        code = answer.get("code", "")
        if not 0 < len(code) <= LONGEST_CODE:
            raise SignInRefused(Why.CALLBACK, "no code")
        access_token, id_token = await self._exchange(provider, metadata, redirect_uri, code, secrets.verifier)
        expected = Expected(
            issuer=provider.issuer,
            client_id=provider.client_id,
            jwks_uri=metadata.jwks_uri,
            algorithms=provider.algorithms,
            nonce=secrets.nonce,
            access_token=access_token,
            began=began,
            pinned=provider.pinned,
        )
        claims = await validate(id_token, expected, self._keys, self._clock.now())
        if metadata.userinfo_endpoint is not None:
            await self._check_userinfo(metadata.userinfo_endpoint, access_token, claims["sub"])
        sid = claims.get("sid")
        return Proof(provider.issuer, claims["sub"], sid if isinstance(sid, str) else None, claims)

    async def sign_out_url(self, provider: Provider, return_to: str) -> str | None:
        """Return where the browser ends its session at the provider, if the provider has such a place."""
        metadata = await self._discovery.metadata(provider.issuer)
        if metadata.end_session_endpoint is None:
            return None
        mark = "&" if urlsplit(metadata.end_session_endpoint).query else "?"
        query = urlencode({"client_id": provider.client_id, "post_logout_redirect_uri": return_to})
        return f"{metadata.end_session_endpoint}{mark}{query}"

    def _client(self, provider: Provider, redirect_uri: str) -> AsyncOAuth2Client:
        return AsyncOAuth2Client(
            client_id=provider.client_id,
            client_secret=read_secret(provider.secret_ref),
            token_endpoint_auth_method=provider.client_auth,
            redirect_uri=redirect_uri,
            scope=SCOPES,
            code_challenge_method="S256",
            transport=self._transport,
            timeout=TIMEOUT,
            follow_redirects=False,
            trust_env=False,
        )

    async def _exchange(
        self, provider: Provider, metadata: Metadata, redirect_uri: str, code: str, verifier: str
    ) -> tuple[str, str]:
        try:
            async with self._client(provider, redirect_uri) as client:
                token = await client.fetch_token(
                    metadata.token_endpoint,
                    grant_type="authorization_code",
                    code=code,
                    code_verifier=verifier,
                )
        except httpx2.HTTPStatusError as error:
            status = error.response.status_code
            why = Why.PROVIDER_DOWN if status >= 500 else Why.TOKEN_REFUSED
            raise SignInRefused(why, f"status {status}") from error
        except httpx2.HTTPError as error:
            raise SignInRefused(Why.PROVIDER_DOWN, type(error).__name__) from error
        except AuthlibBaseError as error:
            raise SignInRefused(Why.TOKEN_REFUSED, repr(str(error.error)[:60])) from error
        except ValueError as error:
            raise SignInRefused(Why.PROVIDER_ANSWER, "the token answer is no JSON object") from error
        access_token, id_token = token.get("access_token"), token.get("id_token")
        if not isinstance(access_token, str) or not isinstance(id_token, str):
            raise SignInRefused(Why.PROVIDER_ANSWER, "a token is missing")
        if str(token.get("token_type", "")).lower() != "bearer":
            raise SignInRefused(Why.PROVIDER_ANSWER, "not a bearer token")
        return access_token, id_token

    async def _check_userinfo(self, address: str, access_token: str, subject: str) -> None:
        told = await fetch_json(self._transport, address, token=access_token)
        if told.get("sub") != subject:
            raise SignInRefused(Why.USERINFO, "it describes somebody else")


def _check_response_issuer(metadata: Metadata, answer: Mapping[str, str]) -> None:
    """RFC 9207: the answer says who sent it, so that one provider cannot pass for another."""
    told = answer.get("iss")
    if told is None and metadata.authorization_response_iss_parameter_supported:
        raise SignInRefused(Why.RESPONSE_ISSUER, "iss is missing from the answer")
    if told is not None and told != metadata.issuer:
        raise SignInRefused(Why.RESPONSE_ISSUER, "the answer comes from another issuer")
