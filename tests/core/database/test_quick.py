"""The short way stands behind the same wall, and leaves nothing behind."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import msgspec
import pytest
from sqlalchemy import bindparam, func, select

from core.context import Scope
from core.database import quick
from core.database.engines import Database
from core.database.quick import QuickPool, quick_session
from core.database.reading import Reading
from core.database.roles import AGENCY
from core.database.sessions import tenant_session
from core.errors import Misconfigured, Unavailable
from core.events.models import NotificationRow
from core.ids import new_id
from core.workforce.models import HrSource
from tests.platform import NOW, Platform


class Told(msgspec.Struct):
    id: UUID
    sentence: str


class Source(msgspec.Struct):
    plugin: str
    named: list[str]


class Params(msgspec.Struct):
    params: dict[str, Any]


SOURCES = Reading(select(HrSource.plugin, HrSource.named), Source)
PARAMS = Reading(select(NotificationRow.params).where(NotificationRow.params == bindparam("params")), Params)


class Slept(msgspec.Struct):
    slept: str | None


TOLD = Reading(select(NotificationRow.id, NotificationRow.sentence), Told)
SLEEP = Reading(select(func.pg_sleep(30)), Slept)


async def tell(platform: Platform, scope: Scope, sentence: str, **params: Any) -> None:
    async with tenant_session(platform.ctx(scope)) as session:
        row = {"params": params, "link": "/", "at": NOW, "seat_id": scope.id}
        session.add(NotificationRow(tenant_id=scope.id, id=new_id(platform.clock), sentence=sentence, **row))


async def test_it_sees_its_own_scope_s_rows_and_no_other_s(platform: Platform) -> None:
    scope, other = await platform.agency(), await platform.agency()
    await tell(platform, scope, "mine")
    await tell(platform, other, "theirs")
    async with quick_session(platform.ctx(scope)) as session:
        assert [row.sentence for row in await TOLD.rows(session)] == ["mine"]
    async with quick_session(platform.ctx(platform.program)) as session:
        assert "mine" not in [row.sentence for row in await TOLD.rows(session)]


async def test_documents_come_out_read_and_go_in_as_they_are(platform: Platform) -> None:
    scope = await platform.agency()
    params = {"a": {"é": [1, None]}}
    await tell(platform, scope, "mine", **params)
    await tell(platform, scope, "also mine")
    async with tenant_session(platform.ctx(scope)) as session:
        row = {"plugin": "hr_file", "named": ["1001", "é"], "created_at": NOW}
        session.add(HrSource(tenant_id=scope.id, id=new_id(platform.clock), **row))
    for opened in (quick_session(platform.ctx(scope)), tenant_session(platform.ctx(scope), read_only=True)):
        async with opened as either:
            assert await PARAMS.rows(either, params=params) == [Params(params)]
            assert await SOURCES.rows(either) == [Source("hr_file", ["1001", "é"])]


async def test_the_context_ends_with_the_transaction(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope, "mine")
    async with quick_session(platform.ctx(scope)) as session:
        driver = session.info["driver"]
        assert await driver.fetchval("SELECT current_setting('app.tenant', true)") == str(scope.id)
    assert await driver.fetchval("SELECT coalesce(current_setting('app.tenant', true), '')") == ""
    assert await driver.fetchval("SELECT count(*) FROM notification") == 0


async def test_it_writes_nothing(platform: Platform) -> None:
    async with quick_session(platform.ctx(await platform.agency())) as session:
        with pytest.raises(asyncpg.ReadOnlySQLTransactionError):
            await session.info["driver"].execute("DELETE FROM notification")


async def test_a_connection_is_used_again_after_an_error_and_not_after_a_cancellation(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    used: list[Any] = []

    async def fail() -> None:
        async with quick_session(ctx) as session:
            used.append(session.info["driver"])
            raise LookupError

    with pytest.raises(LookupError):
        await fail()
    assert not used[0].is_in_transaction()
    asleep = asyncio.Event()

    async def sleep() -> None:
        async with quick_session(ctx) as session:
            used.append(session.info["driver"])
            asleep.set()
            await SLEEP.rows(session)

    sleeping = asyncio.create_task(sleep())
    await asleep.wait()
    sleeping.cancel()
    with pytest.raises(asyncio.CancelledError):
        await sleeping
    assert used[1] is used[0]
    assert used[1].is_closed()
    async with quick_session(ctx) as session:
        assert await TOLD.rows(session) == []


async def test_a_connection_that_died_in_the_pool_is_replaced(platform: Platform) -> None:
    ctx = platform.ctx(await platform.agency())
    async with quick_session(ctx) as session:
        dead = session.info["driver"]
    dead.terminate()
    async with quick_session(ctx) as session:
        assert session.info["driver"] is not dead
        assert await TOLD.rows(session) == []


async def test_when_all_are_taken_one_waits_a_little_and_is_told(
    database: Database, platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "WAIT_SECONDS", 0.01)
    ctx = platform.ctx(await platform.agency())
    taken = [quick_session(ctx) for _ in range(database.settings.pool_size)]
    for one in taken:
        await one.__aenter__()
    with pytest.raises(Unavailable):
        await quick_session(ctx).__aenter__()
    for one in taken:
        await one.__aexit__(None, None, None)
    async with quick_session(ctx) as session:
        assert await TOLD.rows(session) == []


async def test_one_too_slow_to_begin_with_is_told_and_leaves_its_place(platform: Platform) -> None:
    short = Database(
        platform.database.target, replace(platform.database.settings, statement_timeout_ms=50, pool_size=1)
    )
    pool = QuickPool(short, AGENCY)
    for _ in range(2):
        with pytest.raises(Unavailable):
            await pool.take("SELECT pg_sleep(30)")
    assert pool.in_use == 0
    await short.close()


async def test_nothing_but_a_reading_works(platform: Platform) -> None:
    async with quick_session(platform.ctx(await platform.agency())) as session:
        with pytest.raises(TypeError, match="no execute"):
            session.execute(select(1))


async def test_a_login_that_is_not_the_role_is_refused(database: Database) -> None:
    pool = QuickPool(database, "contingent_owner")
    with pytest.raises((Misconfigured, asyncpg.PostgresError, Unavailable)):
        await pool.take("BEGIN")
    assert pool.free == 0
