"""Injected time. Nothing else in the project asks the machine what time it is."""

from __future__ import annotations

import asyncio
import time
from datetime import UTC, date, datetime, timedelta
from typing import Protocol
from zoneinfo import ZoneInfo


class Clock(Protocol):
    """Where time comes from."""

    def now(self) -> datetime:
        """Return the instant, aware and in UTC."""
        ...

    def monotonic(self) -> float:
        """Return seconds that only grow."""
        ...

    async def sleep(self, seconds: float) -> None:
        """Wait for ``seconds``."""
        ...


def today(clock: Clock, zone: str) -> date:
    """Return the civil date it is now in ``zone`` (an IANA name)."""
    return clock.now().astimezone(ZoneInfo(zone)).date()


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)

    # The dispatcher looks at it around every call of a plugin: not through one more function.
    monotonic = staticmethod(time.monotonic)

    async def sleep(self, seconds: float) -> None:
        await asyncio.sleep(seconds)


class ManualClock:
    """A clock that moves only when told to: for tests and for replaying history."""

    def __init__(self, start: datetime) -> None:
        self._now = start.astimezone(UTC)
        self._elapsed = 0.0

    def now(self) -> datetime:
        return self._now

    def monotonic(self) -> float:
        return self._elapsed

    async def sleep(self, seconds: float) -> None:
        self.advance(timedelta(seconds=seconds))
        await asyncio.sleep(0)

    def advance(self, by: timedelta) -> None:
        """Move on by ``by``."""
        self._now += by
        self._elapsed += by.total_seconds()

    def set(self, instant: datetime) -> None:
        """Move to ``instant``; the monotonic reading never goes back."""
        self._elapsed += max(0.0, (instant - self._now).total_seconds())
        self._now = instant.astimezone(UTC)
