from __future__ import annotations

from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.context import Ctx
from core.database.sessions import tenant_session, worker_session
from core.events.models import EventRow, JobRow
from core.events.outbox import emit
from core.events.subscribers import Event, subscriber
from core.use_cases.work import Work
from tests.platform import Platform


@subscriber("outbox_changed")
async def hear_as_owner(ctx: Ctx, event: Event) -> None: ...


@subscriber("outbox_changed", side="writer", kinds={"program"})
async def hear_as_program_that_wrote(ctx: Ctx, event: Event) -> None: ...


@subscriber("outbox_changed", side="program")
async def hear_as_program(ctx: Ctx, event: Event) -> None: ...


@subscriber("outbox_changed", kinds={"department"})
async def hear_as_department(ctx: Ctx, event: Event) -> None: ...


async def write(ctx: Ctx, *, tenant: UUID | None = None, fail: bool = False) -> UUID:
    async with tenant_session(ctx) as session:
        event_id = await emit(
            Work(ctx, session, ctx.today, ctx.clock.now()), "outbox_changed", ("tour", uuid4()), tenant=tenant
        )
        if fail:
            raise ZeroDivisionError
        return event_id


async def jobs_of(platform: Platform, event_id: UUID) -> dict[str, JobRow]:
    async with worker_session(platform.database) as session:
        found = (await session.scalars(select(JobRow).where(JobRow.event_id == event_id))).all()
    named = [(job.subscriber.removeprefix("events.hear_as_"), job) for job in found]
    # Other tests of this worker may have opened programs of their own.
    return {name: job for name, job in named if not name.startswith("program") or job.scope_id == platform.program.id}


async def test_an_event_makes_one_job_for_each_who_wants_to_hear_of_it(platform: Platform) -> None:
    agency = await platform.agency()
    ctx = platform.ctx(agency)
    jobs = await jobs_of(platform, await write(ctx))
    assert {name: job.scope_id for name, job in jobs.items()} == {"owner": agency.id, "program": platform.program.id}
    job = jobs["owner"]
    assert (job.owner_id, job.writer_id, job.request_id, job.attempts) == (agency.id, agency.id, ctx.request_id, 0)


async def test_what_the_program_does_to_an_agencys_row_is_heard_on_both_sides(platform: Platform) -> None:
    agency = await platform.agency()
    jobs = await jobs_of(platform, await write(platform.ctx(platform.program), tenant=agency.id))
    assert {name: job.scope_id for name, job in jobs.items()} == {
        "owner": agency.id,
        "program_that_wrote": platform.program.id,
        "program": platform.program.id,
    }


async def test_only_scopes_of_the_wanted_kind_hear(platform: Platform) -> None:
    department = await platform.scope("department")
    jobs = await jobs_of(platform, await write(platform.ctx(platform.program), tenant=department.id))
    assert set(jobs) == {"owner", "program_that_wrote", "program", "department"}


async def test_what_is_rolled_back_did_not_happen_and_nobody_is_told(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    with pytest.raises(ZeroDivisionError):
        await write(ctx, fail=True)
    async with tenant_session(ctx, read_only=True) as session:
        assert (await session.scalars(select(EventRow))).all() == []
    async with worker_session(platform.database) as session:
        assert (await session.scalars(select(JobRow).where(JobRow.writer_id == ctx.scope.id))).all() == []


async def test_jobs_carry_ids_and_no_content() -> None:
    kinds: dict[str, Any] = {column.name: column.type.python_type for column in JobRow.__table__.columns}
    words = {name for name, kind in kinds.items() if kind is str}
    assert words == {"subscriber", "event", "subject_kind", "request_id", "state", "failure"}
    assert dict not in kinds.values()


@pytest.mark.parametrize("statement", ["select * from job", "update job set state = 'dead'", "delete from job"])
async def test_a_scope_may_put_jobs_in_and_do_nothing_else_with_them(platform: Platform, statement: str) -> None:
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenant_session(platform.ctx(await platform.agency())) as session:
            await session.execute(text(statement))


def test_a_subscriber_declared_twice_is_refused() -> None:
    async def hear_as_owner(ctx: Ctx, event: Event) -> None: ...

    with pytest.raises(TypeError, match="declared twice"):
        subscriber("outbox_changed")(hear_as_owner)


def test_a_job_of_hours_is_refused() -> None:
    async def hear_slowly(ctx: Ctx, event: Event) -> None: ...

    with pytest.raises(TypeError, match="cut it into jobs"):
        subscriber("outbox_changed", deadline=7200)(hear_slowly)
