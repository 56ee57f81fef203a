"""The launcher: starts the processes that belong together, and leaves none of them behind.

The launcher holds one end of a pipe, its *lifeline*; each child reads the other. When the
launcher is gone, however it went, the pipe closes and the child stops by itself.
"""

from __future__ import annotations

import asyncio
import os
import signal
import socket
import sys
import threading
from collections.abc import Awaitable, Callable, Coroutine, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

LIFELINE = "CONTINGENT_LIFELINE"
GRACE_SECONDS = 12.0
TAIL_LINES = 15
STOPPING = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
STDIN = 0


@dataclass(frozen=True, slots=True)
class Child:
    """A process of this Python to start with ``arguments``, given ``sockets``, writing to ``log`` (a file, or here).

    ``sandbox``: its way to the zygote. ``bare``: it is given nothing of this process's environment.
    """

    name: str
    arguments: tuple[str, ...]
    sockets: tuple[socket.socket, ...] = ()
    log: Path | None = None
    sandbox: socket.socket | None = None
    bare: bool = False


class Stopped(Exception):
    """A child ended by itself; the message says which and why."""


class Launcher:
    """Starts children, waits for the first reason to stop, then stops them all, the last one first."""

    def __init__(self, environment: Mapping[str, str]) -> None:
        self._environment = dict(environment)
        self._asked = asyncio.Event()
        self._asked_again = asyncio.Event()
        self._running: list[tuple[Child, asyncio.subprocess.Process]] = []
        self._lifeline = os.pipe()

    async def run(
        self,
        children: Sequence[Child],
        *,
        ready: Callable[[], Awaitable[None]],
        watch: Callable[[], str | None] = lambda: None,
        every_seconds: float = 1.0,
    ) -> None:
        """Start ``children`` and return when a person asked to stop.

        ``ready`` runs once they are started: it waits until they answer, and announces it.
        ``watch`` is asked ``every_seconds`` and names what has gone wrong outside the children.
        Raises ``Stopped`` if a child ended first. Nothing is left running in either case.
        """
        loop = asyncio.get_running_loop()
        stopping = heeded()
        for number in stopping:
            loop.add_signal_handler(number, self._ask)
        try:
            for child in children:
                await self._start(child)
            await self._until_stopped(_ready_and_well(ready, watch, every_seconds))
        finally:
            await self._stop_all()
            for number in stopping:
                loop.remove_signal_handler(number)

    def _ask(self) -> None:
        (self._asked_again if self._asked.is_set() else self._asked).set()

    async def _start(self, child: Child) -> None:
        # A group of its own: Ctrl-C in the terminal reaches the launcher alone, which then stops things in order.
        output = child.log.open("ab") if child.log else None
        given = [f"--socket={one.fileno()}" for one in child.sockets]
        kept = [self._lifeline[0], *(one.fileno() for one in child.sockets)]
        if child.sandbox is not None:
            given.append(f"--sandbox={child.sandbox.fileno()}")
            kept.append(child.sandbox.fileno())
        try:
            process = await asyncio.create_subprocess_exec(
                sys.executable,
                *child.arguments,
                *given,
                env={} if child.bare else self._environment | {LIFELINE: str(self._lifeline[0])},
                pass_fds=kept,
                stdin=asyncio.subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                start_new_session=True,
            )
        finally:
            if output:
                output.close()
        self._running.append((child, process))

    async def _until_stopped(self, well: Coroutine[Any, Any, None]) -> None:
        asked = asyncio.create_task(self._asked.wait())
        becoming = asyncio.create_task(well)
        ends = {asyncio.create_task(process.wait()): child for child, process in self._running}
        tasks: set[asyncio.Task[Any]] = {asked, becoming, *ends}
        try:
            done, _ = await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
            for task, child in ends.items():
                if task in done:
                    raise Stopped(_farewell(child, task.result()))
            if becoming in done and asked not in done:
                becoming.result()
        finally:
            for one in tasks:
                one.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)

    async def _stop_all(self) -> None:
        for _, process in reversed(self._running):
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    process.terminate()
        waiting = asyncio.gather(*(process.wait() for _, process in self._running))
        impatient = asyncio.create_task(self._asked_again.wait())
        pair: set[asyncio.Future[Any]] = {waiting, impatient}
        await asyncio.wait(pair, timeout=GRACE_SECONDS, return_when=asyncio.FIRST_COMPLETED)
        impatient.cancel()
        for _, process in self._running:
            if process.returncode is None:
                with suppress(ProcessLookupError):
                    os.killpg(process.pid, signal.SIGKILL)
        await waiting
        for end in self._lifeline:
            os.close(end)


async def _ready_and_well(
    ready: Callable[[], Awaitable[None]], watch: Callable[[], str | None], every_seconds: float
) -> None:
    await ready()
    while True:
        await asyncio.sleep(every_seconds)
        if reason := watch():
            raise Stopped(reason)


def _farewell(child: Child, status: int) -> str:
    how = f"was ended by {signal.Signals(-status).name}" if status < 0 else f"ended with status {status}"
    if child.log is None:
        return f"The {child.name} process {how}; its own lines above say why."
    last = child.log.read_text(encoding="utf-8", errors="replace").splitlines()[-TAIL_LINES:]
    return "\n".join([f"The {child.name} process {how}. The end of {child.log}:", *(f"  {line}" for line in last)])


def heeded() -> list[signal.Signals]:
    """Return the signals that ask this process to stop; ``nohup`` takes the closing of the terminal out of them."""
    outlives = signal.getsignal(signal.SIGHUP) is signal.SIG_IGN
    return [one for one in STOPPING if one is not signal.SIGHUP or not outlives]


def watch_terminal() -> Callable[[], str | None]:
    """Return what says that the terminal was closed, if this process has one and heeds that.

    The system's own signal goes to whatever the terminal ran first: that may be ``make``, which keeps it to itself.
    """
    if signal.SIGHUP not in heeded() or not os.isatty(STDIN):
        return lambda: None
    return lambda: None if os.isatty(STDIN) else "The terminal was closed."


def follow_lifeline() -> None:
    """In a child: stop when the launcher is gone. Does nothing in a process that has no launcher."""
    given = os.environ.pop(LIFELINE, "")
    if not given:
        return

    def wait() -> None:
        with suppress(OSError):
            os.read(int(given), 1)
        os.kill(os.getpid(), signal.SIGTERM)

    threading.Thread(target=wait, name="lifeline", daemon=True).start()
