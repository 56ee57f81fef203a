"""The thread that notices when a plugin holds the event loop, and names it.

While a plugin's code waits properly, everybody else's goes on. While it sleeps or computes
without waiting, nobody's does, deadlines included. The dispatcher publishes whose code runs;
this thread looks at it many times a second, and when the same stretch of code is still
running after a while it says so. It cannot stop the code: that needs a sandbox.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from typing import Any

from core.hooks.running import Stage

HOLDS_AFTER = 0.5
"""Seconds without a pause after which a stretch of code counts as blocking."""
INTERVAL = 0.05
"""Seconds between two looks."""


class Watchdog:
    """Calls ``report(whose)``, in its own thread, once for each stretch of code that blocks."""

    def __init__(self, stage: Stage, report: Callable[[Any], None], *, holds_after: float = HOLDS_AFTER) -> None:
        self._stage = stage
        self._report = report
        self._holds_after = holds_after
        self._interval = min(INTERVAL, holds_after / 4)
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, name="contingent-watchdog", daemon=True)
        self._cpu = _cpu_clock(threading.get_ident())

    def start(self) -> None:
        """Begin to watch the thread that made this object."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread; wait for a report under way."""
        self._ended.set()
        if self._thread.is_alive():
            self._thread.join()

    def _watch(self) -> None:
        looks = Looks(self._interval, self._holds_after)
        while not self._ended.wait(self._interval):
            whose = looks.take(self._stage.running, time.monotonic(), self._cpu())
            if whose is not None:
                self._report(whose)


class Looks:
    """What is concluded from one look after the other."""

    def __init__(self, interval: float, holds_after: float) -> None:
        self._interval = interval
        self._holds_after = holds_after
        self._seen: tuple[Any, Any] = (None, None)
        self._held = 0.0
        self._reported = False
        self._last: tuple[float, float] = (0.0, 0.0)

    def take(self, running: list[Any] | None, now: float, cpu: float) -> Any:
        """Return whose code blocks, once for each stretch, or ``None``.

        ``running``: what the stage shows; ``now`` and ``cpu``: seconds of the clock and of
        computing by the watched thread.
        """
        passed, computed = now - self._last[0], cpu - self._last[1]
        self._last = (now, cpu)
        whose = running[0] if running is not None else None
        if whose is None or running is not self._seen[0] or whose is not self._seen[1]:
            self._seen, self._held, self._reported = (running, whose), 0.0, False
            return None
        # A late look means that this thread did not run either: the machine was busy or asleep,
        # or the code held the interpreter. Only the time it computed is then its own.
        self._held += passed if passed < 4 * self._interval else min(passed, computed)
        if self._reported or self._held < self._holds_after:
            return None
        self._reported = True
        return whose


def _cpu_clock(thread: int) -> Callable[[], float]:
    """Return a clock of the seconds that ``thread`` has computed, or zeros where there is none."""
    try:
        clock = time.pthread_getcpuclockid(thread)
    except (AttributeError, OSError):
        return lambda: 0.0

    def read() -> float:
        try:
            return time.clock_gettime(clock)
        except OSError:
            return 0.0

    return read
