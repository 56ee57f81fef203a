"""``ctx.http`` by the guarded way (``core.network``): named machines, deadlines, a line in the log without content."""

from __future__ import annotations

import asyncio
import logging
import math
import socket
import zlib
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlsplit

import httpx2

from core.hooks.granting import Grant, NotConsented
from core.hooks.http import Http, HttpAnswer, HttpFailed, Method, check_request, host_of
from core.hooks.sockets import Sockets
from core.network import OF, Barred, GuardedTransport, connect

log = logging.getLogger("contingent.plugins")

MOST_ATTEMPTS = 5
LONGEST = 60.0
"""Seconds that one attempt may be given."""
AGAIN = frozenset({429, 502, 503, 504})
"""Answers after which the same may be sent again."""
OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding", "user-agent"})
"""Headers that no plugin sets."""


class Reaching:
    """The plugins' way out of one process. ``loopback`` also allows this machine, for the demonstration."""

    def __init__(self, transport: httpx2.AsyncBaseTransport | None = None, *, loopback: bool = False) -> None:
        self._way = GuardedTransport(transport, loopback=loopback)

    def __call__(self, grant: Grant) -> Http:
        """Return what the plugin asks its machines with."""
        return PluginHttp(self._way, grant)

    async def close(self) -> None:
        """Close the connections, at the end of the process."""
        await self._way.close()


class Connecting:
    """The plugins' connections of their own, of one process. ``loopback`` also allows this machine."""

    def __init__(self, *, loopback: bool = False) -> None:
        self._loopback = loopback

    def __call__(self, grant: Grant) -> Sockets:
        """Return what the plugin connects to its machines with."""
        return PluginSockets(grant, loopback=self._loopback)


class PluginSockets:
    """``ctx.sockets`` of one plugin in one tenant."""

    def __init__(self, grant: Grant, *, loopback: bool) -> None:
        self.__grant = grant
        self.__loopback = loopback

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> socket.socket:
        if host not in self.__grant.hosts:
            raise _beyond(self.__grant, host)
        await self.__grant.require_on()
        try:
            async with asyncio.timeout(within(deadline)):
                return await connect(host, port, loopback=self.__loopback)
        except Barred as barred:
            raise ConnectionError(barred.detail) from None
        except OSError as error:
            raise ConnectionError(f"{host}: {type(error).__name__}") from None


def within(deadline: float) -> float:
    """Return the seconds that an attempt is given. What is no number of seconds (NaN, too) would upset every timer."""
    return LONGEST if math.isnan(deadline) else min(deadline, LONGEST)


def _read_alike(address: str, host: str) -> bool:
    """Say whether whoever sends reads the same machine in an address. Raises ``HttpFailed`` for what is none."""
    try:
        return httpx2.URL(address).host == host
    except (httpx2.InvalidURL, TypeError, ValueError):
        raise HttpFailed(f"{host}: not an address") from None


def _beyond(grant: Grant, host: str | None) -> NotConsented:
    told = ", ".join(sorted(grant.hosts)) or "none"
    remedy = f"it may ask these machines: {told}; name others in its manifest, or in the settings that hold addresses"
    return grant.refuse(f"the machine {host or 'without a name'}", remedy)


class PluginHttp:
    """``ctx.http`` of one plugin in one tenant."""

    def __init__(self, way: httpx2.AsyncBaseTransport, grant: Grant) -> None:
        # Names that a plugin does not reach by accident; in-process code cannot be confined.
        self.__way = way
        self.__grant = grant
        self.__ctx = ctx = grant.ctx
        self.__plugin = plugin = grant.origin.plugin
        # What several services send again comes spread out: each waits a share of the pause that is its own.
        self.__share = 0.5 + zlib.crc32(f"{ctx.scope.id} {plugin}".encode()) / 2**33

    async def send(
        self,
        method: Method,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        deadline: float = 8.0,
        attempts: int = 1,
    ) -> HttpAnswer:
        check_request(method, address, headers=headers, content=content, deadline=deadline, attempts=attempts)
        host = host_of(address) if "//" in address else None
        if host is None or host not in self.__grant.hosts or not _read_alike(address, host):
            raise _beyond(self.__grant, host)
        given = {name: value for name, value in (headers or {}).items() if name.lower() not in OURS}
        deadline = within(deadline)
        request = {"method": method, "url": address, "content": content}
        last = max(1, min(attempts, MOST_ATTEMPTS))
        for attempt in range(1, last + 1):
            await self.__grant.require_on()
            begun = self.__ctx.clock.monotonic()
            answer, said = None, "given up"
            try:
                answer = await self.__attempt(request, given, deadline)
                said = str(answer.status)
            except HttpFailed as failed:
                said = str(failed)
                if attempt == last:
                    raise
            finally:
                self.__note(method, host, begun, attempt, said)
            if answer is not None and (answer.status not in AGAIN or attempt == last):
                return answer
            await self.__ctx.clock.sleep(2 ** (attempt - 1) * self.__share)
        raise AssertionError

    async def __attempt(self, request: Any, headers: Mapping[str, str], deadline: float) -> HttpAnswer:
        told = {**headers, "User-Agent": "Contingent"}
        client = httpx2.AsyncClient(transport=self.__way, timeout=deadline, follow_redirects=False, trust_env=False)
        host = urlsplit(request["url"]).hostname
        try:
            async with asyncio.timeout(deadline), client:
                got = await client.request(**request, headers=told, extensions={OF: str(self.__ctx.scope.id)})
        except Barred as barred:
            raise HttpFailed(barred.detail) from None
        except (httpx2.HTTPError, httpx2.InvalidURL, TimeoutError, ValueError) as error:
            raise HttpFailed(f"{host}: {type(error).__name__}") from None
        return HttpAnswer(got.status_code, {name.lower(): value for name, value in got.headers.items()}, got.content)

    def __note(self, method: str, host: str, begun: float, attempt: int, said: str) -> None:
        """Leave a line: who asked which machine, how long it took and what came of it, and no content."""
        took = round((self.__ctx.clock.monotonic() - begun) * 1000)
        line = {"method": method, "host": host, "attempt": attempt, "ms": took, "outcome": said}
        extra = {"plugin": self.__plugin, "scope": str(self.__ctx.scope.id), "line": line}
        log.info("plugin %s asked %s", self.__plugin, host, extra=extra)
