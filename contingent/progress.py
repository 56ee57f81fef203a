"""Saying what is being done, on the terminal, for anything that takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import TextIO

SLOW = 1.0


class Progress:
    """Prints one line a step; a step that took over a second says how long.

    On a terminal the line of a step that took less is taken back again, so that what stays is short.

    Call it with what begins: ``progress("Loading 40 missions")``. The step lasts until the
    next call or ``done()``.
    """

    def __init__(self, stream: TextIO | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._seconds = seconds
        self._began: float | None = None

    def __call__(self, step: str) -> None:
        """Say that ``step`` begins and that the one before has ended."""
        self.done()
        self._stream.write(f"  {step} …")
        self._stream.flush()
        self._began = self._seconds()

    def done(self) -> None:
        """End the step that is under way, if any."""
        if self._began is None:
            return
        took = self._seconds() - self._began
        brief = "\r\033[2K" if self._stream.isatty() else "\n"
        self._stream.write(f" {took:.1f} s\n" if took >= SLOW else brief)
        self._stream.flush()
        self._began = None


def silent(step: str) -> None:
    """Take the place of a ``Progress`` where nobody looks."""
