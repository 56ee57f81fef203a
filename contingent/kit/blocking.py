"""Catching what blocks: opening, connecting, starting programs (audited by the interpreter), sleeping, waiting.

What none of these names (a lock that another thread has, a loop that computes) is known by how long it holds the event
loop, by the host's own watchdog and from the same length on.
"""

from __future__ import annotations

import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import FrameType
from typing import Any

from core.hooks.running import Stage
from core.hooks.watchdog import HOLDS_AFTER, Watchdog

EVENTS = frozenset(
    {
        "open",
        "socket.connect",
        "socket.getaddrinfo",
        "subprocess.Popen",
        "os.system",
        "os.listdir",
        "os.scandir",
    }
)
HARMLESS = ("asyncio", "importlib", "<frozen importlib", "linecache", "traceback")
"""Where such a call does not block the loop, or happens once."""

WAITS = {
    threading.Condition.wait.__code__: "threading.Condition.wait",
    threading.Thread.join.__code__: "threading.Thread.join",
}
"""Where a thread waits for another: events, barriers, semaphores, queues and futures all come to the first."""

STARTS = threading.Thread.start.__code__
"""It waits until the thread runs, which is at once."""

_watching: list[_Watch] = []


class _Watch:
    def __init__(self, place: Path) -> None:
        self.place = f"{place}/" if place.is_dir() else str(place)
        self.thread = threading.get_ident()
        self.found: list[str] = []


@contextmanager
def watching(place: Path) -> Iterator[list[str]]:
    """Give a list that fills with the blocking calls which code under ``place`` makes on this thread."""
    if not _installed:
        sys.addaudithook(_audit)
        _installed.append(True)
    watch = _Watch(place)
    _watching.append(watch)
    before = sys.getprofile()
    sys.setprofile(_profile)
    try:
        yield watch.found
    finally:
        sys.setprofile(before)
        _watching.remove(watch)


@contextmanager
def holding(
    stage: Stage, holds_after: float = HOLDS_AFTER, then: Callable[[], object] = lambda: None
) -> Iterator[list[str]]:
    """Give a list that fills with the hooks whose code holds this thread for ``holds_after`` seconds without a pause.

    ``stage`` is the host's, on which the dispatcher shows whose code runs. ``then`` is called each time, in a thread of
    its own.
    """
    found: list[str] = []

    def report(part: Any) -> None:
        found.append(part.hook.name)
        then()

    watchdog = Watchdog(stage, report, holds_after=holds_after)
    watchdog.start()
    try:
        yield found
    finally:
        watchdog.stop()


class CutShort(BaseException):
    """It held the event loop for so long that the trial went on without it."""


@contextmanager
def cutting(stage: Stage, holds_after: float) -> Iterator[list[str]]:
    """Raise ``CutShort`` in the code of a hook that holds this thread for ``holds_after`` seconds; list these hooks.

    A signal does it, which wakes a thread that waits for a lock as well; only the main thread gets any, so that on
    another nothing is cut.
    """
    if threading.current_thread() is not threading.main_thread() or not hasattr(signal, "pthread_kill"):
        with holding(stage, holds_after) as found:
            yield found
        return
    main = threading.get_ident()

    def cut(*_: object) -> None:
        if stage.running is not None:
            raise CutShort

    before = signal.signal(signal.SIGUSR1, cut)
    try:
        with holding(stage, holds_after, lambda: signal.pthread_kill(main, signal.SIGUSR1)) as found:
            yield found
    finally:
        signal.signal(signal.SIGUSR1, before)


_installed: list[bool] = []


def _audit(event: str, _: tuple[Any, ...]) -> None:
    if _watching and event in EVENTS:
        _note(event, sys._getframe(1))  # noqa: SLF001 - the one way to ask who calls


def _profile(frame: FrameType, event: str, called: Any) -> None:
    # Python audits sleeping from 3.13 on only; whichever way it was imported, it is this function.
    if event == "c_call" and called is time.sleep:
        _note("time.sleep", frame)
    elif event == "call" and frame.f_code in WAITS and frame.f_locals.get("timeout") != 0:
        _note(WAITS[frame.f_code], frame)
    elif event == "c_call" and getattr(called, "__qualname__", "") == "SimpleQueue.get":
        _note("queue.SimpleQueue.get", frame)


def _note(event: str, frame: FrameType) -> None:
    for watch in tuple(_watching):
        if threading.get_ident() == watch.thread:
            line = _line_under(watch.place, frame)
            if line and f"{line} calls {event}" not in watch.found:
                watch.found.append(f"{line} calls {event}")


def _line_under(place: str, frame: FrameType | None) -> str | None:
    """Return the innermost line under ``place``, unless something harmless stands in between."""
    while frame is not None:
        name = frame.f_code.co_filename
        if name.startswith(place):
            return f"{Path(name).name}:{frame.f_lineno}"
        if frame.f_code is STARTS or any(part in name for part in HARMLESS):
            return None
        frame = frame.f_back
    return None
