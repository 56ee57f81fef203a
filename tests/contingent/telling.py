"""A process that does what it is told, and the question that is asked again until the answer is right."""

from __future__ import annotations

import select
import subprocess
import sys
import time
from collections.abc import Callable, Mapping

from tests.contracts.sources import ROOT

WITHIN = 2.0
"""Seconds, from the instant at which the deed is done to that at which the answer has to be right."""

AGAIN = 0.05
"""Seconds for which a line is waited for before something else is done."""


class Told:
    """A process that does what it is told, line by line: see ``asking``."""

    def __init__(self, slug: str, environment: Mapping[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.contingent.asking", slug],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
            cwd=ROOT,
            env=environment,
        )
        assert self.heard() == "ready"

    def tell(self, line: str) -> str:
        """Send a line and return what came of it."""
        self.send(line)
        return self.heard()

    def send(self, line: str) -> None:
        """Send a line, without waiting for what comes of it."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{line}\n")
        self._process.stdin.flush()

    def has_said(self) -> bool:
        """Say whether it has said something that nobody has heard yet."""
        assert self._process.stdout is not None
        return bool(select.select([self._process.stdout], [], [], AGAIN)[0])

    def end(self) -> None:
        """Close its input, at which it ends."""
        self._process.communicate(timeout=60)
        assert self._process.returncode == 0

    def heard(self) -> str:
        """Return the next line that it says."""
        assert self._process.stdout is not None
        return self._process.stdout.readline().strip()


def until(expected: str, ask: Callable[[], str], *, done: float, queued: bool = True) -> float:
    """Ask until the answer is what is expected; return after how many seconds it was.

    The deed was ``done`` at that second of ``time.monotonic``. What is asked within ``WITHIN`` seconds may be answered
    as before, whenever the answer comes; what is asked later may not. Where a question is not ``queued``, no answer
    that comes later may be as before.
    """
    while True:
        asked = time.monotonic() - done
        said = ask()
        if said == expected:
            return time.monotonic() - done
        asked = asked if queued else time.monotonic() - done
        assert asked < WITHIN, f"{said!r} to what was asked after {asked:.1f} s, where {expected!r} was to be"
