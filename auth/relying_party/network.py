"""The only way out to a provider: https to public addresses, small answers, no redirects.

An issuer's address is typed by an agency's administrator, and discovery then names more
addresses; none of them may lead into the platform's own network. The name is resolved here
and the connection goes to the very address that was checked, so that a second, different
answer of the name server does not help.
"""

from __future__ import annotations

import asyncio
import ipaddress
import ssl
from collections.abc import AsyncIterator, Iterable
from typing import Any
from weakref import WeakValueDictionary

import httpcore2
import httpx2

from auth.relying_party.refusals import SignInRefused, Why

MOST_BYTES = 256 * 1024
AT_ONCE = 20
"""Requests of a process that are under way to one host: one that hangs holds these places and no others."""
PLACE = 4.0
"""Seconds for which a request waits for a place."""
TIMEOUT = httpx2.Timeout(8.0, connect=4.0)
"""Seconds for each step of an answer; a drop now and then keeps within them for ever."""
WHOLE = 10.0
"""Seconds for the whole of an answer."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA gives out to hosts: addresses in which an IPv4 address is mapped or translated lie outside."""
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
"""The one form within it that leads on to an IPv4 address (RFC 3056; no longer in use, RFC 7526)."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


def check_address(address: str, *, loopback: bool) -> str:
    """Return ``address`` if it may be asked at all; ``loopback`` also allows this machine, without TLS.

    Raises ``SignInRefused`` (``ADDRESS``) for another scheme, credentials or a fragment.
    """
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise SignInRefused(Why.ADDRESS, "not an address") from None
    if url.userinfo or url.fragment or not url.host:
        raise SignInRefused(Why.ADDRESS, f"unusual address at {url.host!r}")
    if loopback and url.host in LOOPBACK and url.scheme in ("http", "https"):
        return address
    if url.scheme != "https":
        raise SignInRefused(Why.ADDRESS, f"{url.host} without https")
    try:
        public = is_public(url.host)
    except ValueError:
        return address
    if not public:
        raise SignInRefused(Why.ADDRESS, f"{url.host} is not a public address")
    return address


def is_public(literal: str) -> bool:
    """Say whether an address is one of a single host on the internet; raises ``ValueError`` for what is none."""
    found = ipaddress.ip_address(literal)
    if found.version == 6 and (found not in _UNICAST or found in _SIX_TO_FOUR):
        return False
    return found.is_global and not found.is_multicast


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses only, to the one that was checked."""

    def __init__(self) -> None:
        self._inner = httpcore2.AnyIOBackend()

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            found = await asyncio.get_running_loop().getaddrinfo(host, port, proto=6)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        addresses = [str(entry[4][0]) for entry in found]
        if not addresses or not all(map(is_public, addresses)):
            raise SignInRefused(Why.ADDRESS, f"{host} does not lead to a public address")
        return await self._inner.connect_tcp(
            addresses[0], port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class PublicTransport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport over ``PublicNetwork``."""

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=PublicNetwork(),
            max_connections=None,  # GuardedTransport counts them
            max_keepalive_connections=AT_ONCE,
        )


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Checks each address, cuts off each answer that is too long, and gives every host its own places.

    The clients only borrow it.
    """

    def __init__(self, inner: httpx2.AsyncBaseTransport | None = None, *, loopback: bool = False) -> None:
        self._loopback = loopback
        self._local: httpx2.AsyncBaseTransport | None = None
        self._public: httpx2.AsyncBaseTransport | None = None
        self._places: WeakValueDictionary[str, asyncio.Semaphore] = WeakValueDictionary()
        if inner is not None:
            self._local = self._public = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        check_address(str(request.url), loopback=self._loopback)
        request.headers["Accept-Encoding"] = "identity"
        place = await self._place(request.url.host)
        try:
            response = await self._transport(request.url.host).handle_async_request(request)
        except BaseException:
            place.release()
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        stream = _Limited(response.stream, place)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await stream.aclose()
            raise SignInRefused(Why.PROVIDER_ANSWER, "compressed though asked not to")
        told, beside = response.headers, response.extensions
        return httpx2.Response(response.status_code, headers=told, stream=stream, extensions=beside)

    async def _place(self, host: str) -> asyncio.Semaphore:
        """Wait for one of the host's places and take it; whoever holds one keeps them alive."""
        places = self._places.setdefault(host, asyncio.Semaphore(AT_ONCE))
        try:
            async with asyncio.timeout(PLACE):
                await places.acquire()
        except TimeoutError:
            raise httpx2.PoolTimeout(f"{AT_ONCE} requests to {host} are under way") from None
        return places

    def _transport(self, host: str) -> httpx2.AsyncBaseTransport:
        if self._loopback and host in LOOPBACK:
            if self._local is None:
                self._local = httpx2.AsyncHTTPTransport(trust_env=False)
            return self._local
        if self._public is None:
            self._public = PublicTransport()
        return self._public

    async def aclose(self) -> None:
        """Stay open: a client closes what it was given, and this one is shared."""

    async def close(self) -> None:
        """Close the connections, at the end of the process."""
        for transport in {self._local, self._public} - {None}:
            assert transport is not None
            await transport.aclose()


class _Limited(httpx2.AsyncByteStream):
    """Cuts off an answer that is too long, and gives up its place when it is closed."""

    def __init__(self, inner: httpx2.AsyncByteStream, place: asyncio.Semaphore) -> None:
        self._inner = inner
        self._place: asyncio.Semaphore | None = place

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > MOST_BYTES:
                raise SignInRefused(Why.PROVIDER_ANSWER, f"more than {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        place, self._place = self._place, None
        try:
            await self._inner.aclose()
        finally:
            if place is not None:
                place.release()


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
