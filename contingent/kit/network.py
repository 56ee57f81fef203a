"""``ctx.http``, ``ctx.sockets`` and ``ctx.notifications`` for trials: nothing leaves the machine.

``ctx.http`` is the host's own, down to its checks, limits, pauses and failures; only the machines are invented.
"""

from __future__ import annotations

import asyncio
import socket
from collections.abc import Callable, Mapping
from datetime import timedelta
from typing import NamedTuple

import httpx2

from contingent import HttpAnswer
from core.clock import Clock, ManualClock
from core.hooks.granting import Grant
from core.hooks.http import Http
from core.hooks.reaching import Reaching

UNTOLD = frozenset({"host", "accept", "accept-encoding", "connection", "content-length", "user-agent"})
"""Headers that the way adds: what a plugin sent are the others."""


class Request(NamedTuple):
    """What a plugin sent, and for which tenant. Names of headers are in lower case."""

    tenant: str
    method: str
    address: str
    headers: Mapping[str, str]
    content: bytes


class Reply(NamedTuple):
    """What a machine does with a request: its answer (``None``: it lets nobody connect), ``after`` so many seconds."""

    answer: HttpAnswer | None
    after: float = 0.0


Answering = Callable[[Request], Reply]


def taken(_: Request) -> Reply:
    """Answer as a service does that takes everything and says nothing."""
    return Reply(HttpAnswer(204, {}, b""))


class TrialNetwork:
    """Every machine there is: ``answer`` says what they do, ``down`` that none lets anybody connect."""

    def __init__(self, clock: Clock) -> None:
        self.clock = clock
        self.requests: list[Request] = []
        self.answer: Answering = taken
        self.down = False
        self.unexpected: list[str] = []
        """Requests that a test does not know of, a sentence each."""

    def __call__(self, grant: Grant) -> Http:
        """Return what the plugin asks its machines with."""
        return Reaching(_Wire(self, grant))(grant)

    def check(self) -> None:
        """Raise ``AssertionError`` with every request that was not expected since the last time."""
        found, self.unexpected = self.unexpected, []
        if found:
            raise AssertionError("\n".join(found))


class _Wire(httpx2.AsyncBaseTransport):
    """What lies between the host's own ``ctx.http`` and the invented machines. Time passes on the trial's clock."""

    def __init__(self, network: TrialNetwork, grant: Grant) -> None:
        self._network = network
        self._tenant = grant.ctx.scope.slug

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        network = self._network
        if network.down:
            raise httpx2.ConnectError("every machine is down")
        told = {name.lower(): value for name, value in request.headers.items() if name.lower() not in UNTOLD}
        content = await request.aread()
        sent = Request(self._tenant, request.method, str(request.url), told, content)
        network.requests.append(sent)
        reply = network.answer(sent)
        patience = float(request.extensions["timeout"]["read"])
        await self._pass(min(reply.after, patience))
        if reply.after >= patience:
            raise httpx2.ReadTimeout("the deadline has passed")
        if reply.answer is None:
            raise httpx2.ConnectError("connection refused")
        return httpx2.Response(reply.answer.status, headers=dict(reply.answer.headers), content=reply.answer.content)

    async def _pass(self, seconds: float) -> None:
        if seconds and isinstance(self._network.clock, ManualClock):
            self._network.clock.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)


class TrialSockets:
    """``ctx.sockets``: there is nobody to connect to, as there may be any day."""

    def __init__(self, grant: Grant) -> None:
        self._grant = grant

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> socket.socket:
        if host not in self._grant.hosts:
            raise self._grant.refuse(f"the machine {host}", "it is not among those that it may ask")
        raise ConnectionError(f"{host}: ConnectionRefusedError")


class TrialReaders:
    """``ctx.notifications``: nobody wants a message a day, unless a test says how many do."""

    def __init__(self) -> None:
        self.digests: Callable[[str, str], int] = lambda _tenant, _plugin: 0
        """Puts what is unread into the outbox of a tenant's plugin; returns how many messages that is."""
        self.asked: list[tuple[str, str]] = []
        """For which tenant which plugin had that done."""

    def __call__(self, grant: Grant) -> TrialNotifications:
        """Return what the plugin has the day's messages written with."""
        return TrialNotifications(self, grant)


class TrialNotifications:
    """``ctx.notifications`` of one plugin in one invented tenant."""

    def __init__(self, readers: TrialReaders, grant: Grant) -> None:
        self._readers = readers
        self._grant = grant

    async def put_digests(self) -> int:
        whose = (self._grant.ctx.scope.slug, self._grant.origin.plugin)
        self._readers.asked.append(whose)
        return self._readers.digests(*whose)
