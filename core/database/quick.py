"""The short way to a read-only transaction: on the driver itself, for lists that are read all the time.

The wall is the same: the same login, checked the same way, and the same context in the same
message as ``BEGIN``. What is missing is the object mapper: only ``core.database.reading``
works here.
"""

from __future__ import annotations

import asyncio
from types import TracebackType
from typing import TYPE_CHECKING, Any, NoReturn
from uuid import UUID

import asyncpg
import msgspec

from core.context import Ctx
from core.database import logins
from core.database.roles import role_for
from core.database.sessions import too_slow
from core.errors import Unavailable
from core.text import t

if TYPE_CHECKING:
    from core.database.engines import Database

CONNECT_SECONDS = 5.0
JSONB_VERSION = b"\x01"
WAIT_SECONDS = 5.0
"""How long a request waits for a connection that is in use."""
_GONE = (asyncpg.PostgresConnectionError, asyncpg.InterfaceError, OSError)


class QuickPool:
    """The connections of one role for quick reading, the last used first."""

    def __init__(self, database: Database, role: str) -> None:
        self._database = database
        self._role = role
        self._free: list[Any] = []
        self.in_use = 0
        self._places = asyncio.Semaphore(database.settings.pool_size)

    @property
    def free(self) -> int:
        """How many connections are open and not in use."""
        return len(self._free)

    async def take(self, beginning: str) -> Any:
        """Return a connection in whose transaction ``beginning`` was run. Raises ``Unavailable``."""
        if self._places.locked():
            try:
                async with asyncio.timeout(WAIT_SECONDS):
                    await self._places.acquire()
            except TimeoutError:
                raise Unavailable(t("Too many people are asking at once. Try again in a moment.")) from None
        else:
            await self._places.acquire()
        self.in_use += 1
        try:
            return await self._begun(beginning)
        except BaseException as error:
            self._leave()
            if isinstance(error, asyncpg.QueryCanceledError):
                raise too_slow() from error
            raise

    async def _begun(self, beginning: str) -> Any:
        while self._free:
            driver = self._free.pop()
            try:
                await driver.execute(beginning)
            except _GONE:
                driver.terminate()
                continue
            except BaseException:
                driver.terminate()
                raise
            return driver
        try:
            driver = await self._open()
        except _GONE as error:
            raise Unavailable(t("The database does not answer. Try again in a moment.")) from error
        try:
            await driver.execute(beginning)
        except BaseException:
            driver.terminate()
            raise
        return driver

    def give(self, driver: Any, *, fit: bool) -> None:
        """Take a connection back; one that is not ``fit`` is closed."""
        if fit and not driver.is_closed():
            self._free.append(driver)
        else:
            driver.terminate()
        self._leave()

    def _leave(self) -> None:
        self.in_use -= 1
        self._places.release()

    async def close(self) -> None:
        """Close every connection that is not in use."""
        free, self._free = self._free, []
        for driver in free:
            await driver.close()

    async def _open(self) -> Any:
        database, settings = self._database, self._database.settings
        driver = await asyncpg.connect(
            database.target.driver_url(self._role),
            password=database.target.passwords.get(self._role),
            timeout=CONNECT_SECONDS,
            server_settings={
                "application_name": self._role,
                "statement_timeout": str(settings.statement_timeout_ms),
                "idle_in_transaction_session_timeout": str(settings.statement_timeout_ms * 4),
                "timezone": "UTC",
            },
        )
        try:
            await logins.check_own(driver, self._role)
            # As SQLAlchemy sets its own connections up: a document goes in as text and comes out read.
            await driver.set_type_codec(
                "jsonb",
                schema="pg_catalog",
                format="binary",
                encoder=lambda text: JSONB_VERSION + text.encode(),
                decoder=lambda sent: msgspec.json.decode(sent[len(JSONB_VERSION) :]),
            )
        except BaseException:
            driver.terminate()
            raise
        return driver


class QuickSession:
    """What ``Reading.rows`` needs of a session; ``info`` holds the driver's connection and the context."""

    __slots__ = ("info",)

    def __init__(self, driver: Any, ctx: Ctx) -> None:
        self.info = {"driver": driver, "ctx": ctx}

    async def flush(self) -> None:
        """Do nothing: nothing is ever waiting to be written."""

    def __getattr__(self, name: str) -> NoReturn:
        raise TypeError(f"a quick session has no {name}: read through core.database.reading, or do without quick=True")


class quick_session:  # noqa: N801 - used like the functions of core.database.sessions
    """Open a read-only transaction that sees what ``ctx.scope`` may see; ``async with`` gives a ``QuickSession``."""

    __slots__ = ("_ctx", "_driver", "_pool")

    def __init__(self, ctx: Ctx) -> None:
        self._ctx = ctx
        self._pool = ctx.database.quick(role_for(ctx.scope.kind))

    async def __aenter__(self) -> QuickSession:
        scope = self._ctx.scope
        if not isinstance(scope.id, UUID):
            raise TypeError("a quick session needs a context with a scope")
        within = scope.id if scope.kind == "mission" else ""
        self._driver = await self._pool.take(
            f"BEGIN READ ONLY;SELECT set_config('app.tenant','{scope.id}',true),"
            f"set_config('app.mission','{within}',true)"
        )
        return QuickSession(self._driver, self._ctx)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        fit = False
        try:
            if not isinstance(error, (asyncio.CancelledError, GeneratorExit)) and not self._driver.is_closed():
                await self._driver.execute("COMMIT" if error is None else "ROLLBACK")
                fit = True
        finally:
            self._pool.give(self._driver, fit=fit)
        if getattr(error, "sqlstate", None) == "57014":
            raise too_slow() from error
