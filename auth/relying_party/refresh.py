"""Ask the provider again, without the person: does it still stand behind a session, and for whom?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from authlib.integrations.httpx_client import AsyncOAuth2Client

from auth.relying_party.discovery import Metadata
from auth.relying_party.id_token import Expected
from auth.relying_party.providers import Provider
from auth.relying_party.redemption import Tokens, ask_tokens


async def redeem_refresh_token(
    client: AsyncOAuth2Client, token_endpoint: str, token: str, proof: Mapping[str, str]
) -> Tokens:
    """Return the tokens for a refresh token, or raise ``SignInRefused``: ``Withdrawn`` if it counts no more.

    No scope is named: the same is meant as was given at the sign-in (RFC 6749, 6).
    """
    client.scope = None
    return await ask_tokens(client, token_endpoint, {"grant_type": "refresh_token", "refresh_token": token, **proof})


def expected_again(
    provider: Provider, metadata: Metadata, access_token: str, subject: str, began: datetime
) -> Expected:
    """Return what the new id token must say (OpenID Connect Core 1.0, 12.2): the same issuer, subject and audience.

    It has no nonce of its own, and says nothing new of how the person proved who they are: neither is asked.
    """
    return Expected(
        issuer=provider.issuer,
        client_id=provider.client_id,
        jwks_uri=metadata.jwks_uri,
        algorithms=provider.algorithms,
        access_token=access_token,
        began=began,
        subject=subject,
        pinned=provider.pinned,
    )
