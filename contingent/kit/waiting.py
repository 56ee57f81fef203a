"""What a hook waits for: in a trial no time is waited, and what waits without end is named."""

from __future__ import annotations

import asyncio
import selectors
from typing import TYPE_CHECKING, Any

from contingent.kit.blocking import cutting
from contingent.kit.samples import arguments
from core.clock import ManualClock

if TYPE_CHECKING:
    from contingent.kit.checks import Subject

PATIENCE = 0.02
"""Seconds in which something from outside may still come before time is let pass: a thread of the plugin's own."""
HELD_AT_MOST = 10.0
"""Seconds for which a hook may hold the event loop before it is cut short."""
MOST_PAGES = 500
"""Pages after which a stream is held to have no end."""


class _Selector(selectors.DefaultSelector):
    """Waits as long as somebody outside may have an answer; otherwise it lets the loop's time pass."""

    loop: HurriedLoop

    def select(self, timeout: float | None = None) -> Any:
        if timeout is None or timeout <= PATIENCE or self.loop.asks_outside:
            return super().select(timeout)
        found = super().select(PATIENCE)
        if not found:
            self.loop.skipped += timeout - PATIENCE
        return found


class HurriedLoop(asyncio.SelectorEventLoop):
    """An event loop on which nothing is waited for that only time brings: deadlines come at once.

    What passes on ``clock``, the trial's, passes here, too. With a thread at work or a connection open, as to a
    sandbox, time is the machine's.
    """

    def __init__(self, clock: ManualClock) -> None:
        self.skipped = 0.0
        self._clock = clock
        self._at_work: set[asyncio.Future[Any]] = set()
        self._waits = _Selector()
        self._waits.loop = self
        super().__init__(self._waits)
        self._own = len(self._waits.get_map())

    @property
    def asks_outside(self) -> bool:
        """Somebody other than the loop itself may answer: a thread, or whoever is behind an open connection."""
        return bool(self._at_work) or len(self._waits.get_map()) > self._own

    def time(self) -> float:
        return super().time() + self.skipped + self._clock.monotonic()

    def run_in_executor(self, executor: Any, func: Any, *args: Any) -> asyncio.Future[Any]:  # type: ignore[override]
        """Run it in a thread, and let time be the machine's until it is done."""
        made: asyncio.Future[Any] = super().run_in_executor(executor, func, *args)
        self._at_work.add(made)
        made.add_done_callback(self._at_work.discard)
        return made


def ends_in_time(subject: Subject, held_at_most: float = HELD_AT_MOST) -> list[str]:
    """Every hook answers within its deadline, and a stream ends: nothing is waited for that may never come.

    One that holds the event loop for longer than ``held_at_most`` seconds is cut short: no deadline ends it.
    """
    trial = subject.trial()

    async def run() -> list[str]:
        with cutting(trial.host.stage, held_at_most) as held:
            found = await late(held)
        return found + [
            f"{name}: it held the event loop for {held_at_most:g} s, so that no deadline could end it: use"
            f" asyncio.to_thread, or await in between"
            for name in dict.fromkeys(held)
        ]

    async def late(held: list[str]) -> list[str]:
        ctx, found = trial.tenant("alpha"), []
        for hook in trial.hooks:
            for call in (*arguments(hook, "alpha"), *subject.cases.get(hook.name, ())):
                outcome = await trial.call(ctx, hook, call)
                if hook.name in held:
                    break
                if outcome.failure is None or outcome.failure.cause != "late":
                    continue
                instead = "end it where there is no more" if hook.call == "stream" else "give up before it"
                found.append(
                    f"{hook.name}: late, {outcome.failure.error}: the deadline is {hook.deadline:g} s; wait for nothing"
                    f" that may never come (asyncio.timeout), and {instead}"
                )
                break  # of one that waits, each further call would wait as long
        return found

    return trial.run(run)
