"""The operator's view of the queue: what waits, what gave up, and giving it another chance."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from core.database.directory import ScopeRow
from core.errors import NotFound
from core.events.queue import count_jobs, dead_jobs, replay
from core.journal.permissions import QUEUE_READ, QUEUE_REPLAY
from core.journal.schemas import DeadJob, Queue
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work


@use_case(permission=QUEUE_READ, input=Nothing, output=Queue, scopes={"platform"}, reads=True)
async def read_queue(work: Work, data: Nothing) -> Queue:
    """Say how many jobs wait and which gave up."""
    counted = await count_jobs(work.session)
    dead = await dead_jobs(work.session)
    named = select(ScopeRow.id, ScopeRow.slug).where(ScopeRow.id.in_({job.scope_id for job in dead}))
    slugs = {row.id: row.slug for row in await work.session.execute(named)}
    return Queue(counted["waiting"], [shown(DeadJob, job, scope=slugs.get(job.scope_id, "")) for job in dead])


@use_case(permission=QUEUE_REPLAY, input=ById, output=Nothing, scopes={"platform"}, backdated=NOW)
async def replay_job(work: Work, data: ById) -> Nothing:
    """Give a job that gave up all its attempts again."""
    try:
        job_id = UUID(data.id)
    except ValueError:
        raise NotFound from None
    if not await replay(work.session, job_id, work.now):
        raise NotFound
    await work.audit("job.replay", ("job", job_id))
    return Nothing()
