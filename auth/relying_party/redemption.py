"""Turn the code that the browser brought into tokens, at the provider's token endpoint."""

from __future__ import annotations

from collections.abc import Mapping

import httpx2
import msgspec
from authlib.common.errors import AuthlibBaseError
from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.refusals import SignInRefused, Why


class Tokens(msgspec.Struct, frozen=True):
    """What the provider gave for the code; the id token is not checked yet."""

    access_token: str
    id_token: str


async def redeem_code(
    client: AsyncOAuth2Client, token_endpoint: str, code: str, verifier: str, proof: Mapping[str, str]
) -> Tokens:
    """Return the tokens for ``code``, or raise ``SignInRefused``. ``proof`` goes with it: who the client is."""
    try:
        async with client:
            told = await client.fetch_token(
                token_endpoint,
                grant_type="authorization_code",
                code=code,
                code_verifier=verifier,
                **proof,
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
    access_token, id_token = told.get("access_token"), told.get("id_token")
    if not isinstance(access_token, str) or not isinstance(id_token, str):
        raise SignInRefused(Why.PROVIDER_ANSWER, "a token is missing")
    if str(told.get("token_type", "")).lower() != "bearer":
        raise SignInRefused(Why.PROVIDER_ANSWER, "not a bearer token")
    return Tokens(access_token, id_token)
