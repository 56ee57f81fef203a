"""The fixture ``http``: machines that answer as a test says, and what plugins sent them."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from math import inf
from typing import Any, Self
from urllib.parse import urlsplit

import msgspec

from contingent import HttpAnswer
from contingent.kit.network import Reply, Request, TrialNetwork, taken
from core.hooks.http import Method


class Expected:
    """What one machine does with requests of one method to one address: each time the next reply, at last the same.

    Without any reply it takes what comes, and answers 204.
    """

    def __init__(self, method: str, address: str) -> None:
        self.method = method
        self.address = address
        self._replies: list[Reply] = []
        self._given = 0

    def answers(
        self,
        status: int = 200,
        content: bytes = b"",
        *,
        json: Any = msgspec.UNSET,
        headers: Mapping[str, str] | None = None,
        after: float = 0.0,
    ) -> Self:
        """Let it answer with ``content``, or with ``json`` encoded; ``after``: seconds that pass on the test's clock.

        Where that is as long as the plugin's deadline, or longer, the plugin is told that nothing came.
        """
        told = dict(headers or {})
        if json is not msgspec.UNSET:
            content, told = msgspec.json.encode(json), {"content-type": "application/json"} | told
        return self._then(Reply(HttpAnswer(status, told, content), after))

    def refuses(self) -> Self:
        """Let it refuse the connection: ``HttpFailed`` at once."""
        return self._then(Reply(None))

    def hangs(self) -> Self:
        """Let it say nothing: ``HttpFailed`` once the plugin's deadline has passed on the test's clock."""
        return self._then(Reply(None, inf))

    def _then(self, reply: Reply) -> Self:
        self._replies.append(reply)
        return self

    def fits(self, request: Request) -> bool:
        """Say whether the request is this one; an address without a query is that of every query."""
        sent = request.address if urlsplit(self.address).query else request.address.partition("?")[0]
        return (request.method, sent) == (self.method, self.address)

    def next_reply(self, request: Request) -> Reply:
        """Return what it does with this request."""
        if not self._replies:
            return taken(request)
        self._given += 1
        return self._replies[min(self._given, len(self._replies)) - 1]


class Machines:
    """Machines on a network where nothing else is. What plugins send elsewhere fails the test, by name."""

    def __init__(self, network: TrialNetwork) -> None:
        self._network = network
        self._expected: list[Expected] = []
        network.answer = self._answer

    def on(self, method: Method, address: str) -> Expected:
        """Expect requests of this method to this address (``https://host/path``); say then what comes back.

        Of two that fit the same request, the one that was said last holds.
        """
        assert urlsplit(address).scheme == "https", f"{address}: ctx.http reaches https:// alone"
        made = Expected(method, address)
        self._expected.insert(0, made)
        return made

    @property
    def sent(self) -> Sequence[Request]:
        """What plugins have sent, in its order, each attempt by itself."""
        return tuple(self._network.requests)

    def check(self) -> None:
        """Raise ``AssertionError`` with every request that was not expected. Asking a tenant and the end do it, too."""
        self._network.check()

    def _answer(self, request: Request) -> Reply:
        for one in self._expected:
            if one.fits(request):
                return one.next_reply(request)
        known = ", ".join(f"{one.method} {one.address}" for one in reversed(self._expected)) or "none"
        self._network.unexpected.append(
            f"{request.tenant} sent an unexpected request: {request.method} {request.address}; expected: {known}"
        )
        return Reply(None)
