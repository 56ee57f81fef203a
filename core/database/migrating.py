"""Changing the structure: Alembic's revisions, then every policy and grant, in one transaction."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import aclosing, asynccontextmanager
from pathlib import Path
from typing import Any

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine
from sqlalchemy.pool import NullPool

from core.database import field_keys
from core.database.comparison import compare
from core.database.logins import advice
from core.database.policies import wall_sql
from core.database.roles import MIGRATOR, OWNER, PUBLIC
from core.database.rooms import load_models
from core.database.secret_file import make_secrets
from core.database.target import Target
from core.errors import Misconfigured

FOLDER = Path(__file__).parent / "migrations"
_ONE_AT_A_TIME = 7_091_886_312_045_223
"""The key of the advisory lock that two migrating processes contend for."""


async def upgrade(target: Target, revision: str = "head") -> list[str]:
    """Bring the structure up to ``revision``, replace all policies and grants, and return the revisions applied."""
    async with owner_transaction(target) as connection:
        before = await connection.run_sync(_applied)
        await connection.run_sync(_run(command.upgrade, revision))
        await raise_the_wall(connection)
        if target.folder is not None:
            raw = await connection.get_raw_connection()
            await field_keys.note(raw.driver_connection, make_secrets(target.folder).field_key)
        after = await connection.run_sync(_applied)
        return [name for name in after if name not in before]


async def downgrade(target: Target, revision: str) -> None:
    """Take the structure back to ``revision`` (``base``: nothing is left). What the tables held is lost."""
    async with owner_transaction(target) as connection:
        await connection.run_sync(_run(command.downgrade, revision))
        await raise_the_wall(connection)


async def check(target: Target) -> list[str]:
    """Return every difference between the database and the models, one sentence each; none if all is well."""
    async with owner_transaction(target) as connection:
        applied = await connection.run_sync(_applied)
        missing = [name for name in revisions() if name not in applied]
        if missing:
            return [f"revision {name} is not applied: run 'contingent migrate'" for name in missing]
        return await compare(connection, load_models())


def revisions() -> list[str]:
    """Return the names of all revisions, first to last."""
    script = ScriptDirectory(str(FOLDER))
    return [one.revision for one in script.walk_revisions()][::-1]


@asynccontextmanager
async def owner_transaction(target: Target) -> AsyncIterator[AsyncConnection]:
    """Open a transaction of the migrator, acting as the owner; one process at a time.

    Raises ``Misconfigured`` if the login is refused or does not act as the owner.
    """
    engine = create_async_engine(target.url(MIGRATOR), poolclass=NullPool)
    try:
        async with aclosing(await _log_in(engine, target)) as connection, connection.begin():
            acting = (await connection.execute(text("SELECT current_user, session_user"))).one()
            if tuple(acting) != (OWNER, MIGRATOR):
                raise Misconfigured(
                    f"migrations run as {acting[0]} (logged in as {acting[1]}): expected {OWNER} ({MIGRATOR}); "
                    f"run the SQL of 'contingent database bootstrap --print' again"
                )
            await connection.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _ONE_AT_A_TIME})
            yield connection
    finally:
        await engine.dispose()


async def _log_in(engine: AsyncEngine, target: Target) -> AsyncConnection:
    try:
        return await engine.connect()
    except DBAPIError as error:
        reason = error.orig.__cause__ if error.orig else None
        raise Misconfigured(advice(target, reason if isinstance(reason, Exception) else error, MIGRATOR)) from error
    except OSError as error:
        raise Misconfigured(advice(target, error, MIGRATOR)) from error


async def raise_the_wall(connection: AsyncConnection) -> None:
    """Replace every policy and grant by what the models ask for, on the tables that exist."""
    existing = set(await connection.run_sync(lambda sync: inspect(sync).get_table_names()))
    await run_script(connection, wall_sql(table for table in load_models().sorted_tables if table.name in existing))
    if "alembic_version" in existing:
        # So that a process can tell whether it is older or newer than its database.
        await run_script(connection, f"GRANT SELECT ON alembic_version TO {PUBLIC}")


async def run_script(connection: AsyncConnection, sql: str) -> None:
    """Run several statements in the connection's transaction."""
    raw = await connection.get_raw_connection()
    driver: Any = raw.driver_connection
    await driver.execute(sql)


def _applied(connection: Connection) -> list[str]:
    if not inspect(connection).has_table("alembic_version"):
        return []
    current = connection.scalar(text("SELECT version_num FROM alembic_version"))
    names = revisions()
    if current is not None and current not in names:
        raise Misconfigured(f"the database is at revision {current!r}, which this release does not know: it is newer")
    return names[: names.index(current) + 1] if current else []


def _run(action: Callable[[Config, str], None], revision: str) -> Callable[[Connection], None]:
    def run(connection: Connection) -> None:
        config = Config()
        config.set_main_option("script_location", str(FOLDER).replace("%", "%%"))
        config.attributes["connection"] = connection
        action(config, revision)

    return run
