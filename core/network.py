"""The only way out to addresses that somebody typed: https to public ones, small answers, no redirects.

An agency's administrator types the address of a sign-in provider or of a plugin's service, and what answers there may
name more; none of them may lead into the platform's own network. The name is resolved here and the connection goes
to the very address that was checked, so that a second, different answer of the name server does not help.
"""

from __future__ import annotations

import asyncio
import ipaddress
import socket
import ssl
from collections.abc import AsyncIterator, Callable, Iterable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, Literal, TypeAlias
from weakref import WeakValueDictionary

import httpcore2
import httpx2

MOST_BYTES = 256 * 1024
AT_ONCE = 20
"""Requests of a process that are under way to one host for one tenant: what hangs there holds no other places."""
OF = "contingent.of"
"""The extension of a request that says for whom it is: each has places of their own."""
RESOLVERS = 8
"""Threads that ask for names, beside those that do everybody's other work; a name is asked for once at a time."""
PLACE = 4.0
"""Seconds for which a request waits for a place."""
_UNICAST = ipaddress.ip_network("2000::/3")
"""All that IANA gives out to hosts: addresses in which an IPv4 address is mapped or translated lie outside."""
_BESIDE = (ipaddress.ip_network("192.0.0.0/24"), ipaddress.ip_network("192.88.99.0/24"))
"""For the network itself (RFC 6890) and, formerly, the way to 6to4: no host of anybody's."""
_SIX_TO_FOUR = ipaddress.ip_network("2002::/16")
"""The one form within it that leads on to an IPv4 address (RFC 3056; no longer in use, RFC 7526)."""
LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


Kind = Literal["address", "answer"]
"""What is refused: where it leads, or what came back."""


class Barred(Exception):
    """An address that may not be asked, or an answer that is not taken: one line without content."""

    def __init__(self, kind: Kind, detail: str) -> None:
        super().__init__(detail)
        self.kind = kind
        self.detail = detail


Refuse: TypeAlias = Callable[[Kind, str], Exception]
"""Makes what is raised of what is refused, and why: each caller has words of its own."""


def check_address(address: str, *, loopback: bool, refuse: Refuse = Barred) -> str:
    """Return ``address`` if it may be asked at all; ``loopback`` also allows this machine, without TLS.

    Raises what ``refuse`` makes for another scheme, credentials or a fragment.
    """
    try:
        url = httpx2.URL(address)
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise refuse("address", "not an address") from None
    if url.userinfo or url.fragment or not url.host:
        raise refuse("address", f"unusual address at {url.host!r}")
    if loopback and url.host in LOOPBACK and url.scheme in ("http", "https"):
        return address
    if url.scheme != "https":
        raise refuse("address", f"{url.host} without https")
    try:
        public = is_public(url.host)
    except ValueError:
        return address
    if not public:
        raise refuse("address", f"{url.host} is not a public address")
    return address


def is_public(literal: str) -> bool:
    """Say whether an address is one of a single host on the internet; raises ``ValueError`` for what is none."""
    found = ipaddress.ip_address(literal)
    if found.version == 6 and (found not in _UNICAST or found in _SIX_TO_FOUR):
        return False
    return found.is_global and not found.is_multicast and not any(found in one for one in _BESIDE)


_resolvers = ThreadPoolExecutor(RESOLVERS, "names")
_asked: dict[tuple[asyncio.AbstractEventLoop, str], asyncio.Future[list[str]]] = {}
"""The names that are being asked for."""


async def addresses_of(host: str) -> list[str]:
    """Return every address of ``host``. A name server that is slow keeps one thread for each of its names, not more."""
    loop = asyncio.get_running_loop()
    asked = _asked.get((loop, host))
    if asked is None:
        asked = _asked[loop, host] = loop.run_in_executor(_resolvers, _look_up, host)
        asked.add_done_callback(lambda done: _told((loop, host), done))
    return await asyncio.shield(asked)


def _told(key: tuple[asyncio.AbstractEventLoop, str], done: asyncio.Future[list[str]]) -> None:
    del _asked[key]
    if not done.cancelled():
        done.exception()  # whoever asked may have gone


def _look_up(host: str) -> list[str]:
    return [str(entry[4][0]) for entry in socket.getaddrinfo(host, None, proto=socket.IPPROTO_TCP)]


async def resolve(host: str, *, refuse: Refuse = Barred) -> str:
    """Return an address of ``host``, all of which are public. Raises ``OSError`` where there is none."""
    addresses = await addresses_of(host)
    if not addresses or not all(map(is_public, addresses)):
        raise refuse("address", f"{host} does not lead to a public address")
    return addresses[0]


