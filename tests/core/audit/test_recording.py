from __future__ import annotations

from datetime import date
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select, text
from sqlalchemy.exc import DBAPIError

from core.audit.models import AuditLine, Look
from core.audit.recording import closed_class, record, record_look
from core.context import Ctx
from core.database.sessions import tenant_session
from core.database.tables import DataClass
from core.use_cases.work import Work
from tests.platform import Platform


async def write(ctx: Ctx, action: str = "mission.open", **more: object) -> UUID:
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, date(2026, 3, 1), ctx.clock.now())
        return await record(work, action, ("mission", uuid4()), **more)  # type: ignore[arg-type]


async def write_and_fail(ctx: Ctx) -> None:
    async with tenant_session(ctx) as session:
        await record(Work(ctx, session, ctx.today, ctx.clock.now()), "mission.open", ("mission", uuid4()))
        _ = 1 / 0


async def lines_of(ctx: Ctx) -> list[AuditLine]:
    async with tenant_session(ctx, read_only=True) as session:
        return list((await session.scalars(select(AuditLine).order_by(AuditLine.id))).all())


async def test_a_line_says_who_what_when_why_and_from_where(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency(), name="Noor Haddad")
    seat = uuid4()
    id = await write(
        ctx,
        before={"state": "draft"},
        after={"state": "open", "on": date(2026, 3, 1)},
        reason="  Agreed by council.  ",
        behalf_of=seat,
        plugin=("approval_chain", "1.2"),
    )
    (line,) = await lines_of(ctx)
    assert (line.id, line.at, line.on_day) == (id, platform.clock.now(), date(2026, 3, 1))
    assert (line.seat_id, line.actor_name, line.actor_kind, line.behalf_of) == (
        ctx.actor.id,
        "Noor Haddad",
        "person",
        seat,
    )
    assert (line.before, line.after) == ({"state": "draft"}, {"state": "open", "on": "2026-03-01"})
    assert (line.reason, line.request_id) == ("Agreed by council.", ctx.request_id)
    assert (line.plugin, line.plugin_version) == ("approval_chain", "1.2")


async def test_no_change_without_its_line_and_no_line_without_its_change(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    with pytest.raises(ZeroDivisionError):
        await write_and_fail(ctx)
    assert await lines_of(ctx) == []


async def test_values_of_health_and_secret_columns_are_never_told(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await record(work, "document.seal", ("document_chunk", uuid4()), after={"sealed": b"open sesame", "number": 4})
    (line,) = await lines_of(ctx)
    assert line.after == {"sealed": {"withheld": "secret"}, "number": 4}


def test_a_name_that_any_table_closes_is_closed_for_other_subjects_too() -> None:
    assert closed_class("fitness", "outcome") is DataClass.HEALTH
    assert closed_class("officer", "outcome") is DataClass.HEALTH
    assert closed_class("officer", "rank_code") is None
    assert closed_class("officer", "nothing_of_the_kind") is None


@pytest.mark.parametrize("statement", ["update audit_line set reason = 'x'", "delete from audit_line"])
async def test_no_scope_can_change_or_remove_a_line(platform: Platform, statement: str) -> None:
    ctx = platform.ctx(await platform.agency())
    await write(ctx)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenant_session(ctx) as session:
            await session.execute(text(statement))


async def test_one_agencys_lines_are_not_anothers(platform: Platform) -> None:
    first, second = platform.ctx(await platform.agency()), platform.ctx(await platform.agency())
    await write(first)
    assert await lines_of(second) == []
    operator = await lines_of(platform.ctx(platform.operator))
    assert first.scope.id not in {line.tenant_id for line in operator}


async def test_a_look_is_read_by_the_agency_it_is_about_and_by_no_other(platform: Platform) -> None:
    agency, other = await platform.agency(), await platform.agency()
    analyst, officer = platform.ctx(platform.program, name="Sam Roy"), uuid4()
    async with tenant_session(analyst) as session:
        work = Work(analyst, session, analyst.today, analyst.clock.now())
        await record_look(work, agency.id, ("candidacy", officer), "selection", ["rank", "name"])
    async with tenant_session(platform.ctx(agency), read_only=True) as session:
        (look,) = (await session.scalars(select(Look))).all()
    assert (look.by_name, look.purpose, look.fields) == ("Sam Roy", "selection", ["name", "rank"])
    assert (look.subject_kind, look.subject_id, look.by_scope) == ("candidacy", officer, platform.program.id)
    async with tenant_session(platform.ctx(other), read_only=True) as session:
        assert (await session.scalars(select(Look))).all() == []
