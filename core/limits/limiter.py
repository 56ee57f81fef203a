"""What a process asks before it answers: a few calls taken at a time, the rest of the counting shared."""

from __future__ import annotations

import hmac
from collections import OrderedDict
from dataclasses import dataclass
from hashlib import sha256

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

    async def allow(self, limit: Limit, who: str) -> Allowance:
        """Count a call of ``who`` and return what is left. Raises ``TooMany``.

        Raises ``Unavailable`` when the count cannot be kept: no answer is better than one without a limit.
        """
        key = self._key(limit, who)
        held = self._held.get(key)
        if held is not None and held.calls and self._clock.monotonic() < held.until:
            held.calls -= 1
            self._held.move_to_end(key)
            return msgspec.structs.replace(held.allowance, remaining=held.allowance.remaining + held.calls)
        allowance = await self._take(key, limit)
        if not allowance.allowed:
            raise TooMany(allowance.retry_after, headers_of(allowance))
        return allowance

    async def _take(self, key: str, limit: Limit) -> Allowance:
        now = self._clock.now()
        async with identity_session(self._database) as session:
            if limit.batch > 1:
                several = await take(session, key, limit, now, calls=limit.batch)
                if several.allowed:
                    return self._hold(key, several)
            return await take(session, key, limit, now)

    def _hold(self, key: str, allowance: Allowance) -> Allowance:
        calls, limit = allowance.limit.batch - 1, allowance.limit
        self._held[key] = _Held(calls, allowance, self._clock.monotonic() + limit.window)
        self._held.move_to_end(key)
        if len(self._held) > MOST_HELD:
            self._held.popitem(last=False)
        return msgspec.structs.replace(allowance, remaining=allowance.remaining + calls)

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
