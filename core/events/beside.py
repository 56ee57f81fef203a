"""The lanes beside a scope's own work: in each one job of a scope at a time, and of all scopes as many as there are.

What waits for others' machines (``aside``) or may take minutes (``tasks``) is not for the queue's few claims
(``core.events.queue``): each keeps a connection for as long as its job runs, and two scopes whose calls hang would
hold up everybody's. Here one connection keeps the locks of all that run (``core.database.locks``); each job is read,
counted and ended in a moment of its own.
"""

from __future__ import annotations

from collections.abc import Collection, Container
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.context import Scope
from core.database.engines import Database
from core.database.locks import Locks
from core.database.sessions import worker_session
from core.events.models import JobRow
from core.events.queue import Turns, count_attempt, lock_of, next_job, scopes_with_work
from core.events.subscribers import ASIDE, TASKS, Lane, in_lane

BESIDE: tuple[Lane, ...] = (ASIDE, TASKS)
AT_ONCE = 200
"""Jobs that one worker runs in these lanes: several times as many as there are services."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job that this process alone may run, until the lock is given back."""

    job: JobRow
    scope: Scope
    lane: Lane

    @property
    def lock(self) -> str:
        """The name of the lock of its lane."""
        return lock_of(self.scope.id, self.lane)


async def hold_job(
    database: Database,
    locks: Locks,
    now: datetime,
    turns: Turns,
    lane: Lane,
    *,
    only: Collection[UUID] | None = None,
    busy: Container[str] = (),
) -> Held | None:
    """Return the lane's next job that is due at ``now``, with its scope's lane locked and the attempt counted.

    ``only``: consider these scopes alone; ``busy``: not those with one of these locks.
    """
    if not in_lane(lane):
        return None
    async with worker_session(database) as session:
        scopes = turns.order(await scopes_with_work(session, now, only, lane=lane))
    for scope in scopes:
        lock = lock_of(scope.id, lane)
        if lock in busy or not await locks.take(lock):
            continue
        held = None
        try:
            held = await hold_next(database, scope, lane, now)
            if held is not None:
                turns.take(scope)
                return held
        finally:
            if held is None:
                await locks.give_back(lock)
    return None


async def hold_next(database: Database, scope: Scope, lane: Lane, now: datetime) -> Held | None:
    """Return the next job of a lane that is locked here already, with the attempt counted."""
    async with worker_session(database) as session:
        job = await next_job(session, scope.id, now, lane)
        if job is None:
            return None
        session.expunge(job)
    await count_attempt(database, job)
    return Held(job, scope, lane)


async def is_still(database: Database, held: Held) -> bool:
    """Say whether the job is there as it was read: nobody ended it, or began it, since."""
    async with worker_session(database) as session:
        row = await session.get(JobRow, held.job.id)
        return row is not None and (row.state, row.attempts) == ("waiting", held.job.attempts + 1)
