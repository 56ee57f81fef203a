"""A session sees what its scope may see, keeps all or nothing, and leaves nothing in its connection."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any
from uuid import UUID

import asyncpg
import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Scope
from core.database.directory import ScopeRow
from core.database.engines import Database
from core.database.roles import AGENCY
from core.database.sessions import (
    LostWrites,
    NoContext,
    identity_session,
    public_session,
    tenant_session,
    worker_session,
)
from core.errors import Unavailable
from core.ids import new_id
from core.personnel.models import Fitness, Officer, Qualification
from core.settings import Settings
from tests.platform import NOW, Platform

TENANT = text("SELECT nullif(current_setting('app.tenant', true), '')")


def officer(platform: Platform, scope: Scope, number: str = "1001") -> Officer:
    return Officer(
        tenant_id=scope.id,
        id=new_id(platform.clock),
        employee_number=number,
        given_name="Camille",
        family_name="Roy",
        rank_code="sgt",
        folded="camille roy",
        created_at=NOW,
    )


async def driver_of(session: AsyncSession) -> Any:
    return (await (await session.connection()).get_raw_connection()).driver_connection


@pytest.mark.parametrize("kind", ["agency", "program", "department", "mission", "platform"])
async def test_a_scope_acts_through_the_login_of_its_kind(platform: Platform, kind: Any) -> None:
    scope = await platform.scope(kind)
    async with tenant_session(platform.ctx(scope)) as session:
        assert await session.scalar(text("SELECT session_user")) == f"contingent_{kind}"
        assert await session.scalar(TENANT) == str(scope.id)
        mission = await session.scalar(text("SELECT nullif(current_setting('app.mission', true), '')"))
        assert mission == (str(scope.id) if kind == "mission" else None)


async def test_health_has_a_login_of_its_own(platform: Platform) -> None:
    scope = await platform.agency()
    async with tenant_session(platform.ctx(scope), health=True) as session:
        assert await session.scalar(text("SELECT session_user")) == "contingent_health"
        assert (await session.scalars(select(Fitness))).all() == []
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenant_session(platform.ctx(scope)) as session:
            await session.scalars(select(Fitness))


async def test_what_is_written_is_kept_and_seen_by_its_own_scope_only(platform: Platform) -> None:
    mine, other = await platform.agency(), await platform.agency()
    async with tenant_session(platform.ctx(mine)) as session:
        session.add(officer(platform, mine))
    async with tenant_session(platform.ctx(mine)) as session:
        assert await session.scalar(select(func.count()).select_from(Officer)) == 1
    async with tenant_session(platform.ctx(other)) as session:
        assert await session.scalar(select(func.count()).select_from(Officer)) == 0


async def test_an_error_keeps_nothing(platform: Platform) -> None:
    scope = await platform.agency()

    async def failing() -> None:
        async with tenant_session(platform.ctx(scope)) as session:
            session.add(officer(platform, scope))
            await session.flush()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await failing()
    async with tenant_session(platform.ctx(scope)) as session:
        assert await session.scalar(select(func.count()).select_from(Officer)) == 0


async def test_an_error_at_the_last_flush_keeps_nothing(platform: Platform) -> None:
    scope = await platform.agency()
    with pytest.raises(IntegrityError):
        async with tenant_session(platform.ctx(scope)) as session:
            session.add_all([officer(platform, scope), officer(platform, scope)])
    async with tenant_session(platform.ctx(scope)) as session:
        assert await session.scalar(select(func.count()).select_from(Officer)) == 0


async def test_a_swallowed_error_does_not_pass_for_success(platform: Platform) -> None:
    scope = await platform.agency()

    async def swallowing() -> None:
        async with tenant_session(platform.ctx(scope)) as session:
            session.add(officer(platform, scope))
            await session.flush()
            with pytest.raises(DBAPIError):
                await session.execute(text("SELECT 1 / 0"))

    with pytest.raises(LostWrites):
        await swallowing()


async def test_a_savepoint_can_be_taken_back(platform: Platform) -> None:
    scope = await platform.agency()
    async with tenant_session(platform.ctx(scope)) as session:
        session.add(officer(platform, scope))
        await session.flush()
        with pytest.raises(IntegrityError):
            async with session.begin_nested():
                session.add(officer(platform, scope))
    async with tenant_session(platform.ctx(scope)) as session:
        assert await session.scalar(select(func.count()).select_from(Officer)) == 1


async def test_a_read_only_session_cannot_write(platform: Platform) -> None:
    scope = await platform.agency()
    with pytest.raises(DBAPIError, match="read-only"):
        async with tenant_session(platform.ctx(scope), read_only=True) as session:
            session.add(officer(platform, scope))


async def test_the_connection_forgets_the_tenant(platform: Platform) -> None:
    scope = await platform.agency()
    async with tenant_session(platform.ctx(scope)) as session:
        first = await session.scalar(text("SELECT pg_backend_pid()"))
    connection = await platform.database.connect(AGENCY)
    assert await connection.scalar(text("SELECT pg_backend_pid()")) == first
    assert await connection.scalar(TENANT) is None
    await connection.close()


async def test_there_is_no_session_without_a_scope(platform: Platform) -> None:
    scope = await platform.agency()
    with pytest.raises(NoContext):
        async with tenant_session(None):  # type: ignore[arg-type]
            pass
    nameless = replace(platform.ctx(scope), scope=None)  # type: ignore[arg-type]
    with pytest.raises(NoContext):
        async with tenant_session(nameless):
            pass
    forged = Scope(id="x'; DROP TABLE officer; --", kind="agency", slug="x", name_en="", name_fr="")  # type: ignore[arg-type]
    with pytest.raises(NoContext):
        async with tenant_session(replace(platform.ctx(scope), scope=forged)):
            pass


async def test_the_sign_in_the_worker_and_the_public_see_no_scope_s_rows(platform: Platform) -> None:
    for opening in (identity_session, worker_session, public_session):
        async with opening(platform.database) as session:
            assert (await session.scalars(select(ScopeRow.id))).all()
            assert await session.scalar(TENANT) is None
        with pytest.raises(DBAPIError, match="permission denied"):
            async with opening(platform.database) as session:
                await session.scalars(select(Qualification))


async def test_the_worker_can_name_the_scope_it_works_for(platform: Platform) -> None:
    scope = await platform.agency()
    async with worker_session(platform.database, tenant=scope.id) as session:
        assert await session.scalar(TENANT) == str(scope.id)


async def test_a_cancelled_task_s_connection_is_closed_not_returned(platform: Platform) -> None:
    scope = await platform.agency()
    taken: asyncio.Future[Any] = asyncio.get_running_loop().create_future()

    async def sleeping() -> None:
        async with tenant_session(platform.ctx(scope)) as session:
            taken.set_result(await driver_of(session))
            await session.execute(text("SELECT pg_sleep(30)"))

    task = asyncio.create_task(sleeping())
    driver = await taken
    async with worker_session(platform.database) as watching:
        asleep = text("SELECT count(*) FROM pg_locks WHERE pid = :pid")
        for _ in range(20):  # each a turn of the loop in which the other statement is sent
            await watching.scalar(asleep, {"pid": driver.get_server_pid()})
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert driver.is_closed()
    async with tenant_session(platform.ctx(scope)) as session:
        assert await driver_of(session) is not driver


NEVER = "SELECT pg_sleep(30)"


async def test_a_connection_that_died_in_the_pool_is_replaced(platform: Platform) -> None:
    scope = await platform.agency()
    async with tenant_session(platform.ctx(scope)) as session:
        driver = await driver_of(session)
    driver.terminate()
    async with tenant_session(platform.ctx(scope)) as session:
        assert await session.scalar(TENANT) == str(scope.id)
        assert await driver_of(session) is not driver


async def test_a_statement_that_takes_too_long_is_answered_as_unavailable(platform: Platform) -> None:
    short = Database(platform.database.target, replace(platform.database.settings, statement_timeout_ms=500))
    ctx = replace(platform.ctx(await platform.agency()), database=short)
    with pytest.raises(Unavailable, match="took too long"):
        async with tenant_session(ctx) as session:
            await session.execute(text(NEVER))
    async with tenant_session(ctx) as session:
        assert await session.scalar(TENANT) == str(ctx.scope.id)
    await short.close()


async def test_a_server_too_slow_to_begin_with_is_unavailable_as_well(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    short = Database(platform.database.target, replace(platform.database.settings, statement_timeout_ms=50))
    ctx = replace(platform.ctx(await platform.agency()), database=short)

    async def sleep(connection: Any, role: str) -> None:
        await connection.fetch(NEVER)

    with monkeypatch.context() as slow:
        slow.setattr("core.database.logins.check_own", sleep)
        with pytest.raises(Unavailable):
            async with tenant_session(ctx):
                pass
    with monkeypatch.context() as slow:
        slow.setattr("core.database.sessions._beginning", lambda *_: NEVER)
        with pytest.raises(Unavailable):
            async with tenant_session(ctx):
                pass
    await short.close()


async def test_a_full_pool_is_answered_as_unavailable(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("core.database.engines.ACQUIRE_SECONDS", 0.05)
    small = Database(platform.database.target, replace(platform.database.settings, pool_size=1))
    ctx = replace(platform.ctx(await platform.agency()), database=small)
    async with tenant_session(ctx):
        with pytest.raises(Unavailable, match="Too many people"):
            async with tenant_session(ctx):
                pass
    await small.close()


async def test_a_server_that_does_not_answer_is_unavailable(platform: Platform) -> None:
    nowhere = Database(replace(platform.database.target, port=1), Settings())
    ctx = replace(platform.ctx(await platform.agency()), database=nowhere)
    with pytest.raises(Unavailable):
        async with tenant_session(ctx):
            pass
    await nowhere.close()


async def test_many_scopes_at_once_do_not_mix(platform: Platform) -> None:
    scopes = [await platform.agency() for _ in range(8)]

    async def ask(scope: Scope) -> tuple[UUID, str | None, int | None]:
        async with tenant_session(platform.ctx(scope)) as session:
            session.add(officer(platform, scope))
            await session.flush()
            count = await session.scalar(select(func.count()).select_from(Officer))
            return scope.id, await session.scalar(TENANT), count

    for _ in range(3):
        for asked, answered, count in await asyncio.gather(*(ask(scope) for scope in scopes), return_exceptions=False):
            assert answered == str(asked)
            assert count == 1
        for scope in scopes:
            async with tenant_session(platform.ctx(scope)) as session:
                await session.execute(text("DELETE FROM officer"))


async def test_a_transaction_left_open_is_rolled_back_before_the_next(platform: Platform) -> None:
    """A connection taken past the sessions goes back to the pool without its transaction."""
    scope = await platform.agency()
    connection = await platform.database.connect(AGENCY)
    driver: asyncpg.Connection = (await connection.get_raw_connection()).driver_connection
    await driver.execute(f"BEGIN; SELECT set_config('app.tenant', '{scope.id}', true)")
    await connection.close()
    assert not driver.is_in_transaction()
    assert await driver.fetchval("SELECT nullif(current_setting('app.tenant', true), '')") is None


async def test_a_scope_is_remembered_by_slug_and_by_id(platform: Platform) -> None:
    scope = await platform.agency("on-testville")
    assert await platform.database.scope("on-testville") == scope
    assert await platform.database.scope_by_id(scope.id) == scope
    assert await platform.database.scope("on-nowhere") is None
