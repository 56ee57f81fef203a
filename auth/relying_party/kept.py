"""Answers of a provider, kept for a while and renewed at most once per cool-down.

Each process keeps its own; nothing but speed depends on it, except that an answer may stand in
for a provider that does not answer for a while.
"""

from __future__ import annotations

import asyncio
import logging
from collections import defaultdict
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock

T = TypeVar("T")
log = logging.getLogger(__name__)


class Kept(Generic[T]):
    """What ``fetch`` answered for an address; ``life``, ``cool_down`` and ``stand_in`` are in seconds.

    ``stand_in``: how long after its life an answer is still good while the provider is silent,
    which is then asked again once per cool-down.
    """

    def __init__(
        self,
        clock: Clock,
        fetch: Callable[[str], Awaitable[T]],
        *,
        life: float,
        cool_down: float,
        stand_in: float = 0,
    ) -> None:
        self._clock = clock
        self._fetch = fetch
        self._life = life
        self._cool_down = cool_down
        self._stand_in = stand_in
        self._answers: dict[str, tuple[float, T]] = {}
        self._asked_at: dict[str, float] = {}
        self._locks: defaultdict[str, asyncio.Lock] = defaultdict(asyncio.Lock)

    async def get(self, address: str) -> T:
        """Return the answer, asked for again when its life is over."""
        good = self._good(address)
        if good is not None:
            return good[0]
        async with self._locks[address]:
            # Whoever held the lock before may have asked.
            good = self._good(address)
            return good[0] if good is not None else await self._ask_or_stand_in(address)

    async def renewed(self, address: str) -> T | None:
        """Ask again before the life is over; ``None`` while the last asking is too recent."""
        async with self._locks[address]:
            return None if self._was_asked(address) else await self._ask(address)

    async def _ask(self, address: str) -> T:
        self._asked_at[address] = self._clock.monotonic()
        answer = await self._fetch(address)
        self._answers[address] = (self._clock.monotonic(), answer)
        return answer

    async def _ask_or_stand_in(self, address: str) -> T:
        """Ask again; what was answered before stands in for silence, and never for another answer."""
        try:
            return await self._ask(address)
        except SignInRefused as refused:
            before = self._answers.get(address)
            if refused.why is not Why.PROVIDER_DOWN:
                self._answers.pop(address, None)
                raise
            if before is None or self._age(before) >= self._life + self._stand_in:
                raise
            log.warning("%s does not answer (%s): what it said before stands in", address, refused.detail)
            return before[1]

    def _good(self, address: str) -> tuple[T] | None:
        """Return the answer, alone in a tuple, if it is good without asking."""
        kept = self._answers.get(address)
        if kept is None:
            return None
        # One that is past its life and was asked for just now was not answered.
        life = self._life + (self._stand_in if self._was_asked(address) else 0)
        return (kept[1],) if self._age(kept) < life else None

    def _age(self, kept: tuple[float, T]) -> float:
        return self._clock.monotonic() - kept[0]

    def _was_asked(self, address: str) -> bool:
        """Say whether the last asking is too recent to ask again, whatever came of it."""
        at = self._asked_at.get(address)
        return at is not None and self._clock.monotonic() - at < self._cool_down
