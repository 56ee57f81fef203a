"""Tokens from the provider's token endpoint: for the code that the browser brought, or for a refresh token."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import httpx2
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.refusals import SignInRefused, Why

LONGEST_REFRESH_TOKEN = 8192
"""Characters of a refresh token that are kept."""


class Tokens(msgspec.Struct, frozen=True):
    """What the provider gave; the id token is not checked yet, and there is one at the code at least."""

    access_token: str
    id_token: str | None
    refresh_token: str | None = None


class Withdrawn(SignInRefused):
    """The provider says that it stands behind this refresh token, or the person it was given for, no longer."""


_WITHDRAWN = frozenset({"invalid_grant", "access_denied", "login_required", "interaction_required", "consent_required"})
"""What providers answer for a token that is used up or taken back, an account that is closed, or a person
whom they want to see again; every other error is about us, or passes."""


async def redeem_code(
    client: AsyncOAuth2Client, token_endpoint: str, code: str, verifier: str, proof: Mapping[str, str]
) -> Tokens:
    """Return the tokens for ``code``, or raise ``SignInRefused``. ``proof`` goes with it: who the client is."""
    given = {"grant_type": "authorization_code", "code": code, "code_verifier": verifier}
    tokens = await ask_tokens(client, token_endpoint, {**given, **proof})
    if tokens.id_token is None:
        raise SignInRefused(Why.PROVIDER_ANSWER, "a token is missing")
    check_access_token(tokens)
    return tokens


def check_access_token(tokens: Tokens) -> None:
    """Raise ``SignInRefused`` for an access token with which nobody could ask anything."""
    if not tokens.access_token.isascii() or not tokens.access_token.isprintable():
        raise SignInRefused(Why.PROVIDER_ANSWER, "an access token that no header can hold")


async def ask_tokens(client: AsyncOAuth2Client, token_endpoint: str, given: Mapping[str, Any]) -> Tokens:
    """Return what the endpoint gives for what is ``given``, or raise ``SignInRefused``."""
    try:
        async with client:
            told = await client.fetch_token(token_endpoint, **given)
    except httpx2.HTTPStatusError as error:
        status = error.response.status_code
        why = Why.PROVIDER_DOWN if status >= 500 else Why.TOKEN_REFUSED
        raise SignInRefused(why, f"status {status}") from error
    except httpx2.HTTPError as error:
        raise SignInRefused(Why.PROVIDER_DOWN, type(error).__name__) from error
    except AuthlibBaseError as error:
        kind = Withdrawn if str(error.error) in _WITHDRAWN else SignInRefused
        raise kind(Why.TOKEN_REFUSED, repr(str(error.error)[:60])) from error
    except (ValueError, TypeError, OverflowError, RecursionError) as error:  # Authlib reckons with what it is told
        raise SignInRefused(Why.PROVIDER_ANSWER, f"not a token answer: {type(error).__name__}") from error
    access_token, id_token = told.get("access_token"), told.get("id_token")
    if not isinstance(access_token, str) or not isinstance(id_token, str | None):
        raise SignInRefused(Why.PROVIDER_ANSWER, "a token is missing")
    if str(told.get("token_type", "")).lower() != "bearer":
        raise SignInRefused(Why.PROVIDER_ANSWER, "not a bearer token")
    return Tokens(access_token, id_token, _kept(told.get("refresh_token")))


def _kept(token: Any) -> str | None:
    return token if isinstance(token, str) and 0 < len(token) <= LONGEST_REFRESH_TOKEN and token.isascii() else None
