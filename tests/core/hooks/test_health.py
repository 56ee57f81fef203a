"""Breakers with a clock that moves when told: open after five, half open after thirty seconds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from uuid import UUID

import msgspec
import pytest

from contingent import Ctx
from core.hooks.health import FAILURES, OPENINGS, REST, WINDOW, Health
from core.hooks.memory import MemoryRecords
from core.hooks.offering import Offer
from core.hooks.plans import Stops
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Workshop, plugin

KEY = (UUID(int=1), "plugin")


class Settings(msgspec.Struct, frozen=True):
    number: int = 1


def fail(health: Health, times: int, now: float) -> list[bool]:
    return [health.failed(KEY, now) for _ in range(times)]


def test_five_failures_in_a_row_open_the_breaker() -> None:
    health = Health()
    assert fail(health, FAILURES - 1, 0) == [False] * (FAILURES - 1)
    assert health.refuses(KEY, 0) is None
    health.failed(KEY, 0)
    assert health.refuses(KEY, 0) == "resting"
    assert health.refuses(KEY, REST - 0.1) == "resting"


def test_a_success_in_between_starts_the_count_anew() -> None:
    health = Health()
    fail(health, FAILURES - 1, 0)
    health.succeeded(KEY, 0)
    assert not health.troubled
    fail(health, FAILURES - 1, 0)
    assert health.refuses(KEY, 0) is None


def test_half_open_lets_exactly_one_call_through() -> None:
    health = Health()
    fail(health, FAILURES, 0)
    assert health.refuses(KEY, REST) is None
    assert health.refuses(KEY, REST) == "resting"
    health.succeeded(KEY, REST + 1)
    assert health.refuses(KEY, REST + 1) is None


def test_a_trial_that_never_reports_does_not_close_the_door_for_ever() -> None:
    health = Health()
    fail(health, FAILURES, 0)
    assert health.refuses(KEY, REST) is None
    assert health.refuses(KEY, 2 * REST) is None


def test_calls_that_were_under_way_do_not_count_as_further_openings() -> None:
    health = Health()
    assert not any(fail(health, FAILURES * OPENINGS, 0))
    assert health.troubled[KEY].openings == [0]


def test_three_openings_within_an_hour_suspend() -> None:
    health = Health()
    now, answers = 0.0, fail(health, FAILURES, 0)
    while not answers[-1]:
        now += REST
        assert health.refuses(KEY, now) is None
        answers.append(health.failed(KEY, now))
    assert len(health.troubled[KEY].openings) == OPENINGS
    assert health.refuses(KEY, now + 10 * WINDOW) == "suspended"
    health.succeeded(KEY, now)
    assert health.suspended(KEY)


def test_openings_long_apart_do_not_suspend() -> None:
    health = Health()
    for opening in range(5):
        now = opening * WINDOW
        health.refuses(KEY, now)
        assert not any(fail(health, FAILURES, now))
        health.refuses(KEY, now + REST)
        health.succeeded(KEY, now + REST)


def test_an_old_trouble_is_forgotten() -> None:
    health = Health()
    fail(health, FAILURES, 0)
    health.refuses(KEY, REST)
    health.succeeded(KEY, REST)
    assert health.troubled
    health.succeeded(KEY, WINDOW + 1)
    assert not health.troubled


def test_what_is_known_of_one_tenant_is_forgotten_alone() -> None:
    health = Health()
    other = (UUID(int=2), "plugin")
    health.suspend(KEY)
    health.suspend(other)
    health.forget(KEY[0])
    assert not health.suspended(KEY)
    assert health.suspended(other)


async def test_a_plugin_that_keeps_failing_for_one_tenant_rests_there_and_works_elsewhere() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        if ctx.scope.slug == "unlucky":
            raise RuntimeError
        return 1

    work = Workshop(plugin("moody", findings), plugin("steady", findings))
    unlucky, lucky = work.tenant("unlucky", "moody"), work.tenant("lucky")
    causes = []
    for _ in range(FAILURES + 2):
        answers = await unlucky.hooks.all(workshop.findings, number=1, word="")
        causes += [failure.cause for failure in answers.failures]
        assert (await lucky.hooks.all(workshop.findings, number=1, word="")).results == [1, 1]
    assert causes == ["raised"] * FAILURES + ["resting"] * 2
    work.clock.advance(timedelta(seconds=REST))
    assert (await unlucky.hooks.all(workshop.findings, number=1, word="")).failures[0].cause == "raised"
    await work.host.settle()
    assert sum(count for _, count in work.records.failures) == FAILURES + 1


async def test_a_plugin_that_fails_for_minutes_is_suspended_for_that_tenant_and_written_down() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        if ctx.scope.slug == "unlucky":
            raise RuntimeError
        return 1

    work = Workshop(plugin("moody", findings))
    unlucky, lucky = work.tenant("unlucky"), work.tenant("lucky")
    for _ in range(30):
        work.clock.advance(timedelta(seconds=10))
        await unlucky.hooks.all(workshop.findings, number=1, word="")
    await work.host.settle()
    assert [(tenant, suspension.plugin, suspension.cause) for tenant, suspension in work.records.suspensions] == [
        (unlucky.scope.id, "moody", "failing")
    ]
    again = await work.again(unlucky.scope).hooks.all(workshop.findings, number=1, word="")
    assert not again.results
    assert [failure.cause for failure in again.failures] == ["suspended"]
    assert (await lucky.hooks.all(workshop.findings, number=1, word="")).results == [1]


async def test_a_resumed_plugin_gets_a_fresh_start() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        if number < 0:
            raise RuntimeError
        return number

    work = Workshop(plugin("moody", findings))
    ctx = work.tenant("a")
    for _ in range(FAILURES):
        await ctx.hooks.all(workshop.findings, number=-1, word="")
    work.records.put(ctx.scope.id, "moody")
    assert (await work.again(ctx.scope).hooks.all(workshop.findings, number=1, word="")).results == [1]


@pytest.mark.parametrize(
    ("change", "resting"),
    [
        (lambda records, tenant: records.put(tenant, "steady", settings={"number": 2}), True),
        (lambda records, tenant: records.erase(tenant, "steady"), True),
        (lambda records, tenant: records.offer(tenant, Offer({"steady": False})), True),
        (lambda records, tenant: records.stop(tenant, Stops(plugins=frozenset({"steady"}))), True),
        (lambda records, tenant: records.put(tenant, "moody", settings={"number": 2}), False),
    ],
    ids=["another's settings", "another's end", "another is not allowed", "another is stopped", "its own settings"],
)
async def test_only_what_a_change_is_about_begins_anew(
    change: Callable[[MemoryRecords, UUID], None], *, resting: bool
) -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        if number < 0 and ctx.plugin == "moody":
            raise RuntimeError
        return number

    work = Workshop(plugin("moody", findings, settings=Settings), plugin("steady", findings, settings=Settings))
    ctx = work.tenant("a")
    for _ in range(FAILURES):
        await ctx.hooks.all(workshop.findings, number=-1, word="")
    change(work.records, ctx.scope.id)
    again = work.again(ctx.scope)
    answers = await again.hooks.all(workshop.findings, number=1, word="")
    causes = {failure.plugin: failure.cause for failure in answers.failures}
    assert causes.get("moody") == ("resting" if resting else None)
    assert again.hooks.breaker("moody") == ("open" if resting else "closed")


async def test_what_holds_the_loop_stays_stopped_whatever_else_the_tenant_changes_meanwhile() -> None:
    async def findings(ctx: Ctx, number: int, word: str) -> int:
        return number

    work = Workshop(plugin("moody", findings), plugin("steady", findings, settings=Settings))
    ctx = work.tenant("a")
    await ctx.hooks.all(workshop.findings, number=1, word="")
    work.host.health.suspend((ctx.scope.id, "moody"))  # as the watchdog does, before it is written down
    work.records.put(ctx.scope.id, "steady", settings={"number": 2})
    answers = await work.again(ctx.scope).hooks.all(workshop.findings, number=1, word="")
    assert [(failure.plugin, failure.cause) for failure in answers.failures] == [("moody", "suspended")]
