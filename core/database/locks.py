"""Locks of the worker that outlast a transaction: many on one connection, each given back by itself.

What holds one may take minutes. A transaction each would keep a connection each; these cost one in all, and
are gone with it when the process ends, however it ends.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import asyncpg

from core.database.engines import CONNECT_SECONDS, Database
from core.database.logins import check_own
from core.database.roles import WORKER

_ALIVE = {"tcp_keepalives_idle": "60", "tcp_keepalives_interval": "20", "tcp_keepalives_count": "3"}
"""So that the locks of a machine that vanished without a word are free two minutes later."""
_TAKE = "SELECT pg_try_advisory_lock(hashtextextended($1, 0))"
_GIVE_BACK = "SELECT pg_advisory_unlock(hashtextextended($1, 0))"


class Locks:
    """The locks that one connection holds. They exclude those of transactions by the same name, too."""

    def __init__(self, database: Database) -> None:
        self._database = database
        self._driver: Any = None
        self._turn = asyncio.Lock()
        self._held: set[str] = set()

    @property
    def lost(self) -> bool:
        """Whether there is no connection, and so no lock."""
        return self._driver is None or self._driver.is_closed()

    async def take(self, name: str) -> bool:
        """Take the lock if nobody has it, who asks here included; say whether that was so."""
        async with self._turn:
            if name in self._held or not await self._driver.fetchval(_TAKE, name):
                return False
            self._held.add(name)
            return True

    async def give_back(self, name: str) -> None:
        """Let others take the lock. One that was lost is not ours to give."""
        async with self._turn:
            if name in self._held:
                self._held.discard(name)
                await self._driver.execute(_GIVE_BACK, name)

    async def renew(self) -> set[str]:
        """Connect again where the connection was lost, and take the locks that it held.

        Returns those that somebody else has by now. Where it raises, all of them are lost.
        """
        async with self._turn:
            if not self.lost:
                return set()
            held, self._held = self._held, set()
            driver = await _connect(self._database)
            try:
                taken = {name for name in held if await driver.fetchval(_TAKE, name)}
            except BaseException:
                # What it has taken so far nobody here knows of, and so nobody would give back.
                driver.terminate()
                raise
            self._driver, self._held = driver, taken
            return held - taken

    def close(self) -> None:
        """Give back whatever is still held, by closing the connection."""
        if self._driver is not None:
            self._driver.terminate()


@asynccontextmanager
async def own_locks(database: Database) -> AsyncIterator[Locks]:
    """Open a connection for locks; whatever is still held at its end is given back by closing it."""
    locks = Locks(database)
    try:
        await locks.renew()
        yield locks
    finally:
        locks.close()


async def _connect(database: Database) -> Any:
    target = database.target
    driver = await asyncpg.connect(
        target.driver_url(WORKER),
        password=target.passwords.get(WORKER),
        timeout=CONNECT_SECONDS,
        server_settings={"application_name": f"{WORKER} locks", **_ALIVE},
    )
    try:
        await check_own(driver, WORKER)
    except BaseException:
        driver.terminate()
        raise
    return driver
