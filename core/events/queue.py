"""The queue behind the outbox. Why it is our own: ``docs/decisions/0004-the-queue-is-our-own.md``.

A claim is a transaction that holds the scope's advisory lock while the job runs elsewhere. A
worker that is killed loses its connection, PostgreSQL ends the transaction, and the job is
there for the next: no lease, no heartbeat, nothing to sweep. So of one scope no two jobs
ever run at the same time; they run in the order of their writing, except that a job that
failed steps aside until its next attempt, together with the later jobs of the same
subscriber about the same subject. What waits for others' machines (``aside``) has a lane of
its own beside the scope's own work, and so has what may take minutes (``tasks``); workers
claim both otherwise (``core.events.beside``), and in each too no two run at the same time.
"""

from __future__ import annotations

import random
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import delete, func, literal, select, true, update
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from core.context import Scope
from core.database.directory import ScopeRow
from core.database.engines import Database
from core.database.sessions import worker_session
from core.events.models import JobRow
from core.events.subscribers import LANES, OWN, Lane, in_lane

ATTEMPTS = 10
LONGEST_PAUSE = 3_600.0
LONGEST_JOB = 900
"""Seconds after which PostgreSQL gives up a claim whose machine vanished without a word."""
LOST = "the worker ended while running it"


@dataclass(frozen=True, slots=True)
class Claim:
    """A job that this process alone may run until the transaction of ``session`` ends."""

    session: AsyncSession
    job: JobRow
    scope: Scope


class Turns:
    """Whose turn it is, so that a scope with very many jobs does not starve the others."""

    def __init__(self) -> None:
        self._served: dict[UUID, int] = {}
        self._turn = 0

    def order(self, scopes: Sequence[Scope]) -> list[Scope]:
        """Return ``scopes``, the one served longest ago first."""
        return sorted(scopes, key=lambda scope: self._served.get(scope.id, 0))

    def take(self, scope: Scope) -> None:
        """Note that ``scope`` is served now."""
        self._turn += 1
        self._served[scope.id] = self._turn


@asynccontextmanager
async def claim(
    database: Database,
    now: datetime,
    turns: Turns,
    *,
    only: Collection[UUID] | None = None,
    lanes: Sequence[Lane] = LANES,
) -> AsyncIterator[Claim | None]:
    """Claim the next job that is due at ``now``, or ``None`` if there is none; released at exit.

    ``only``: consider these scopes alone; ``lanes``: these lanes of theirs. The attempt is
    counted, durably, before the job is handed out, so that a job that kills its worker comes to
    an end too.
    """
    async with worker_session(database, patience=LONGEST_JOB) as session:
        found = await _find(session, now, turns, only, lanes)
        if found is not None:
            await count_attempt(database, found.job)
        yield found


async def count_attempt(database: Database, job: JobRow) -> None:
    """Count, durably, that the job is being run."""
    async with worker_session(database) as counting:
        await counting.execute(update(JobRow).where(JobRow.id == job.id).values(attempts=JobRow.attempts + 1))


async def _find(
    session: AsyncSession, now: datetime, turns: Turns, only: Collection[UUID] | None, lanes: Sequence[Lane]
) -> Claim | None:
    for scope in turns.order(await scopes_with_work(session, now, only)):
        for lane in lanes:
            job = await _lock_next_job(session, scope.id, now, lane) if lane == OWN or in_lane(lane) else None
            if job is not None:
                session.expunge(job)
                turns.take(scope)
                return Claim(session, job, scope)
    return None


def lock_of(scope_id: UUID, lane: Lane) -> str:
    """Return what the lock of a scope's lane is called."""
    return f"jobs:{scope_id}" if lane == OWN else f"jobs:{scope_id}:{lane}"


async def _lock_next_job(session: AsyncSession, scope_id: UUID, now: datetime, lane: Lane) -> JobRow | None:
    """Return the next job of the scope's lane with the lane locked, or ``None`` with it as free as it was."""
    lock = func.pg_try_advisory_xact_lock(func.hashtextextended(lock_of(scope_id, lane), 0))
    async with session.begin_nested() as looking:
        job = await next_job(session, scope_id, now, lane) if await session.scalar(select(lock)) else None
        if job is None:
            # Taking the savepoint back is what gives the lock back: the transaction may last as long as a job.
            await looking.rollback()
        return job


