"""The way to a provider (``core.network``), whose refusals are those of a sign-in."""

from __future__ import annotations

import asyncio
from typing import Any

import httpx2

from auth.relying_party.refusals import SignInRefused, Why
from core import network
from core.network import Kind

TIMEOUT = httpx2.Timeout(8.0, connect=4.0)
"""Seconds for each step of an answer; a drop now and then keeps within them for ever."""
WHOLE = 10.0
"""Seconds for the whole of an answer."""


def _refuse(kind: Kind, detail: str) -> SignInRefused:
    return SignInRefused(Why.ADDRESS if kind == "address" else Why.PROVIDER_ANSWER, detail)


def check_address(address: str, *, loopback: bool) -> str:
    """Return ``address`` if it may be asked at all; ``loopback`` also allows this machine, without TLS.

    Raises ``SignInRefused`` (``ADDRESS``) for another scheme, credentials or a fragment.
    """
    return network.check_address(address, loopback=loopback, refuse=_refuse)


class GuardedTransport(network.GuardedTransport):
    """The guarded way, refusing as a sign-in is refused."""

    def __init__(self, inner: httpx2.AsyncBaseTransport | None = None, *, loopback: bool = False) -> None:
        super().__init__(inner, loopback=loopback, refuse=_refuse)


async def fetch_json(transport: httpx2.AsyncBaseTransport, address: str, *, token: str | None = None) -> dict[str, Any]:
    """Return the JSON object at ``address``; raises ``SignInRefused`` for anything else."""
    headers = {"Accept": "application/json"} | ({"Authorization": f"Bearer {token}"} if token else {})
    client = httpx2.AsyncClient(transport=transport, timeout=TIMEOUT, follow_redirects=False, trust_env=False)
    try:
        async with asyncio.timeout(WHOLE), client:
            response = await client.get(address, headers=headers)
    except (httpx2.HTTPError, TimeoutError) as error:
        raise SignInRefused(Why.PROVIDER_DOWN, type(error).__name__) from error
    if response.status_code >= 500:
        raise SignInRefused(Why.PROVIDER_DOWN, f"status {response.status_code}")
    if response.status_code != 200:
        raise SignInRefused(Why.PROVIDER_ANSWER, f"status {response.status_code}")
    try:
        answer = response.json()
    except (ValueError, RecursionError):
        raise SignInRefused(Why.PROVIDER_ANSWER, "not JSON") from None
    if not isinstance(answer, dict):
        raise SignInRefused(Why.PROVIDER_ANSWER, "not a JSON object")
    return answer
