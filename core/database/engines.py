"""One small pool of connections per role, opened when first needed, refused when the login is too strong."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from functools import cached_property
from typing import Any, Self
from uuid import UUID

import asyncpg
from sqlalchemy import event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine, create_async_engine

from core.context import Scope
from core.database import logins
from core.database.directory import find_scope, find_scope_by_id
from core.database.quick import QuickPool
from core.database.secret_file import read_secrets
from core.database.sessions import public_session
from core.database.target import Target, find_target
from core.errors import Misconfigured, Unavailable
from core.settings import Settings
from core.text import t

CONNECT_SECONDS = 5.0
"""How long the server may take to answer a new connection."""

ACQUIRE_SECONDS = 5.0
"""How long a request waits for a free connection."""
SCOPE_SECONDS = 5.0
"""How long a scope is remembered by its slug. Names may lag by this much; ids never change."""


NO_ANSWER = (OSError, DBAPIError, asyncpg.PostgresError, asyncpg.InterfaceError)
"""What a server that cannot be reached, or is too slow even for a new connection's check, comes to."""


class Database:
    """The engines, one per role, and the directory of scopes."""

    def __init__(self, target: Target, settings: Settings) -> None:
        self.target = target
        self.settings = settings
        self._engines: dict[str, AsyncEngine] = {}
        self._quick: dict[str, QuickPool] = {}
        self._checked: set[str] = set()
        self._checking = asyncio.Lock()
        # One connection is left for those who hold a scope's and need one of the sign-in within it.
        self._around = asyncio.Semaphore(max(1, settings.pool_size - 1))
        self._by_slug: dict[str, tuple[float, Scope]] = {}
        self._by_id: dict[UUID, tuple[float, Scope]] = {}

    @cached_property
    def field_key(self) -> bytes:
        """The 32 bytes from which every tenant's key is derived. Raises ``Misconfigured`` if there are none."""
        secrets = read_secrets(self.settings.data_folder)
        if secrets is None:
            raise Misconfigured(
                f"{self.settings.data_folder}/secrets.toml is missing: copy it from the machine that was set up first"
            )
        return secrets.field_key

    @classmethod
    async def open(cls, settings: Settings) -> Self:
        """Return the database that ``settings`` name.

        Raises ``Misconfigured`` if it cannot be reached, or if a login is a superuser, bypasses
        policies or is a member of the owner: such a login would see every tenant's rows.
        """
        database = cls(find_target(settings), settings)
        try:
            await logins.check_all(database.target)
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
            raise Misconfigured(logins.advice(database.target, error)) from error
        return database

    async def close(self) -> None:
        """Close every connection."""
        engines, self._engines = self._engines, {}
        for engine in engines.values():
            await engine.dispose()
        quick, self._quick = self._quick, {}
        for pool in quick.values():
            await pool.close()

    def in_use(self) -> dict[str, int]:
        """Return how many connections of each role are checked out now."""
        used = {role: engine.pool.checkedout() for role, engine in self._engines.items()}  # type: ignore[attr-defined]
        return used | {f"{role} (quick)": pool.in_use for role, pool in self._quick.items()}

    def quick(self, role: str) -> QuickPool:
        """Return the connections of ``role`` for quick reading (``core.database.quick``)."""
        pool = self._quick.get(role)
        if pool is None:
            pool = self._quick[role] = QuickPool(self, role)
        return pool

    async def connect(self, role: str) -> AsyncConnection:
        """Return a connection of ``role``; the caller closes it.

        Raises ``Unavailable`` when none is free in time or the server does not answer.
        """
        engine = self._engines.get(role) or self._open_engine(role)
        connection = engine.connect()
        try:
            await connection.start()
            if role not in self._checked:
                await self._check(role, connection)
        except PoolTimeout:
            raise Unavailable(t("Too many people are asking at once. Try again in a moment.")) from None
        except NO_ANSWER as error:
            raise Unavailable(t("The database does not answer. Try again in a moment.")) from error
        return connection

    @asynccontextmanager
    async def place_around(self) -> AsyncIterator[None]:
        """Wait for one of the places of those who open a scope's transaction within one of the sign-in.

        With all connections of the sign-in in their hands they would wait for a scope's, and whoever holds those would
        wait for one of the sign-in. Raises ``Unavailable`` when none is free in time.
        """
        try:
            async with asyncio.timeout(ACQUIRE_SECONDS):
                await self._around.acquire()
        except TimeoutError:
            raise Unavailable(t("Too many people are asking at once. Try again in a moment.")) from None
        try:
            yield
        finally:
            self._around.release()

    async def scope(self, slug: str) -> Scope | None:
        """Return the scope called ``slug``, or ``None``; remembered for some seconds."""
        return await self._scope(self._by_slug, slug, find_scope)

    async def scope_by_id(self, scope_id: UUID) -> Scope | None:
        """Return the scope with this id, or ``None``; remembered for some seconds."""
        return await self._scope(self._by_id, scope_id, find_scope_by_id)

    async def _scope(self, known: dict[Any, tuple[float, Scope]], key: Any, find: Any) -> Scope | None:
        found = known.get(key)
        if found is not None and found[0] > time.monotonic():
            return found[1]
        async with public_session(self) as session:
            scope: Scope | None = await find(session, key)
        if scope is not None:
            entry = (time.monotonic() + SCOPE_SECONDS, scope)
            self._by_slug[scope.slug] = self._by_id[scope.id] = entry
        return scope

    def _open_engine(self, role: str) -> AsyncEngine:
        engine = create_async_engine(
            self.target.url(role),
            # core.database.sessions sends BEGIN and the context in one message, and COMMIT itself.
            isolation_level="AUTOCOMMIT",
            pool_size=self.settings.pool_size,
            max_overflow=0,
            pool_timeout=ACQUIRE_SECONDS,
            pool_use_lifo=True,
            connect_args={
                "timeout": CONNECT_SECONDS,
                "prepared_statement_cache_size": 500,
                "server_settings": {
                    "application_name": role,
                    "statement_timeout": str(self.settings.statement_timeout_ms),
                    "idle_in_transaction_session_timeout": str(self.settings.statement_timeout_ms * 4),
                    "timezone": "UTC",
                },
            },
        )
        event.listen(engine.sync_engine, "reset", _leave_no_transaction)
        self._engines[role] = engine
        return engine

    async def _check(self, role: str, connection: AsyncConnection) -> None:
        raw = await connection.get_raw_connection()
        try:
            await logins.check_own(raw.driver_connection, role)
        except BaseException:
            await connection.invalidate()
            await connection.close()
            raise
        self._checked.add(role)


def _leave_no_transaction(dbapi_connection: Any, record: Any, state: Any) -> None:
    """Let no connection go back to the pool inside a transaction: its context would leak into the next."""
    if dbapi_connection.driver_connection.is_in_transaction():
        dbapi_connection.run_async(lambda driver: driver.execute("ROLLBACK"))