async def scopes_with_work(
    session: AsyncSession, now: datetime, only: Collection[UUID] | None, *, lane: Lane | None = None
) -> list[Scope]:
    """Return the scopes that have a job that is due, in this lane if one is named."""
    found = select(literal(1).label("one")).where(
        JobRow.scope_id == ScopeRow.id, JobRow.state == "waiting", JobRow.due_at <= now
    )
    if lane is not None:
        found = found.where(JobRow.subscriber.in_(in_lane(lane)))
    wanted = select(ScopeRow).join(found.limit(1).lateral("due"), true())
    if only is not None:
        wanted = wanted.where(ScopeRow.id.in_(only))
    return [row.scope() for row in (await session.scalars(wanted)).all()]


async def next_job(session: AsyncSession, scope_id: UUID, now: datetime, lane: Lane) -> JobRow | None:
    """Return the job of the scope's lane that is the next to be run."""
    ahead = aliased(JobRow)
    first = select(func.min(ahead.position)).where(
        ahead.scope_id == scope_id,
        ahead.subscriber == JobRow.subscriber,
        ahead.subject_id == JobRow.subject_id,
        ahead.state == "waiting",
    )
    due = select(JobRow).where(JobRow.scope_id == scope_id, JobRow.state == "waiting", JobRow.due_at <= now)
    if lane != OWN:
        due = due.where(JobRow.subscriber.in_(in_lane(lane)))
    elif beside := [name for one in LANES if one != OWN for name in in_lane(one)]:
        due = due.where(JobRow.subscriber.not_in(beside))
    # The subquery is one probe of its index; as an anti join it would read the scope's whole queue.
    mine = due.where(JobRow.position == first.scalar_subquery()).order_by(JobRow.position)
    return (await session.scalars(mine.limit(1))).first()


async def finish(claim: Claim) -> None:
    """Take the job out of the queue: it is done."""
    await claim.session.execute(delete(JobRow).where(JobRow.id == claim.job.id))


async def postpone(claim: Claim, failure: str, now: datetime, *, attempts: int = ATTEMPTS) -> bool:
    """Put the job back for another attempt, or among the dead after ``attempts``; say whether it is dead."""
    tried = claim.job.attempts + 1
    dead = tried >= attempts
    mine = update(JobRow).where(JobRow.id == claim.job.id)
    await claim.session.execute(
        mine.values(
            failure=failure,
            state="dead" if dead else "waiting",
            due_at=now + timedelta(seconds=pause(tried)),
        )
    )
    return dead


def pause(tried: int) -> float:
    """Return how many seconds to wait after ``tried`` attempts: 1, 4, 16 … an hour, give or take a quarter."""
    return min(LONGEST_PAUSE, 4.0 ** (tried - 1)) * random.uniform(0.75, 1.25)  # noqa: S311 - jitter, not a secret


async def events_to_run(database: Database, scope_id: UUID, events: Collection[UUID]) -> frozenset[UUID]:
    """Return those of the events of a scope that a job is still to run for. For the worker alone."""
    if not events:
        return frozenset()
    async with worker_session(database) as session:
        mine = JobRow.scope_id == scope_id, JobRow.state == "waiting", JobRow.event_id.in_(events)
        return frozenset(await session.scalars(select(JobRow.event_id).where(*mine)))


async def dead_jobs(session: AsyncSession, *, scope_id: UUID | None = None, most: int = 100) -> list[JobRow]:
    """Return the dead letters, oldest first; of one scope if ``scope_id`` is given."""
    wanted = select(JobRow).where(JobRow.state == "dead").order_by(JobRow.position).limit(most)
    if scope_id is not None:
        wanted = wanted.where(JobRow.scope_id == scope_id)
    return list((await session.scalars(wanted)).all())


async def replay(session: AsyncSession, job_id: UUID, now: datetime) -> bool:
    """Give a dead job all its attempts again; say whether there was such a one."""
    mine = update(JobRow).where(JobRow.id == job_id, JobRow.state == "dead")
    revived = await session.execute(mine.values(state="waiting", attempts=0, due_at=now).returning(JobRow.id))
    return revived.first() is not None


async def count_jobs(session: AsyncSession) -> dict[str, int]:
    """Return how many jobs there are by state, without saying of whom."""
    counted = await session.execute(select(JobRow.state, func.count().label("jobs")).group_by(JobRow.state))
    return {"waiting": 0, "dead": 0} | {row.state: row.jobs for row in counted}
