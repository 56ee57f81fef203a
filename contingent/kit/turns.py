"""Turns: a few at a time, of each scope one, and nobody waits behind many of another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from uuid import UUID
from weakref import WeakValueDictionary


class Turns:
    """``at_once`` in all. Who waits longer than ``patience`` seconds goes without.

    Of each scope one stands in the common queue: with ever so many asked for, it has a turn when every other that
    waits has had one.
    """

    def __init__(self, at_once: int, patience: float) -> None:
        self.patience = patience
        self._all = asyncio.Semaphore(at_once)
        self._own: WeakValueDictionary[UUID, asyncio.Lock] = WeakValueDictionary()

    @asynccontextmanager
    async def taken(self, whose: UUID) -> AsyncIterator[bool]:
        """Wait for a turn of the scope's and keep it; yields whether there was one in time."""
        own = self._own.setdefault(whose, asyncio.Lock())
        async with AsyncExitStack() as held:
            try:
                async with asyncio.timeout(self.patience):
                    await held.enter_async_context(own)
                    await held.enter_async_context(self._all)
            except TimeoutError:
                yield False
                return
            yield True
