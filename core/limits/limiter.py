"""What a process asks before it answers: a few calls taken at a time, the rest of the counting shared."""

from __future__ import annotations

import asyncio
import hmac
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256
from weakref import WeakValueDictionary

import msgspec

from core.clock import Clock
from core.database.engines import Database
from core.database.sessions import identity_session
from core.errors import TooMany
from core.limits.buckets import Allowance, Limit, take

MOST_HELD = 10_000
"""How many callers a process holds calls for; those it saw longest ago lose theirs."""


@dataclass(slots=True)
class _Held:
    """Calls that this process has taken from the bucket and not yet given out."""

    calls: int
    allowance: Allowance
    until: float


class Limiter:
    """The limits of one process over the buckets that all share."""

    def __init__(self, database: Database, clock: Clock) -> None:
        self._database = database
        self._clock = clock
        self._held: OrderedDict[str, _Held] = OrderedDict()
        self._taking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()

    async def allow(self, limit: Limit, who: str) -> Allowance:
        """Count a call of ``who`` and return what is left. Raises ``TooMany``.

        Raises ``Unavailable`` when the count cannot be kept: no answer is better than one without a limit.
        """
        key = self._key(limit, who)
        if limit.batch == 1:
            return await self._take(key, limit)
        given = self._give(key)
        if given is not None:
            return given
        # One of the process takes at a time: the others find what it took, and none takes several in vain.
        taking = self._taking.setdefault(key, asyncio.Lock())
        async with taking:
            return self._give(key) or await self._take(key, limit)

    def _give(self, key: str) -> Allowance | None:
        """Give out one of the calls that are held for ``key``, if any are."""
        held = self._held.get(key)
        if held is None or not held.calls or self._clock.monotonic() >= held.until:
            return None
        held.calls -= 1
        self._held.move_to_end(key)
        return msgspec.structs.replace(held.allowance, remaining=held.allowance.remaining + held.calls)

    async def _take(self, key: str, limit: Limit) -> Allowance:
        """Take a batch, or one call where there is no batch left; give one out and hold the others."""
        now, calls = self._clock.now(), limit.batch
        async with identity_session(self._database) as session:
            taken = await take(session, key, limit, now, calls=calls)
            if not taken.allowed and calls > 1:
                calls = 1
                taken = await take(session, key, limit, now)
        if not taken.allowed:
            raise TooMany(taken.retry_after, headers_of(taken))
        if calls == 1:
            return taken
        self._held[key] = _Held(calls - 1, taken, self._clock.monotonic() + limit.window)
        self._held.move_to_end(key)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return msgspec.structs.replace(taken, remaining=taken.remaining + calls - 1)

    def _key(self, limit: Limit, who: str) -> str:
        return hmac.new(self._database.field_key, f"rate/{limit.name}/{who}".encode(), sha256).hexdigest()


def headers_of(allowance: Allowance) -> list[tuple[str, str]]:
    """Return the fields that tell a caller the limit and what is left of it.

    Source: draft-ietf-httpapi-ratelimit-headers-10 (``q`` quota, ``w`` window, ``r`` remaining,
    ``t`` seconds until the quota is whole again).
    """
    limit = allowance.limit
    return [
        ("ratelimit-policy", f'"{limit.name}";q={limit.quota};w={limit.window}'),
        ("ratelimit", f'"{limit.name}";r={allowance.remaining};t={allowance.reset}'),
    ]
