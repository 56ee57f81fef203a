"""Saying what is being done, on the terminal, for anything that takes longer than a second."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from contextlib import suppress
from typing import TextIO

SLOW = 1.0
REFRESH = 0.1


class Progress:
    """Prints one line a step; a step that took over a second says how long.

    Call it with what begins, and as often as need be with the part that it has come to:
    ``progress("Loading the missions", "MINUSTAH")``. The step lasts until another begins, or ``done()``.

    On a terminal the line follows the parts, and that of a step which took less than a second is
    taken back again, so that what stays is short. Elsewhere, in a log for instance, a step is one line.
    """

    def __init__(self, stream: TextIO | None = None, seconds: Callable[[], float] = time.monotonic) -> None:
        self._stream = stream or sys.stderr
        self._seconds = seconds
        self._step = ""
        self._began = 0.0
        self._shown = 0.0

    def __call__(self, step: str, part: str = "") -> None:
        """Say that ``step`` begins and the one before has ended; or, if it has begun already, which part it is at."""
        if step == self._step:
            self._follow(part)
            return
        self.done()
        self._step = step
        self._began = self._shown = self._seconds()
        self._write(_line(step, part if self._stream.isatty() else ""))

    def done(self) -> None:
        """End the step that is under way, if any."""
        if not self._step:
            return
        took = self._seconds() - self._began
        back = "\r\033[2K" if self._stream.isatty() else ""
        if took >= SLOW:
            self._write(f"{back and back + _line(self._step)} {took:.1f} s\n")
        else:
            self._write(back or "\n")
        self._step = ""

    def _follow(self, part: str) -> None:
        if self._stream.isatty() and self._seconds() - self._shown >= REFRESH:
            self._shown = self._seconds()
            self._write(f"\r\033[2K{_line(self._step, part)}")

    def _write(self, text: str) -> None:
        # A terminal that was closed must not keep its program from stopping in order.
        with suppress(OSError):
            self._stream.write(text)
            self._stream.flush()


def _line(step: str, part: str = "") -> str:
    return f"  {step}: {part} …" if part else f"  {step} …"


def silent(step: str, part: str = "") -> None:
    """Take the place of a ``Progress`` where nobody looks."""
