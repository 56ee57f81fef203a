"""How often plugins are called and how long they take, counted in the process and written down in batches.

A call costs two looks at the clock at most; nobody waits for a database. Of a hook that one request asks again and
again, and that is answered at once, the first calls are timed (``dispatch.TIMED``) and all are counted. What was
counted since the last batch (``host.PERIOD``) is lost with a process that is killed, and nothing else.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from itertools import accumulate
from math import ceil
from typing import NamedTuple
from uuid import UUID

SHORTEST = 1e-6
PER_DOUBLING = 4
"""Buckets between a time and its double: each is wider than the one before by a fifth."""
BOUNDS = [SHORTEST * 2 ** (step / PER_DOUBLING) for step in range(30 * PER_DOUBLING + 1)]
"""The longest time, in seconds, that each bucket holds; those over the last, 18 minutes, are counted after it."""
FAILED = -1
"""Stands for a bucket: that of the calls that failed, beside the one of their time."""
UNTIMED = -2
"""Stands for a bucket: that of the calls of which nobody knows how long they took."""
FORGOTTEN = 720
"""Batches without a call after which a tally is dropped: two hours, and nothing under way takes longer."""


def bucket_of(seconds: float) -> int:
    """Return the number of the bucket that holds a call of so many seconds."""
    return bisect_left(BOUNDS, seconds)


def percentile(counts: Mapping[int, int], share: float) -> float | None:
    """Return how many seconds ``share`` of the calls took at most: the bound of the bucket of the last of them.

    Where nothing was counted, ``None``.
    """
    buckets = sorted(bucket for bucket in counts if bucket >= 0 and counts[bucket])
    if not buckets:
        return None
    reached = list(accumulate(counts[bucket] for bucket in buckets))
    found = buckets[bisect_left(reached, ceil(share * reached[-1]))]
    return BOUNDS[min(found, len(BOUNDS) - 1)]


def calls_in(counts: Mapping[int, int]) -> int:
    """Return how many calls were counted."""
    return sum(number for bucket, number in counts.items() if bucket != FAILED)


class Counted(NamedTuple):
    """One plugin's implementation of one hook, for one tenant."""

    tenant: UUID
    plugin: str
    version: str
    hook: str


class Tally:
    """What was counted of one implementation for one tenant since the last batch."""

    __slots__ = ("failures", "idle", "taken", "untimed")

    def __init__(self) -> None:
        self.taken: list[float] = []
        """Seconds of each call, whatever came of it."""
        self.untimed = 0
        self.failures = 0
        """How many of all these failed."""
        self.idle = 0


class Measured(NamedTuple):
    """What one batch holds of one implementation for one tenant: calls by bucket, failures in ``FAILED``."""

    of: Counted
    buckets: Mapping[int, int]

    @property
    def calls(self) -> int:
        """All calls, those that failed among them."""
        return calls_in(self.buckets)

    @property
    def failures(self) -> int:
        """The calls that failed."""
        return self.buckets.get(FAILED, 0)


class Measures:
    """The tallies of one process."""

    def __init__(self) -> None:
        self._tallies: dict[Counted, Tally] = {}

    def tally(self, of: Counted) -> Tally:
        """Return where calls of this are counted."""
        known = self._tallies.get(of)
        if known is None:
            known = self._tallies[of] = Tally()
        return known

    def collect(self) -> list[Measured]:
        """Return what was counted since the last time, in the order of its keys, and begin anew."""
        found = []
        for of, tally in sorted(self._tallies.items()):
            tally.idle += 1
            if not (tally.taken or tally.untimed or tally.failures):
                if tally.idle > FORGOTTEN:
                    del self._tallies[of]
                continue
            buckets = Counter(bucket_of(seconds) for seconds in tally.taken)
            found.append(Measured(of, +(buckets | Counter({FAILED: tally.failures, UNTIMED: tally.untimed}))))
            # Emptied in place: who is calling holds on to it.
            tally.taken.clear()
            tally.untimed = tally.failures = tally.idle = 0
        return found
