"""Running the application on uvicorn, and stopping it without cutting anybody off."""

from __future__ import annotations

import asyncio
import contextlib
import signal
import socket
from collections.abc import Callable, Iterator
from typing import TYPE_CHECKING, Literal

import uvicorn
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

if TYPE_CHECKING:
    from litestar.types import ASGIApp

GRACE_SECONDS = 10
"""How long requests under way may take to finish once stopping was asked for."""
KEEP_ALIVE_SECONDS = 15
BACKLOG = 512
LONGEST_HEAD = 2**16
"""Bytes of a request's first line and headers together."""


async def serve(
    app: ASGIApp,
    port: int,
    *,
    host: str = "127.0.0.1",
    sockets: list[socket.socket] | None = None,
    stop: asyncio.Event | None = None,
    ready: Callable[[], None] | None = None,
    lifespan: Literal["on", "off"] = "on",
) -> None:
    """Serve ``app`` until a signal (interrupt, terminate) or ``stop``; then finish what is under way.

    ``sockets`` are ones already bound (then ``host`` and ``port`` are not used); ``ready`` is
    called once requests are taken. ``lifespan="off"`` serves an application that has none.
    """
    config = uvicorn.Config(
        app,
        host=host,
        port=port,
        lifespan=lifespan,
        log_config=None,
        access_log=False,
        server_header=False,
        date_header=True,
        proxy_headers=True,
        loop="none",
        http=_Protocol,
        ws="none",
        backlog=BACKLOG,
        timeout_keep_alive=KEEP_ALIVE_SECONDS,
        timeout_graceful_shutdown=GRACE_SECONDS,
    )
    server = _Server(config, ready)
    loop = asyncio.get_running_loop()

    def finish() -> None:
        server.should_exit = True

    for number in (signal.SIGINT, signal.SIGTERM):
        with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
            loop.add_signal_handler(number, finish)
    stopping = asyncio.create_task(_stopping(stop, finish)) if stop is not None else None
    try:
        await server.serve(sockets=sockets)
    finally:
        if stopping is not None:
            stopping.cancel()
        for number in (signal.SIGINT, signal.SIGTERM):
            with contextlib.suppress(NotImplementedError, RuntimeError, ValueError):
                loop.remove_signal_handler(number)


class _Protocol(HttpToolsProtocol):
    """Ends a request whose address and headers go on and on: they are kept in memory until they end."""

    _head = 0
    """Bytes that came since the last request's headers ended."""

    def data_received(self, data: bytes) -> None:
        self._head += len(data)
        super().data_received(data)
        if self._head > LONGEST_HEAD and not self.transport.is_closing():
            self.send_400_response("The address or the headers are too long.")

    def on_headers_complete(self) -> None:
        super().on_headers_complete()
        self._head = 0

    def on_body(self, body: bytes) -> None:
        self._head = 0
        super().on_body(body)


class _Server(uvicorn.Server):
    """Leaves the process's signals to ``serve`` and says when it takes requests."""

    def __init__(self, config: uvicorn.Config, ready: Callable[[], None] | None) -> None:
        super().__init__(config)
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        if self.started and self._ready is not None:
            self._ready()

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


async def _stopping(stop: asyncio.Event, finish: Callable[[], None]) -> None:
    await stop.wait()
    finish()
