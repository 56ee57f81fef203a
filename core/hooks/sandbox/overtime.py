"""Who works on when no call is under way in it: it is ended.

That a host works, the kernel says; that nobody has asked for it, only core's processes know, of which several may have
a way to it. So each is asked when the host has worked a ``STEP`` more, whether it had a call there since it was last
asked. A step in which nobody had one counts; who goes on like that without a rest is ended. Nothing is counted at a
call itself, and a process that does not answer is taken to have one.
"""

from __future__ import annotations

import itertools
import time
from collections.abc import Callable, Collection, Hashable
from dataclasses import dataclass, field
from typing import Generic, NamedTuple, TypeVar

from core.hooks.sandbox.turns import worked

EVERY = 0.25
"""Seconds between two looks."""
STEP = 0.5
"""Seconds of processor time after which it is asked whose work that was."""
BEHIND = 5.0
"""Seconds of processor time that a host may use with no call under way, if it does not rest meanwhile."""
REST = 30.0
"""Seconds in which a host that took them for one step has rested: it begins anew.

So many, for on a busy machine one that gave way to all others takes long for a step. Who has not answered until then is
asked anew.
"""

W = TypeVar("W", bound=Hashable)
"""What a process of core's is known by."""


class Ask(NamedTuple, Generic[W]):
    """Whom to ask of a host whether they had a call there; ``turn`` comes back with the answer."""

    key: str
    turn: int
    ways: tuple[W, ...]


@dataclass(slots=True)
class _Host(Generic[W]):
    process: int
    used: float
    """Its processor time when all had answered the last time."""
    since: float
    """When that was."""
    ways: dict[W, frozenset[str]] = field(default_factory=dict)
    """Who has a way to it, and which plugins each has had taken in there, as far as they were asked."""
    turn: int = 0
    opened: float = 0.0
    """When they were asked."""
    asked: set[W] = field(default_factory=set)
    """Who has still to answer."""
    rested: bool = True
    """Nobody had a call there, of those who have answered."""
    step: float = 0.0
    behind: float = 0.0


class Overtime(Generic[W]):
    """What the hosts of a zygote do with no call under way. Times are seconds of ``now``'s."""

    def __init__(self, now: Callable[[], float] = time.monotonic, worked: Callable[[int], float] = worked) -> None:
        self._now, self._worked = now, worked
        self._hosts: dict[str, _Host[W]] = {}
        self._turns = itertools.count(1)
        self._looked = now()

    def begin(self, key: str, process: int) -> None:
        """Heed a host from now on."""
        self._hosts[key] = _Host(process, self._worked(process), self._now())

    def end(self, key: str) -> None:
        """Forget a host that ends."""
        self._hosts.pop(key, None)

    def lead(self, key: str, way: W) -> None:
        """Note that a process was given a way to the host, to call there: it has been asked of nothing yet."""
        host = self._hosts[key]
        host.ways.setdefault(way, frozenset())
        host.rested = False

    def leave(self, way: W) -> None:
        """Forget a process that is gone. What it leaves running ends at the next step."""
        for host in self._hosts.values():
            host.ways.pop(way, None)
            if way in host.asked:
                host.asked.remove(way)
                self._close(host)

    def wait(self) -> float | None:
        """Return the seconds until the next look; ``None`` while there is nobody to look at."""
        return max(0.0, self._looked + EVERY - self._now()) if self._hosts else None

    def look(self) -> list[Ask[W]]:
        """Return who is to be asked by now, if it is time for a look."""
        now = self._now()
        if now - self._looked < EVERY:
            return []
        self._looked = now
        return [self._open(key, host, now) for key, host in self._hosts.items() if self._stepped(host, now)]

    def answer(self, key: str, turn: int, way: W, *, rested: bool, plugins: Collection[str]) -> bool:
        """Take a process's answer; say whether the host is now to be ended."""
        host = self._hosts.get(key)
        if host is None or host.turn != turn or way not in host.asked:
            return False
        host.asked.remove(way)
        host.ways[way] = frozenset(plugins)
        host.rested = host.rested and rested
        self._close(host)
        return not host.asked and host.rested and host.behind >= BEHIND

    def plugins(self, key: str) -> dict[W, frozenset[str]]:
        """Return which plugins are in the host, by the process that had them taken in."""
        return {way: plugins for way, plugins in self._hosts[key].ways.items() if plugins}

    def _stepped(self, host: _Host[W], now: float) -> bool:
        if not host.ways or (host.asked and now - host.opened < REST):
            return False
        return self._worked(host.process) - host.used >= STEP

    def _open(self, key: str, host: _Host[W], now: float) -> Ask[W]:
        if now - host.since >= REST:
            host.behind = 0.0
        used = self._worked(host.process)
        # Where somebody did not answer, what they asked or not until now is not known.
        host.step = 0.0 if host.asked else used - host.used
        host.turn, host.opened, host.asked, host.rested = next(self._turns), now, set(host.ways), True
        return Ask(key, host.turn, tuple(host.ways))

    def _close(self, host: _Host[W]) -> None:
        """Count the step once all have answered. What was done while they did is nobody's: a call may have ended."""
        if host.asked:
            return
        if host.rested:
            host.behind += host.step
        host.used, host.since = self._worked(host.process), self._now()
