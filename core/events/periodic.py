"""What comes round by itself: beats of the worker, and tasks queued once for each scope."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import exists, insert, select
from sqlalchemy.dialects.postgresql import insert as upsert
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import Clock, today
from core.database.directory import ScopeRow
from core.database.engines import Database
from core.database.sessions import worker_session
from core.events.models import JobRow, PeriodicRow
from core.events.subscribers import PERIODIC, TASK, Periodic
from core.ids import new_id


async def _nothing() -> None:
    """Leave nothing under way."""


@dataclass(frozen=True, slots=True)
class Beat:
    """Something every worker does every ``seconds``, whatever other workers do: it must not mind company.

    ``end`` is awaited when the worker stops, for what ``run`` has left under way.
    """

    name: str
    seconds: float
    run: Callable[[Database, Clock], Awaitable[object]]
    end: Callable[[], Awaitable[None]] = _nothing


async def queue_periodic(database: Database, clock: Clock) -> int:
    """Queue a job per scope for each periodic task that is due, and return how many jobs."""
    queued = 0
    for task in PERIODIC.values():
        async with worker_session(database) as session:
            if await _take_turn(session, task, clock.now()):
                queued += await _queue(session, task, clock)
    return queued


PERIODIC_BEAT = Beat("periodic", 1.0, queue_periodic)


async def _take_turn(session: AsyncSession, task: Periodic, now: datetime) -> bool:
    """Say whether the task is due and this worker is the one to queue it."""
    first = upsert(PeriodicRow).values(name=task.name, queued_at=now)
    due = PeriodicRow.queued_at <= now - timedelta(seconds=task.seconds)
    taken = await session.execute(
        first.on_conflict_do_update(index_elements=["name"], set_={"queued_at": now}, where=due).returning(
            PeriodicRow.name
        )
    )
    return taken.first() is not None


async def _queue(session: AsyncSession, task: Periodic, clock: Clock) -> int:
    unfinished = exists().where(
        JobRow.scope_id == ScopeRow.id, JobRow.subscriber == task.name, JobRow.state == "waiting"
    )
    wanted = select(ScopeRow).where(ScopeRow.kind.in_(task.kinds), ~unfinished)
    jobs = [_job(task, row.id, today(clock, row.zone), clock) for row in (await session.scalars(wanted)).all()]
    if jobs:
        await session.execute(insert(JobRow), jobs)
    return len(jobs)


def _job(task: Periodic, scope_id: UUID, on_day: object, clock: Clock) -> dict[str, object]:
    return {
        "id": new_id(clock),
        "scope_id": scope_id,
        "subscriber": task.name,
        "event_id": new_id(clock),
        "event": TASK,
        "subject_kind": "scope",
        "subject_id": scope_id,
        "owner_id": scope_id,
        "writer_id": scope_id,
        "on_day": on_day,
        "request_id": "",
        "created_at": clock.now(),
        "due_at": clock.now(),
    }
