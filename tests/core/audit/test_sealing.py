"""The sealer and the verifier on a real database, with the owner of the tables as the villain."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, insert, select
from sqlalchemy.exc import DBAPIError

from core.audit import sealing
from core.audit.chain import Head
from core.audit.following import Report, verify_lines
from core.audit.models import AuditPending, AuditSeal
from core.audit.recording import record, record_look
from core.audit.sealing import seal_all
from core.audit.verification import export, verify
from core.context import Ctx, Scope
from core.database.embedded import Server
from core.database.sessions import tenant_session, worker_session
from core.database.target import Target
from core.use_cases.work import Work
from tests.platform import Platform

Villain = Callable[[str], None]


@pytest.fixture
def villain(server: Server, target: Target) -> Villain:
    """Run a statement as somebody whom no policy and no grant holds back."""

    def run(statement: str) -> None:
        server.psql(statement, database=target.database)

    return run


async def write(ctx: Ctx, lines: int = 1) -> list[UUID]:
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        return [
            await record(work, "mission.open", ("mission", uuid4()), after={"number": number, "band": 0.1})
            for number in range(lines)
        ]


async def report_of(platform: Platform, scope: Scope, known: Head | None = None) -> Report:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return await verify(session, scope.id, known=known, now=platform.clock.now())


def breaks(report: Report) -> list[tuple[int, str]]:
    return [(one.sequence, one.what) for one in report.breaks]


async def sealed_chain(platform: Platform, lines: int = 4) -> Scope:
    scope = await platform.agency()
    await write(platform.ctx(scope), lines)
    await seal_all(platform.database, platform.clock)
    return scope


async def test_what_is_committed_is_sealed_and_holds(platform: Platform) -> None:
    scope = await platform.agency()
    await write(platform.ctx(scope), 3)
    before = await report_of(platform, scope)
    assert (before.sealed, before.unsealed, before.oldest_unsealed) == (0, 3, platform.clock.now())
    assert await seal_all(platform.database, platform.clock) >= 3
    after = await report_of(platform, scope)
    assert after.holds
    assert (after.sealed, after.unsealed, after.oldest_unsealed, after.head.sequence) == (3, 0, None, 3)


async def test_looks_are_sealed_in_the_chain_of_the_agency_looked_at(platform: Platform) -> None:
    scope = await sealed_chain(platform, 1)
    analyst = platform.ctx(platform.program)
    async with tenant_session(analyst) as session:
        work = Work(analyst, session, analyst.today, analyst.clock.now())
        await record_look(work, scope.id, ("candidacy", None), "selection", ["name"])
    await seal_all(platform.database, platform.clock)
    report = await report_of(platform, scope)
    assert report.holds
    assert report.sealed == 2


async def test_more_than_one_batch_is_one_chain(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    scope = await sealed_chain(platform, 8)
    report = await report_of(platform, scope)
    assert report.holds
    assert (report.sealed, report.unsealed) == (8, 0)


@settings(max_examples=12)
@given(rounds=st.lists(st.integers(1, 4), min_size=1, max_size=4))
async def test_however_lines_and_sealers_interleave_the_chain_has_no_gap(platform: Platform, rounds: list[int]) -> None:
    scope = await platform.agency()
    ctx = platform.ctx(scope)
    for lines in rounds:
        sealers = [seal_all(platform.database, platform.clock) for _ in range(2)]
        await asyncio.gather(write(ctx, lines), *sealers)
    await seal_all(platform.database, platform.clock)
    report = await report_of(platform, scope)
    assert report.holds
    assert (report.sealed, report.unsealed) == (sum(rounds), 0)


async def test_a_changed_line_is_found_where_it_is(platform: Platform, villain: Villain) -> None:
    scope = await sealed_chain(platform)
    where = f"(select row_id from audit_seal where tenant_id = '{scope.id}' and sequence = 2)"
    villain(f"update audit_line set actor_name = 'Nobody' where id = {where}")
    assert breaks(await report_of(platform, scope)) == [(2, "changed")]


async def test_a_removed_line_is_found(platform: Platform, villain: Villain) -> None:
    scope = await sealed_chain(platform)
    where = f"(select row_id from audit_seal where tenant_id = '{scope.id}' and sequence = 3)"
    villain(f"delete from audit_line where id = {where}")
    assert breaks(await report_of(platform, scope)) == [(3, "missing row")]


async def test_a_line_removed_with_its_seal_leaves_a_gap(platform: Platform, villain: Villain) -> None:
    scope = await sealed_chain(platform)
    seal = f"tenant_id = '{scope.id}' and sequence = 2"
    villain(f"delete from audit_line where id = (select row_id from audit_seal where {seal});")
    villain(f"delete from audit_seal where {seal}")
    assert breaks(await report_of(platform, scope)) == [(3, "gap")]


async def test_a_line_slipped_in_shows_as_unsealed(platform: Platform, villain: Villain) -> None:
    scope = await sealed_chain(platform)
    villain(
        "insert into audit_line select (jsonb_populate_record("
        "audit_line, jsonb_build_object('id', gen_random_uuid()))).*"
        f" from audit_line where tenant_id = '{scope.id}' limit 1"
    )
    platform.clock.advance(timedelta(minutes=5))
    await seal_all(platform.database, platform.clock)
    report = await report_of(platform, scope)
    assert (report.sealed, report.unsealed) == (4, 1)
    assert report.holds, "a sealer may take as long on a busy machine"
    platform.clock.advance(timedelta(minutes=6))
    assert breaks(await report_of(platform, scope)) == [(5, "not sealed")]


async def test_an_end_cut_off_is_found_with_the_head_kept_elsewhere(platform: Platform, villain: Villain) -> None:
    scope = await sealed_chain(platform)
    kept = (await report_of(platform, scope)).head
    last = f"tenant_id = '{scope.id}' and sequence = 4"
    villain(f"delete from audit_line where id = (select row_id from audit_seal where {last})")
    villain(f"delete from audit_seal where {last}")
    assert (await report_of(platform, scope)).holds
    assert breaks(await report_of(platform, scope, known=kept)) == [(4, "truncated")]


async def test_a_row_that_waited_for_its_seal_and_is_gone_holds_nobody_up(platform: Platform, villain: Villain) -> None:
    scope = await platform.agency()
    (gone,) = await write(platform.ctx(scope))
    villain(f"delete from audit_line where id = '{gone}'")
    await write(platform.ctx(scope))
    await seal_all(platform.database, platform.clock)
    report = await report_of(platform, scope)
    assert (report.sealed, report.unsealed) == (1, 0)
    assert breaks(report) == []
    async with worker_session(platform.database) as session:
        left = select(func.count()).select_from(AuditPending).where(AuditPending.tenant_id == scope.id)
        assert await session.scalar(left) == 1, "what waits for ever is the trace"


async def test_pending_rows_of_nothing_hold_nobody_up(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every login may put rows there, for any scope."""
    monkeypatch.setattr(sealing, "AT_ONCE", 3)
    scope = await platform.agency()
    async with tenant_session(platform.ctx(platform.program)) as session:
        nothing = [{"tenant_id": scope.id, "row_kind": "line", "row_id": UUID(int=number)} for number in range(7)]
        await session.execute(insert(AuditPending), nothing)
    await write(platform.ctx(scope), 4)
    await seal_all(platform.database, platform.clock)
    report = await report_of(platform, scope)
    assert (report.sealed, report.unsealed) == (4, 0)


