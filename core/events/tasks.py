"""The lane of what may take minutes: of each scope one at a time, and of all scopes as many as there are.

A claim of the queue (``core.events.queue``) keeps a connection for as long as its job runs, and of those there
are few: two scopes whose tasks hang would hold up everybody's. Here one connection keeps the locks of all
that run (``core.database.locks``); each job is read, counted and ended in a moment of its own.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from core.context import Scope
from core.database.engines import Database
from core.database.locks import Locks
from core.database.sessions import worker_session
from core.events.models import JobRow
from core.events.queue import Turns, count_attempt, lock_of, next_job, scopes_with_work
from core.events.subscribers import TASKS, in_lane

AT_ONCE = 100
"""Tasks that one worker runs: more than there are services."""


@dataclass(frozen=True, slots=True)
class Held:
    """A job that this process alone may run, until the lock is given back."""

    job: JobRow
    scope: Scope

    @property
    def lock(self) -> str:
        """The name of the lock of its lane."""
        return lock_of(self.scope.id, TASKS)


async def hold_task(
    database: Database, locks: Locks, now: datetime, turns: Turns, *, only: Collection[UUID] | None = None
) -> Held | None:
    """Return the next task that is due at ``now``, with its lane locked and the attempt counted, if there is one."""
    if not in_lane(TASKS):
        return None
    async with worker_session(database) as session:
        scopes = turns.order(await scopes_with_work(session, now, only, lane=TASKS))
    for scope in scopes:
        lock = lock_of(scope.id, TASKS)
        if not await locks.take(lock):
            continue
        held = None
        try:
            async with worker_session(database) as session:
                job = await next_job(session, scope.id, now, TASKS)
                if job is not None:
                    session.expunge(job)
            if job is not None:
                await count_attempt(database, job)
                turns.take(scope)
                held = Held(job, scope)
                return held
        finally:
            if held is None:
                await locks.give_back(lock)
    return None
