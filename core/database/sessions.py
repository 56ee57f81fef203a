"""The one way to a session: a transaction whose context says whose rows it sees."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, nullcontext
from typing import TYPE_CHECKING, Any
from uuid import UUID

import asyncpg
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncSession

from core.context import Ctx
from core.database.roles import IDENTITY, PUBLIC, WORKER, role_for
from core.errors import Unavailable
from core.text import t

if TYPE_CHECKING:
    from core.database.engines import Database

_GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)


class NoContext(RuntimeError):
    """Somebody asked for a tenant's session without saying for whom."""


class LostWrites(RuntimeError):
    """A statement of the transaction failed and its error was swallowed: nothing was kept."""


@asynccontextmanager
async def tenant_session(ctx: Ctx, *, read_only: bool = False, health: bool = False) -> AsyncIterator[AsyncSession]:
    """Open a transaction that sees what ``ctx.scope`` may see; it commits at the end, or rolls back on an error.

    ``read_only``: writing raises. ``health``: as the role that may read and write the tables
    with health columns; for use cases that declare it. A cancelled task's connection is closed.

    Raises ``NoContext`` without a scope, ``Unavailable`` when no connection is to be had.
    """
    scope = getattr(ctx, "scope", None)
    if scope is None or not isinstance(scope.id, UUID):
        raise NoContext("tenant_session needs a context with a scope")
    role = role_for(scope.kind, health=health)
    async with _session(ctx.database, role, _beginning(scope.id, scope.kind == "mission", read_only)) as session:
        session.info["ctx"] = ctx
        yield session


@asynccontextmanager
async def identity_session(database: Database, *, around: bool = False) -> AsyncIterator[AsyncSession]:
    """Open a transaction of the sign-in itself: identities and flows, nothing of any scope.

    ``around``: one of a scope is opened within it; else none is, or this one is opened within that.
    """
    async with (
        database.place_around() if around else nullcontext(),
        _session(database, IDENTITY, "BEGIN") as session,
    ):
        yield session


@asynccontextmanager
async def worker_session(
    database: Database, *, tenant: UUID | None = None, patience: int | None = None
) -> AsyncIterator[AsyncSession]:
    """Open a transaction of the worker: the queue, and for ``tenant`` the rows it seals.

    ``patience``: seconds for which it may stand idle while the work is done elsewhere.
    """
    beginning = "BEGIN" if tenant is None else _beginning(tenant, False, False)
    if patience is not None:
        beginning += f";SET LOCAL idle_in_transaction_session_timeout = '{patience:d}s'"
    async with _session(database, WORKER, beginning) as session:
        yield session


@asynccontextmanager
async def public_session(database: Database) -> AsyncIterator[AsyncSession]:
    """Open a read-only transaction that sees what anybody may see."""
    async with _session(database, PUBLIC, "BEGIN READ ONLY") as session:
        yield session


def _beginning(tenant: UUID, mission: bool, read_only: bool) -> str:
    """Return the one message that begins a transaction and sets its context, until its end and no longer.

    The simple protocol takes no parameters; a ``UUID`` object's text holds nothing but digits and dashes.
    """
    if not isinstance(tenant, UUID):
        raise NoContext(f"a tenant is a UUID, not {type(tenant).__name__}")
    begin = "BEGIN READ ONLY" if read_only else "BEGIN"
    # A mission's scope has the mission's own id.
    within = str(tenant) if mission else ""
    return f"{begin};SELECT set_config('app.tenant','{tenant}',true),set_config('app.mission','{within}',true)"


@asynccontextmanager
async def _session(database: Database, role: str, beginning: str) -> AsyncIterator[AsyncSession]:
    connection, driver = await _begin(database, role, beginning)
    session = AsyncSession(connection, expire_on_commit=False)
    session.info["driver"] = driver
    try:
        yield session
        await session.flush()
        await _commit(driver)
        await session.commit()
    except (asyncio.CancelledError, GeneratorExit):
        # Whatever was under way may still be: the connection is not fit for anybody else.
        driver.terminate()
        await _let_go(session, connection, invalid=True)
        raise
    except BaseException as error:
        await _let_go(session, connection, invalid=driver.is_closed())
        if _timed_out(error):
            raise too_slow() from error
        raise
    else:
        await _let_go(session, connection, invalid=False)


async def _commit(driver: Any) -> None:
    # The server answers COMMIT of a failed transaction with ROLLBACK, and no error.
    if await driver.execute("COMMIT") != "COMMIT":
        raise LostWrites("the transaction had failed: roll back to a savepoint before going on after an error")


async def _begin(database: Database, role: str, beginning: str) -> tuple[AsyncConnection, Any]:
    """Check a connection out and begin; one that died in the pool is replaced, once per pooled connection."""
    for _ in range(database.settings.pool_size + 1):
        connection = await database.connect(role)
        driver: Any = (await connection.get_raw_connection()).driver_connection
        try:
            await driver.execute(beginning)
        except _GONE:
            await connection.invalidate()
            await connection.close()
            continue
        except BaseException as error:
            driver.terminate()
            await connection.invalidate()
            await connection.close()
            if _timed_out(error):
                raise too_slow() from error
            raise
        return connection, driver
    raise Unavailable(t("The database does not answer. Try again in a moment."))


async def _let_go(session: AsyncSession, connection: AsyncConnection, *, invalid: bool) -> None:
    if invalid:
        await connection.invalidate()
    await session.close()
    await connection.close()


def too_slow() -> Unavailable:
    """Return what a caller is told whose statement was cancelled for its time."""
    return Unavailable(t("The database took too long to answer. Try again, or ask for less."))


def _timed_out(error: BaseException) -> bool:
    original = error.orig if isinstance(error, DBAPIError) else error
    return getattr(original, "sqlstate", None) == "57014"
