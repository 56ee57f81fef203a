"""A bucket that fills evenly: one statement takes from it, so any number of processes share it.

The generic cell rate algorithm (ITU-T I.371): a row holds one instant, at which the bucket is
full again. Each call moves it by ``window / quota``; a call that would move it more than ``quota``
times as far ahead of now is refused and moves nothing.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from math import ceil

import msgspec
from sqlalchemy import ColumnElement, DateTime, delete, func, literal, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock
from core.database.engines import Database
from core.database.sessions import worker_session
from core.limits.models import RateBucket


class Limit(msgspec.Struct, frozen=True):
    """At most ``quota`` calls at once, and as many again evenly over ``window`` seconds.

    ``batch``: how many calls, of the ``quota`` at most, a process takes from the bucket at a time,
    where a statement for each call would cost more than the limit is worth.
    """

    name: str
    quota: int
    window: int = 60
    batch: int = 1

    @property
    def step(self) -> timedelta:
        """The time in which the bucket regains one call."""
        return timedelta(seconds=self.window) / self.quota

    @property
    def depth(self) -> timedelta:
        """The time in which an empty bucket is full again: the window, but for what ``step`` was rounded by."""
        return self.step * self.quota


class Allowance(msgspec.Struct, frozen=True):
    """What a call came to: whether it is allowed, how many more are, and in how many seconds all are again.

    ``retry_after``: whole seconds until a refused call would be allowed.
    """

    limit: Limit
    allowed: bool
    remaining: int
    reset: int
    retry_after: int = 0


async def take(session: AsyncSession, key: str, limit: Limit, now: datetime, *, calls: int = 1) -> Allowance:
    """Take ``calls`` from the bucket ``key``, all or none."""
    more, most = limit.step * calls, now + limit.depth
    moved = func.greatest(RateBucket.full_at, _instant(now)) + more
    row = insert(RateBucket).values(key=key, full_at=now + more)
    taken = row.on_conflict_do_update(index_elements=["key"], set_={"full_at": moved}, where=moved <= _instant(most))
    full_at: datetime | None = await session.scalar(taken.returning(RateBucket.full_at))
    if full_at is not None:
        return Allowance(limit, True, (most - full_at) // limit.step, ceil((full_at - now).total_seconds()))
    found = select(RateBucket.full_at).where(RateBucket.key == key)
    full_at = await session.scalar(found) or now
    left = max(0, (most - full_at) // limit.step)
    wait = max(1, ceil((full_at + more - most).total_seconds()))
    return Allowance(limit, False, left, ceil((full_at - now).total_seconds()), wait)


def _instant(value: datetime) -> ColumnElement[datetime]:
    return literal(value, DateTime(timezone=True))


async def clear_full(database: Database, clock: Clock) -> int:
    """Delete the buckets that are full, which say nothing, and return how many."""
    async with worker_session(database) as session:
        full = delete(RateBucket).where(RateBucket.full_at <= clock.now())
        return len((await session.scalars(full.returning(RateBucket.key))).all())
