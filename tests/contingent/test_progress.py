from __future__ import annotations

import io
from collections.abc import Callable
from itertools import chain, repeat

from contingent.progress import Progress


class Terminal(io.StringIO):
    def isatty(self) -> bool:
        return True

    def shows(self) -> list[str]:
        """Return the lines as they stand in the end."""
        return [line.rpartition("\033[2K")[2] for line in self.getvalue().split("\n")]


class Closed(Terminal):
    def write(self, text: str) -> int:
        raise OSError(5, "Input/output error")


def readings(*seconds: float) -> Callable[[], float]:
    """Return a stopwatch that shows these, one after the other, and then stands still."""
    return chain(seconds, repeat(seconds[-1])).__next__


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


def test_in_a_log_a_step_is_one_line_however_many_parts_it_has() -> None:
    said = io.StringIO()
    step = Progress(said, readings(0.0, 5.0))
    for part in ("UNTAG", "MINUSTAH", "BINUH"):
        step("Loading the missions", part)
    step.done()
    assert said.getvalue() == "  Loading the missions … 5.0 s\n"


def test_on_a_terminal_the_line_follows_the_parts_and_ends_without_them() -> None:
    said = Terminal()
    step = Progress(said, readings(0.0, 1.0, 1.0, 2.0))
    step("Loading the missions", "UNTAG")
    assert said.shows() == ["  Loading the missions: UNTAG …"]
    step("Loading the missions", "BINUH")
    assert said.shows() == ["  Loading the missions: BINUH …"]
    step.done()
    assert said.shows() == ["  Loading the missions … 2.0 s", ""]


def test_parts_that_follow_at_once_are_not_worth_a_write() -> None:
    said = Terminal()
    step = Progress(said, readings(0.0, 0.01))
    for number in range(1000):
        step("Delivering", f"{number} jobs")
    assert said.shows() == ["  Delivering: 0 jobs …"]


def test_on_a_terminal_a_quick_step_leaves_no_line() -> None:
    said = Terminal()
    step = Progress(said, readings(0.0, 0.2))
    step("Quick")
    step.done()
    assert said.shows() == [""]


def test_a_terminal_that_was_closed_does_not_keep_a_step_from_ending() -> None:
    step = Progress(Closed(), readings(0.0, 2.0))
    step("Loading")
    step("Loading", "more")
    step.done()