async def connect(host: str, port: int, *, loopback: bool) -> socket.socket:
    """Return a socket connected to the very address that was checked; it does not block.

    ``loopback`` also allows this machine. Raises ``Barred`` and ``OSError``.
    """
    here = loopback and host in LOOPBACK
    for address in await addresses_of(host) if here else [await resolve(host)]:
        try:
            return await _connected(address, port)
        except OSError as error:
            failed = error
    raise failed


async def _connected(address: str, port: int) -> socket.socket:
    # Not in a thread: a machine that lets nobody connect would keep it.
    made = socket.socket(socket.AF_INET6 if ":" in address else socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setblocking(False)
        async with asyncio.timeout(PLACE):
            await asyncio.get_running_loop().sock_connect(made, (address, port))
    except BaseException:
        made.close()
        raise
    return made


class PublicNetwork(httpcore2.AsyncNetworkBackend):
    """Connects to public addresses only, to the one that was checked."""

    def __init__(self, refuse: Refuse = Barred) -> None:
        self._inner = httpcore2.AnyIOBackend()
        self._refuse = refuse

    async def connect_tcp(
        self,
        host: str,
        port: int,
        timeout: float | None = None,  # noqa: ASYNC109 - the signature is httpcore's
        local_address: str | None = None,
        socket_options: Iterable[Any] | None = None,
    ) -> httpcore2.AsyncNetworkStream:
        try:
            address = await resolve(host, refuse=self._refuse)
        except OSError as error:
            raise httpcore2.ConnectError(str(error)) from error
        return await self._inner.connect_tcp(
            address, port, timeout=timeout, local_address=local_address, socket_options=socket_options
        )

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class PublicTransport(httpx2.AsyncHTTPTransport):
    """httpx2's own transport over ``PublicNetwork``."""

    def __init__(self, refuse: Refuse = Barred) -> None:
        super().__init__(trust_env=False)
        self._pool = httpcore2.AsyncConnectionPool(
            ssl_context=ssl.create_default_context(),
            network_backend=PublicNetwork(refuse),
            max_connections=None,  # GuardedTransport counts them
            max_keepalive_connections=AT_ONCE,
        )


class GuardedTransport(httpx2.AsyncBaseTransport):
    """Checks each address, cuts off each answer that is too long, and gives every host its own places.

    The clients only borrow it.
    """

    def __init__(
        self,
        inner: httpx2.AsyncBaseTransport | None = None,
        *,
        loopback: bool = False,
        refuse: Refuse = Barred,
    ) -> None:
        self._loopback = loopback
        self._refuse = refuse
        self._local: httpx2.AsyncBaseTransport | None = None
        self._public: httpx2.AsyncBaseTransport | None = None
        self._places: WeakValueDictionary[tuple[str, str], asyncio.Semaphore] = WeakValueDictionary()
        if inner is not None:
            self._local = self._public = inner

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        check_address(str(request.url), loopback=self._loopback, refuse=self._refuse)
        request.headers["Accept-Encoding"] = "identity"
        place = await self._place(request.url.host, request.extensions.get(OF, ""))
        try:
            response = await self._transport(request.url.host).handle_async_request(request)
        except BaseException:
            place.release()
            raise
        assert isinstance(response.stream, httpx2.AsyncByteStream)
        stream = _Limited(response.stream, place, self._refuse)
        if response.headers.get("Content-Encoding", "identity") != "identity":
            await stream.aclose()
            raise self._refuse("answer", "compressed though asked not to")
        told, beside = response.headers, response.extensions
        return httpx2.Response(response.status_code, headers=told, stream=stream, extensions=beside)

    async def _place(self, host: str, of: str = "") -> asyncio.Semaphore:
        """Wait for one of the host's places and take it; whoever holds one keeps them alive."""
        places = self._places.setdefault((host, of), asyncio.Semaphore(AT_ONCE))
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
            self._public = PublicTransport(self._refuse)
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

    def __init__(self, inner: httpx2.AsyncByteStream, place: asyncio.Semaphore, refuse: Refuse) -> None:
        self._inner = inner
        self._refuse = refuse
        self._place: asyncio.Semaphore | None = place

    async def __aiter__(self) -> AsyncIterator[bytes]:
        total = 0
        async for chunk in self._inner:
            total += len(chunk)
            if total > MOST_BYTES:
                raise self._refuse("answer", f"more than {MOST_BYTES} bytes")
            yield chunk

    async def aclose(self) -> None:
        place, self._place = self._place, None
        try:
            await self._inner.aclose()
        finally:
            if place is not None:
                place.release()
