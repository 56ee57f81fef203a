"""Running a plugin's coroutine to its end or to its deadline, whichever comes first.

The coroutine is stepped by hand in the caller's own task. That makes three things possible
which ``asyncio.timeout`` cannot give: no timer is set for a coroutine that never waits; the
watchdog knows at each instant whose code runs; and a coroutine that swallows its
cancellation is left lying instead of being waited for.
"""

from __future__ import annotations

import asyncio
import ctypes
import types
from collections.abc import Coroutine, Generator
from typing import Any

GRACE = 0.25
"""Seconds in which a coroutine that is out of time may tidy up."""


GIVEN_UP: list[Any] = []
"""Coroutines that would not end, for the operator to count."""


class Late(Exception):
    """The deadline passed."""


class Stage:
    """Whose code holds the loop at this instant, for the watchdog."""

    __slots__ = ("running",)

    def __init__(self) -> None:
        self.running: list[Any] | None = None
        """A fresh list for each stretch of plugins' code; its first item says whose code it is now."""


class _Limit:
    """A timer that cancels the task when the deadline passes and once more after the grace."""

    __slots__ = ("_handle", "_task", "passed")

    def __init__(self, task: asyncio.Task[Any], seconds: float) -> None:
        self._task = task
        self.passed = 0
        self._handle = task.get_loop().call_later(seconds, self._pass)

    def _pass(self) -> None:
        self.passed += 1
        if self.passed == 1:
            self._handle = self._task.get_loop().call_later(GRACE, self._pass)
        self._task.cancel()

    def end(self) -> None:
        """Stop the timer and take back the cancellations it asked for."""
        self._handle.cancel()
        for _ in range(self.passed):
            self._task.uncancel()


@types.coroutine
def finish(
    work: Coroutine[Any, Any, Any], waits_for: Any, seconds: float, stage: Stage, whose: Any, *, inner: Any = None
) -> Generator[Any, Any, Any]:
    """Drive ``work``, which has been sent to once and waits for ``waits_for``; return its result.

    ``inner`` is what ``work`` itself awaits, where that is the plugin's coroutine.

    Raises ``Late`` after ``seconds``, what the coroutine raises, or ``CancelledError`` if the
    caller was cancelled, even where the coroutine hides that.
    """
    task = asyncio.current_task()
    assert task is not None
    asked_before = task.cancelling()
    limit = _Limit(task, seconds)
    result, error = None, None
    try:
        while True:
            thrown: BaseException | None = None
            try:
                sent = yield waits_for
            except GeneratorExit:
                give_up(work, stage, whose, inner)
                raise
            except BaseException as interruption:  # noqa: BLE001 - handed on to the coroutine
                thrown = interruption
            if limit.passed > 1:
                give_up(work, stage, whose, inner)
                break
            stage.running = [whose]
            try:
                waits_for = work.send(sent) if thrown is None else work.throw(thrown)
            except StopIteration as stop:
                result = stop.value
                break
            except BaseException as raised:  # noqa: BLE001 - judged below
                error = raised
                break
            finally:
                stage.running = None
    finally:
        limit.end()
    if task.cancelling() > asked_before:
        raise error if isinstance(error, asyncio.CancelledError) else asyncio.CancelledError
    if limit.passed:
        raise Late
    if error is not None:
        raise error
    return result


def give_up(work: Coroutine[Any, Any, Any], stage: Stage, whose: Any, inner: Any = None) -> None:
    """Close a coroutine for good; one that refuses is kept out of the collector's reach."""
    stage.running = [whose]
    try:
        work.close()
    except BaseException:  # noqa: BLE001 - whatever it does on its way out concerns nobody
        # Collecting it would run its code again, at the end of the process perhaps for ever: one
        # reference more than anybody holds keeps it from being collected at all.
        ctypes.pythonapi.Py_IncRef(ctypes.py_object((work, inner)))
        GIVEN_UP.append(work)
    finally:
        stage.running = None
