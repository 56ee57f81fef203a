"""Sandboxes for test after test, of one zygote: starting that takes a second, and making a sandbox a hundredth."""

from __future__ import annotations

import socket

from core.hooks.sandbox.hosts import Hosts
from core.hooks.sandbox.linking import Link


class SharedHosts(Hosts):
    """Hosts that can be closed and used again: closing ends them, and leaves the zygote to whoever else asks it.

    They run with whatever means of confinement the machine has: here answers are tried, and not attackers.
    """

    def __init__(self, way: socket.socket) -> None:
        super().__init__(way, needs=())
        self._opened: list[Link] = []

    async def way(self, key: str) -> Link:
        link = await super().way(key)
        self._opened.append(link)
        return link

    async def close(self) -> None:
        # A trial has an event loop of its own each time it runs: nothing of the last one may be kept.
        for key in self._ways:
            self._kill(key)
        for link in self._opened:
            await link.close()
        self._ways.clear()
        self._kept.clear()
        self._opened.clear()
        if self._listening is not None:
            self._listening.remove_reader(self._control)
            self._listening = None
