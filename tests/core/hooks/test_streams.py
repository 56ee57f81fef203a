"""Pages from one named plugin, as long as it keeps to its deadlines."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from datetime import timedelta
from typing import Any

import pytest

from contingent import Ctx, Rejected
from core.hooks.answers import PluginFailed
from tests.core.hooks import workshop
from tests.core.hooks.workshop import Panel, Workshop, plugin


async def read(ctx: Ctx, name: str, number: int = 3) -> list[Panel]:
    return [page async for page in ctx.hooks.stream(name, workshop.pages, number=number)]


async def test_pages_come_in_order() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        for place in range(number):
            await asyncio.sleep(0)
            yield Panel(key="page", number=place)

    work = Workshop(plugin("source", pages))
    assert [page.number for page in await read(work.tenant("a"), "source")] == [0, 1, 2]
    assert not work.host.health.troubled


async def failing(how: str) -> Any:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        yield Panel(key="good")
        if how == "raises":
            raise RuntimeError
        if how == "hangs":
            await asyncio.Event().wait()
        if how == "nonsense":
            yield "page"  # type: ignore[misc]
        if how == "hangs on the way out":
            try:
                yield Panel(key="good")
                raise RuntimeError
            finally:
                await asyncio.Event().wait()

    work = Workshop(plugin("source", pages))
    with pytest.raises(PluginFailed) as stopped:
        await read(work.tenant("a"), "source")
    return stopped.value.failure.cause


@pytest.mark.parametrize(
    ("how", "cause"),
    [("raises", "raised"), ("hangs", "late"), ("nonsense", "nonsense"), ("hangs on the way out", "late")],
)
async def test_a_run_stops_where_its_source_fails(how: str, cause: str) -> None:
    assert await failing(how) == cause


async def test_a_run_without_a_page_has_failed() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        if number < 0:
            yield Panel(key="never")

    work = Workshop(plugin("source", pages))
    with pytest.raises(PluginFailed) as stopped:
        await read(work.tenant("a"), "source")
    assert stopped.value.failure.cause == "nothing"


async def test_a_run_that_takes_too_long_in_all_stops() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        while True:
            await ctx.clock.sleep(4)
            yield Panel(key="page")

    work = Workshop(plugin("source", pages))
    with pytest.raises(PluginFailed, match="more than 10 s in all"):
        await read(work.tenant("a"), "source")
    assert work.clock.monotonic() == 12


async def test_a_reader_may_stop_early_and_the_source_tidies_up() -> None:
    tidied: list[bool] = []

    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        try:
            while True:
                yield Panel(key="page")
        finally:
            await asyncio.sleep(0)
            tidied.append(True)

    work = Workshop(plugin("source", pages))
    stream = work.tenant("a").hooks.stream("source", workshop.pages, number=1)
    async with aclosing(stream):
        async for _ in stream:
            break
    assert tidied == [True]
    assert not work.host.health.troubled


async def test_a_source_that_will_not_close_is_left_lying() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        while True:
            try:
                yield Panel(key="page")
            finally:
                await asyncio.Event().wait()

    work = Workshop(plugin("source", pages))
    stream = work.tenant("a").hooks.stream("source", workshop.pages, number=1)
    async with aclosing(stream):
        async for _ in stream:
            break
    await work.host.settle()
    assert [failure.cause for failure, _ in work.records.failures] == ["late"]


async def test_a_source_that_will_not_end_is_left_lying_after_its_deadline() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        yield Panel(key="page")
        while True:
            try:
                await asyncio.Event().wait()
            except BaseException:  # noqa: BLE001 - the worst source there can be
                continue

    work = Workshop(plugin("source", pages))
    with pytest.raises(PluginFailed) as stopped:
        await read(work.tenant("a"), "source")
    assert stopped.value.failure.cause == "late"
    await work.host.settle()
    assert [failure.cause for failure, _ in work.records.failures] == ["late"]


async def test_a_source_may_refuse_what_it_is_given() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        if number:
            raise Rejected(
                {"en": "This is not a file of workers.", "fr": "Ce fichier n’est pas une liste d’effectifs."}
            )
        yield Panel(key="never")

    work = Workshop(plugin("source", pages))
    with pytest.raises(Rejected, match="not a file of workers"):
        await read(work.tenant("a"), "source")
    assert not work.host.health.troubled


async def test_a_source_that_is_off_says_so() -> None:
    work = Workshop(plugin("source"), plugin("other"))
    with pytest.raises(PluginFailed) as stopped:
        await read(work.tenant("a", "other"), "source")
    assert stopped.value.failure.cause == "missing"


async def test_a_source_in_trouble_is_left_alone() -> None:
    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        if number:
            raise RuntimeError
        yield Panel(key="never")

    work = Workshop(plugin("source", pages))
    ctx = work.tenant("a")
    causes = []
    for _ in range(6):
        with pytest.raises(PluginFailed) as stopped:
            await read(ctx, "source")
        causes.append(stopped.value.failure.cause)
    assert causes == ["raised"] * 5 + ["resting"]
    work.clock.advance(timedelta(seconds=31))
    with pytest.raises(PluginFailed, match="raised"):
        await read(ctx, "source")


@pytest.mark.parametrize("state", ["disabled", "suspended", "removed"])
async def test_a_run_ends_after_its_page_when_its_plugin_is_switched_off(state: str) -> None:
    made: list[int] = []

    async def pages(ctx: Ctx, number: int) -> AsyncIterator[Panel]:
        for place in range(number):
            made.append(place)
            yield Panel(key="page", number=place)

    work = Workshop(plugin("source", pages), plugin("other", pages))
    ctx = work.tenant("a")
    seen = []

    async def run() -> None:
        async with aclosing(ctx.hooks.stream("source", workshop.pages, number=4)) as pages:
            async for page in pages:
                seen.append(page.number)
                work.records.put(ctx.scope.id, "other" if page.number == 0 else "source", state)

    with pytest.raises(PluginFailed) as stopped:
        await run()
    assert seen == made == [0, 1]
    assert stopped.value.failure.cause == ("suspended" if state == "suspended" else "disabled")
    assert not work.host.health.troubled
