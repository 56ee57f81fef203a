"""Buckets on a real database, against a model of three lines, from several processes."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from core.database.engines import Database
from core.database.sessions import identity_session, worker_session
from core.errors import TooMany
from core.limits.buckets import Allowance, Limit, clear_full, take
from core.limits.limiter import Limiter, headers_of
from tests.platform import NOW, Platform

LIMIT = Limit("tested", quota=6, window=60)
waits = st.integers(0, 70)


async def once(database: Database, key: str, at: float, calls: int = 1) -> Allowance:
    async with identity_session(database) as session:
        return await take(session, key, LIMIT, NOW + timedelta(seconds=at), calls=calls)


@settings(max_examples=25)
@given(asked=st.lists(st.tuples(waits, st.integers(1, 3)), min_size=1, max_size=20))
async def test_a_bucket_gives_what_the_model_gives(platform: Platform, asked: list[tuple[int, int]]) -> None:
    key, at, level = uuid4().hex, 0, float(LIMIT.quota)
    for wait, calls in asked:
        at, level = at + wait, min(LIMIT.quota, level + wait * LIMIT.quota / LIMIT.window)
        found = await once(platform.database, key, at, calls)
        assert found.allowed == (calls <= level + 1e-9)
        level -= calls if found.allowed else 0
        assert found.remaining == int(level + 1e-9)
        if not found.allowed:
            assert not (await once(platform.database, key, at, calls)).allowed
            later = level + found.retry_after * LIMIT.quota / LIMIT.window
            assert later + 1e-9 >= calls > later - LIMIT.quota / LIMIT.window - 1e-9


@pytest.mark.parametrize("quota", [1, 7, 22, 110, 1234])
async def test_a_bucket_holds_its_quota_whether_or_not_that_divides_its_window(platform: Platform, quota: int) -> None:
    limit, key = Limit("odd", quota=quota), uuid4().hex
    async with identity_session(platform.database) as session:
        for calls, allowed in ((quota, True), (1, False)):
            found = await take(session, key, limit, NOW, calls=calls)
            assert (found.allowed, found.remaining) == (allowed, 0)


async def test_several_processes_share_one_bucket(platform: Platform) -> None:
    key = uuid4().hex
    others = [Database(platform.database.target, platform.database.settings) for _ in range(2)]
    found = await asyncio.gather(*(once(database, key, 0) for _ in range(6) for database in others))
    assert sum(one.allowed for one in found) == LIMIT.quota
    for database in others:
        await database.close()


async def test_a_process_takes_several_at_a_time_and_never_gives_out_more(platform: Platform) -> None:
    limit, who = Limit("batched", quota=10, batch=4), uuid4().hex
    processes = [Limiter(platform.database, platform.clock) for _ in range(3)]
    allowed = 0
    with pytest.raises(TooMany) as refused:  # noqa: PT012 - it is the loop that comes to an end
        while True:
            await processes[allowed % 2].allow(limit, who)
            allowed += 1
    assert allowed == limit.quota
    assert refused.value.retry_after >= 1
    assert refused.value.limits["ratelimit"].startswith('"batched";r=0;')
    with pytest.raises(TooMany):
        await processes[2].allow(limit, who)
    platform.clock.advance(timedelta(seconds=limit.window))
    assert (await processes[2].allow(limit, who)).allowed


BURSTS = st.lists(st.tuples(st.integers(0, 2), st.integers(1, 25), st.integers(0, 6)), min_size=1, max_size=8)
"""Which process is asked, how often at once, and how many seconds then pass: in all less than it holds calls for."""


@settings(max_examples=15)
@given(quota=st.integers(6, 40), batch=st.integers(1, 6), bursts=BURSTS)
async def test_of_calls_at_once_none_is_allowed_too_many_and_none_is_lost(
    platform: Platform, quota: int, batch: int, bursts: list[tuple[int, int, int]]
) -> None:
    limit, who = Limit("burst", quota=quota, batch=batch), uuid4().hex
    processes = [Limiter(platform.database, platform.clock) for _ in range(3)]
    most = left = float(quota)  # What the bucket gave at most since it was first asked; what a model of it still has.
    for place, calls, seconds in bursts:
        given = await allowed(processes[place], limit, who, calls)
        most, left = most - given, left - given
        assert most > -1e-9
        if given < calls:
            assert left < 1 + 2 * (batch - 1) + 1e-9, "only what the two other processes hold may be missing"
        platform.clock.advance(timedelta(seconds=seconds))
        gained = timedelta(seconds=seconds) / limit.step
        most, left = most + gained, min(quota, left + gained)
    given = sum([await allowed(one, limit, who, quota + 1) for one in processes])
    assert most - given > -1e-9
    assert left - given < 1 + 1e-9, "once each process was asked, nothing is held and nothing is missing"


async def allowed(process: Limiter, limit: Limit, who: str, calls: int) -> int:
    """Return how many of ``calls`` at once the process allows."""
    found = await asyncio.gather(*(process.allow(limit, who) for _ in range(calls)), return_exceptions=True)
    assert {type(one) for one in found} <= {Allowance, TooMany}
    return sum(isinstance(one, Allowance) for one in found)


async def test_limits_and_callers_do_not_count_for_one_another(platform: Platform) -> None:
    limiter, who = Limiter(platform.database, platform.clock), uuid4().hex
    for _ in range(LIMIT.quota):
        await limiter.allow(LIMIT, who)
    with pytest.raises(TooMany):
        await limiter.allow(LIMIT, who)
    await limiter.allow(LIMIT, uuid4().hex)
    await limiter.allow(Limit("another", quota=1), who)


async def test_the_fields_say_what_is_left_and_when_all_is_there_again(platform: Platform) -> None:
    allowance = await Limiter(platform.database, platform.clock).allow(LIMIT, uuid4().hex)
    assert headers_of(allowance) == [
        ("ratelimit-policy", '"tested";q=6;w=60'),
        ("ratelimit", '"tested";r=5;t=10'),
    ]


async def test_what_is_full_is_cleared_and_nothing_else(platform: Platform) -> None:
    full, used = uuid4().hex, uuid4().hex
    now = (platform.clock.now() - NOW).total_seconds()
    await once(platform.database, full, now - LIMIT.window)
    await once(platform.database, used, now)
    assert await clear_full(platform.database, platform.clock) >= 1
    async with worker_session(platform.database) as session:
        driver = session.info["driver"]
        left = await driver.fetch("SELECT key FROM rate_bucket WHERE key = ANY ($1)", [full, used])
    assert [row["key"] for row in left] == [used]
