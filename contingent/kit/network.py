"""``ctx.http``, ``ctx.sockets`` and ``ctx.notifications`` for trials: nothing leaves the machine."""

from __future__ import annotations

import socket
from collections.abc import Callable, Mapping
from typing import NamedTuple

from contingent import HttpAnswer, HttpFailed
from core.hooks.granting import Grant
from core.hooks.http import Http, Method, host_of


class Request(NamedTuple):
    """What a plugin sent, and for which tenant."""

    tenant: str
    method: str
    address: str
    headers: Mapping[str, str]
    content: bytes


Answering = Callable[[Request], HttpAnswer]


def taken(_: Request) -> HttpAnswer:
    """Answer as a service does that takes everything and says nothing."""
    return HttpAnswer(204, {}, b"")


class TrialNetwork:
    """Every machine there is: ``answer`` says what it answers, ``down`` that none does."""

    def __init__(self) -> None:
        self.requests: list[Request] = []
        self.answer: Answering = taken
        self.down = False

    def __call__(self, grant: Grant) -> Http:
        """Return what the plugin asks its machines with."""
        return TrialHttp(self, grant)


class TrialSockets:
    """``ctx.sockets``: there is nobody to connect to, as there may be any day."""

    def __init__(self, grant: Grant) -> None:
        self._grant = grant

    async def connect(self, host: str, port: int, *, deadline: float = 8.0) -> socket.socket:
        if host not in self._grant.hosts:
            raise self._grant.refuse(f"the machine {host}", "it is not among those that it may ask")
        raise ConnectionError(f"{host}: ConnectionRefusedError")


class TrialNotifications:
    """``ctx.notifications``: nobody wants a message a day."""

    def __init__(self, grant: Grant) -> None:
        pass

    async def put_digests(self) -> int:
        return 0


class TrialHttp:
    """``ctx.http`` of one plugin in one invented tenant."""

    def __init__(self, network: TrialNetwork, grant: Grant) -> None:
        self._network = network
        self._grant = grant

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
        host = host_of(address)
        if host not in self._grant.hosts:
            told = ", ".join(sorted(self._grant.hosts)) or "none"
            raise self._grant.refuse(f"the machine {host or address!r}", f"it may ask these machines: {told}")
        if self._network.down:
            raise HttpFailed(f"{host}: ConnectError")
        request = Request(self._grant.ctx.scope.slug, method, address, dict(headers or {}), content)
        self._network.requests.append(request)
        return self._network.answer(request)
