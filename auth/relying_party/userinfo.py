"""What the provider says of the person besides the id token."""

from __future__ import annotations

import httpx2

from auth.relying_party.network import fetch_json
from auth.relying_party.refusals import SignInRefused, Why


async def check_userinfo(transport: httpx2.AsyncBaseTransport, address: str, access_token: str, subject: str) -> None:
    """Raise ``SignInRefused`` unless the access token describes the person of the id token."""
    told = await fetch_json(transport, address, token=access_token)
    if told.get("sub") != subject:
        raise SignInRefused(Why.USERINFO, "it describes somebody else")