async def test_an_export_is_verified_without_the_database(platform: Platform) -> None:
    scope = await sealed_chain(platform)
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        lines = [line async for line in export(session, scope.id, scope.slug)]
        inside = await verify(session, scope.id)
    outside = verify_lines(lines)
    assert outside.holds
    assert (outside.sealed, outside.head) == (4, inside.head)
    lines[2] = lines[2].replace(b"Alix", b"Alex")
    assert breaks(verify_lines(lines)) == [(2, "changed")]


async def test_a_scope_cannot_write_its_own_seals(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    seal = {"sequence": 1, "row_kind": "line", "row_id": uuid4(), "hash": "0", "sealed_at": ctx.clock.now()}
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenant_session(ctx) as session:
            await session.execute(insert(AuditSeal).values(tenant_id=ctx.scope.id, **seal))


async def test_the_worker_reads_a_log_only_in_the_scope_it_has_set(platform: Platform) -> None:
    scope = await sealed_chain(platform)
    async with worker_session(platform.database) as session:
        assert (await session.scalars(select(AuditSeal.sequence))).all() == []
        assert await sealing.read_rows(session, scope.id, "line", []) == []
    async with worker_session(platform.database, tenant=scope.id) as session:
        assert (await session.scalars(select(AuditSeal.sequence).order_by(AuditSeal.sequence))).all() == [1, 2, 3, 4]
