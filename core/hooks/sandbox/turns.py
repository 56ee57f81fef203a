"""Whose turn it is on the processors: a host that works without a pause lets every other go first.

With the same rank as the others, a host that computes or fills its memory holds each of them up for a whole slice of
the scheduler's, call after call, until its deadline. In the kernel's idle class it has what nobody else wants, and is
interrupted by whoever wakes. That is asked of what its process has used, threads and all, and not of its calls: a
plugin that waits for an answer uses nothing, and one that works on behind its answer is not missed.
"""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path

from core.hooks.sandbox.confinement import NICENESS

EVERY = 0.025
"""Seconds between two looks."""
BUSY = 0.4
"""The part of the time since the last look that a host has worked when it begins to give way."""
CALM = 5.0
"""Seconds without such a look after which a tenant's host is ranked as the others are."""


def worked(process: int) -> float:
    """Return the seconds of processor time that a process has used; see ``clock_getcpuclockid(3)``."""
    return time.clock_gettime(~process << 3 | 2)


def may_rank() -> bool:
    """Say whether a host can be ranked up again here; it is tried with a process that ends at once.

    Root may do so, and whom ``RLIMIT_NICE`` lets be as little nice as hosts are. A host of anybody else's would give
    way for good, for a moment's work.
    """
    child = os.fork()
    if child == 0:
        signal.pause()
    try:
        os.setpriority(os.PRIO_PROCESS, child, NICENESS)
        for policy in (os.SCHED_IDLE, os.SCHED_OTHER):
            os.sched_setscheduler(child, policy, os.sched_param(0))
    except PermissionError:
        return False
    finally:
        os.kill(child, signal.SIGKILL)
        os.waitpid(child, 0)
    return True


def rank(process: int, *, last: bool) -> None:
    """Rank the process behind all others, or as one of them."""
    policy = os.SCHED_IDLE if last else os.SCHED_OTHER
    with suppress(FileNotFoundError):
        for thread in Path(f"/proc/{process}/task").iterdir():
            with suppress(ProcessLookupError, PermissionError):
                os.sched_setscheduler(int(thread.name), policy, os.sched_param(0))


class Turns:
    """The hosts of a zygote, and which tenants' give way, if any may. Times are seconds of ``now``'s."""

    def __init__(
        self,
        now: Callable[[], float] = time.monotonic,
        worked: Callable[[int], float] = worked,
        rank: Callable[..., None] = rank,
        *,
        may_rank: bool = True,
    ) -> None:
        self._now, self._worked, self._rank, self._may_rank = now, worked, rank, may_rank
        self._hosts: dict[int, tuple[str, float]] = {}
        self._last: dict[str, float] = {}
        self._looked = now()

    def begin(self, process: int, tenant: str) -> None:
        """Heed a host from now on; a tenant whose last one gave way begins there."""
        if not self._may_rank:
            return
        self._hosts[process] = tenant, self._worked(process)
        if tenant in self._last:
            self._rank(process, last=True)

    def end(self, process: int) -> None:
        """Forget a host that ends; ranked as the others are, it is not kept waiting for its end."""
        tenant, _ = self._hosts.pop(process, ("", 0.0))
        if tenant in self._last:
            self._rank(process, last=False)

    def wait(self) -> float | None:
        """Return the seconds until the next look; ``None`` while there is nobody to look at."""
        return max(0.0, self._looked + EVERY - self._now()) if self._hosts else None

    def look(self) -> None:
        """Rank the hosts by what they have done since the last look, if it is time for one."""
        now = self._now()
        if (since := now - self._looked) < EVERY:
            return
        self._looked = now
        for process, (tenant, before) in self._hosts.items():
            used = self._worked(process)
            self._hosts[process] = tenant, used
            if used - before >= BUSY * since:
                self._last[tenant] = now
                # Each time: a thread may have begun while the others were ranked.
                self._rank_all(tenant, last=True)
        for tenant in [one for one, busy in self._last.items() if now - busy >= CALM]:
            del self._last[tenant]
            self._rank_all(tenant, last=False)

    def _rank_all(self, tenant: str, *, last: bool) -> None:
        for process, (whose, _) in self._hosts.items():
            if whose == tenant:
                self._rank(process, last=last)
