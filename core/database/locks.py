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

    def __init__(self, driver: Any) -> None:
        self._driver = driver
        self._turn = asyncio.Lock()
        self._held: set[str] = set()

    async def take(self, name: str) -> bool:
        """Take the lock if nobody has it, who asks here included; say whether that was so."""
        async with self._turn:
            if name in self._held or not await self._driver.fetchval(_TAKE, name):
                return False
            self._held.add(name)
            return True

    async def give_back(self, name: str) -> None:
        """Let others take the lock."""
        async with self._turn:
            self._held.discard(name)
            await self._driver.execute(_GIVE_BACK, name)


@asynccontextmanager
async def own_locks(database: Database) -> AsyncIterator[Locks]:
    """Open a connection for locks; whatever is still held at its end is given back by closing it."""
    target = database.target
    driver = await asyncpg.connect(
        target.driver_url(WORKER),
        password=target.passwords.get(WORKER),
        timeout=CONNECT_SECONDS,
        server_settings={"application_name": f"{WORKER} locks", **_ALIVE},
    )
    try:
        await check_own(driver, WORKER)
        yield Locks(driver)
    finally:
        driver.terminate()
