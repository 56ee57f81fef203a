from __future__ import annotations

import io
from collections.abc import Callable

from contingent.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True


def readings(*seconds: float) -> Callable[[], float]:
    """Return a stopwatch that shows these, one after the other."""
    return iter(seconds).__next__


def test_a_slow_step_says_how_long_it_took() -> None:
    said = io.StringIO()
    step = Progress(said, readings(0.0, 2.5))
    step("Loading 40 missions")
    step.done()
    assert said.getvalue() == "  Loading 40 missions … 2.5 s\n"


def test_the_next_step_ends_the_one_before() -> None:
    said = io.StringIO()
    step = Progress(said, readings(0.0, 0.2, 0.2, 0.4))
    step("First")
    step("Second")
    step.done()
    step.done()
    assert said.getvalue() == "  First …\n  Second …\n"


def test_on_a_terminal_a_quick_step_leaves_no_line() -> None:
    said = Terminal()
    step = Progress(said, readings(0.0, 0.2))
    step("Quick")
    step.done()
    assert said.getvalue().endswith("\r\033[2K")
