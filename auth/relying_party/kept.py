"""Answers of a provider, kept for a while and renewed at most once per cool-down.

Each process keeps its own; nothing but speed depends on it.
"""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from core.clock import Clock

T = TypeVar("T")


class Kept(Generic[T]):
    """What ``fetch`` answered for an address; ``life`` and ``cool_down`` are in seconds."""

    def __init__(self, clock: Clock, fetch: Callable[[str], Awaitable[T]], *, life: float, cool_down: float) -> None:
        self._clock = clock
        self._fetch = fetch
        self._life = life
        self._cool_down = cool_down
        self._answers: dict[str, tuple[float, T]] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, address: str) -> T:
        """Return the answer, asked for again when its life is over."""
        async with self._locks[address]:
            kept = self._answers.get(address)
            if kept is not None and self._clock.monotonic() - kept[0] < self._life:
                return kept[1]
            return await self._ask(address)

    async def renewed(self, address: str) -> T | None:
        """Ask again before the life is over; ``None`` while the last asking is too recent."""
        async with self._locks[address]:
            kept = self._answers.get(address)
            if kept is not None and self._clock.monotonic() - kept[0] < self._cool_down:
                return None
            return await self._ask(address)

    async def _ask(self, address: str) -> T:
        answer = await self._fetch(address)
        self._answers[address] = (self._clock.monotonic(), answer)
        return answer
