"""A plugin that holds the loop is noticed, named and suspended for its tenant after one occurrence."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest

from contingent import Ctx
from core.hooks.watchdog import Looks
from tests.core.hooks import workshop
from tests.core.hooks.test_containment import named
from tests.core.hooks.workshop import Panel, Workshop, plugin


def block() -> None:
    time.sleep(0.5)  # on purpose: the subject of these tests


async def sleeps(ctx: Ctx, number: int, word: str) -> int:
    if ctx.scope.slug == "unlucky":
        block()
    return number


async def sleeps_after_waiting(ctx: Ctx, number: int, word: str) -> int:
    await asyncio.sleep(0)
    return await sleeps(ctx, number, word)


async def computes(ctx: Ctx, number: int, word: str) -> int:
    ends = time.monotonic() + 0.5
    while ctx.scope.slug == "unlucky" and time.monotonic() < ends:
        sum(range(1000))
    return number


async def findings(ctx: Ctx, number: int, word: str) -> int:
    return number


@pytest.fixture
async def watched() -> AsyncIterator[Callable[..., Workshop]]:
    made: list[Workshop] = []

    def make(*plugins: Any) -> Workshop:
        work = Workshop(*plugins)
        made.append(work)
        work.host.start()
        return work

    yield make
    for work in made:
        await work.host.close()


@pytest.mark.parametrize("function", [sleeps, sleeps_after_waiting, computes])
async def test_a_blocking_plugin_is_suspended_for_its_tenant_alone(
    watched: Callable[..., Workshop], function: Callable[..., Any]
) -> None:
    work = watched(plugin("innocent", findings), named(function, "findings", "blocks"))
    unlucky, lucky = work.tenant("unlucky"), work.tenant("lucky")
    answers = await unlucky.hooks.all(workshop.findings, number=4, word="")
    assert [(failure.plugin, failure.cause) for failure in answers.failures] == [("blocks", "blocked")]
    assert [origin.plugin for origin in answers.origins] == ["innocent"]
    assert [(tenant, *suspension) for tenant, suspension in work.records.suspensions] == [
        (unlucky.scope.id, "blocks", "findings", "blocked")
    ]
    assert (await work.again(unlucky.scope).hooks.all(workshop.findings, number=4, word="")).results == [4]
    both = await lucky.hooks.all(workshop.findings, number=4, word="")
    assert both.results == [4, 4]
    assert not both.failures


async def test_a_blocking_def_hook_is_suspended(watched: Callable[..., Workshop]) -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        block()
        return []

    work = watched(plugin("blocks", panels))
    answers = await work.tenant("a").hooks.all(workshop.panels, number=1)
    assert [failure.cause for failure in answers.failures] == ["blocked"]


class Slow(msgspec.Struct, frozen=True):
    word: str = ""

    def __post_init__(self) -> None:
        if self.word == "slow":
            block()


async def test_settings_that_block_while_they_are_made_suspend_their_plugin_for_the_tenant(
    watched: Callable[..., Workshop],
) -> None:
    work = watched(plugin("innocent", findings), plugin("blocks", findings, settings=Slow))
    unlucky, lucky = work.tenant("unlucky"), work.tenant("lucky")
    work.records.put(unlucky.scope.id, "blocks", settings={"word": "slow"})
    answers = await unlucky.hooks.all(workshop.findings, number=4, word="")
    assert [origin.plugin for origin in answers.origins] == ["innocent"]
    assert [(tenant, *suspension) for tenant, suspension in work.records.suspensions] == [
        (unlucky.scope.id, "blocks", "settings", "blocked")
    ]
    assert work.host.stage.running is None
    again = await work.again(unlucky.scope).hooks.all(workshop.findings, number=4, word="")
    assert again.results == [4], "its settings are not made again"
    assert (await lucky.hooks.all(workshop.findings, number=4, word="")).results == [4, 4]


async def test_it_is_suspended_while_it_still_blocks(watched: Callable[..., Workshop]) -> None:
    found: list[int] = []

    def panels(ctx: Ctx, number: int) -> list[Panel]:
        ends = time.monotonic() + 10
        while not work.records.suspensions and time.monotonic() < ends:
            time.sleep(0.01)  # on purpose: an endless loop, if nobody wrote the suspension down
        found.append(len(work.records.suspensions))
        return []

    work = watched(plugin("blocks", panels))
    await work.tenant("a").hooks.all(workshop.panels, number=1)
    assert found == [1]


async def test_a_plugin_that_waits_properly_is_left_alone(watched: Callable[..., Workshop]) -> None:
    async def unhurried(ctx: Ctx, number: int) -> int:
        await asyncio.to_thread(time.sleep, 0.3)  # three times what counts as blocking, but not on the loop
        return number

    work = watched(plugin("waits", unhurried))
    assert (await work.tenant("a").hooks.one("waits", workshop.unhurried, number=1)).complete
    assert not work.records.suspensions


async def test_many_short_calls_in_a_row_are_not_one_long_one(watched: Callable[..., Workshop]) -> None:
    def panels(ctx: Ctx, number: int) -> list[Panel]:
        return []

    work = watched(plugin("brisk", panels))
    ctx = work.tenant("a")
    ends = time.monotonic() + 0.3
    while time.monotonic() < ends:
        await ctx.hooks.all(workshop.panels, number=1)
    assert not work.records.suspensions


def look(looks: Looks, running: list[str] | None, *times: tuple[float, float]) -> list[str]:
    return [whose for now, cpu in times if (whose := looks.take(running, now, cpu))]


def test_one_stretch_of_code_is_reported_once() -> None:
    looks, running = Looks(0.1, 0.35), ["somebody"]
    assert look(looks, running, *[(step / 10, 0.0) for step in range(10)]) == ["somebody"]
    assert look(looks, ["somebody"], (1.0, 0.0), (1.1, 0.0)) == []


def test_the_next_implementation_of_one_call_begins_its_own_stretch() -> None:
    looks, running = Looks(0.1, 0.35), ["first"]
    assert look(looks, running, (0.0, 0.0), (0.1, 0.0), (0.2, 0.0)) == []
    running[0] = "second"
    assert look(looks, running, (0.3, 0.0), (0.4, 0.0), (0.5, 0.0)) == []


def test_a_machine_that_slept_is_not_a_plugin_that_blocked() -> None:
    assert look(Looks(0.1, 0.35), ["somebody"], (0.0, 0.0), (3600.0, 0.01)) == []


def test_code_that_keeps_the_interpreter_to_itself_is_told_by_what_it_computed() -> None:
    assert look(Looks(0.1, 0.35), ["somebody"], (0.0, 0.0), (3.0, 2.9)) == ["somebody"]
