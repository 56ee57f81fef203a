"""The dispatcher on a real database: generations, failures and suspensions that hold for every process."""

from __future__ import annotations

import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import pytest

from contingent import Ctx
from core.context import Scope
from core.database.sessions import tenant_session
from core.database.writing import Writing
from core.hooks import service, standing
from core.hooks.database_records import DatabaseRecords, SystemWriting
from core.hooks.health import FAILURES
from core.hooks.host import PluginHost
from core.hooks.records import Suspension
from core.hooks.registry import Registry
from tests.core.hooks import workshop
from tests.core.hooks.workshop import CONTRACT, Panel, plugin
from tests.platform import Platform


class Settings(msgspec.Struct, frozen=True):
    number: int = 1


def block() -> None:
    time.sleep(0.6)  # on purpose: the plugin that holds everybody up


async def findings(ctx: Ctx, number: int, word: str) -> int:
    if word == "raise":
        raise RuntimeError
    if word == "block" and ctx.scope.slug.startswith("unlucky"):
        block()
    return int(ctx.settings.number)


async def unhurried(ctx: Ctx, number: int) -> int:
    await ctx.store.put("seen", {"number": number})
    return len([document for document in await ctx.store.find() if document.key == "seen"])


async def chain(ctx: Ctx, number: int) -> list[Panel]:
    await ctx.store.put("seen", {"number": number})
    return [Panel(key="never")]


class Process:
    """One process of several: its own host over the same database."""

    def __init__(self, platform: Platform, records: DatabaseRecords | None = None) -> None:
        self.platform = platform
        self.registry = Registry([CONTRACT])
        self.registry.register(plugin("numbers", findings, unhurried, chain, settings=Settings))
        self.host = PluginHost(self.registry, records or DatabaseRecords(), holds_after=0.15)

    def ctx(self, scope: Scope) -> Ctx:
        return self.host.bind(self.platform.ctx(scope, name="Dominique Cyr"))

    async def ask(self, scope: Scope, word: str = "") -> Any:
        return await self.ctx(scope).hooks.all(workshop.findings, number=1, word=word)

    @asynccontextmanager
    async def writing(self, scope: Scope) -> AsyncIterator[SystemWriting]:
        ctx = self.ctx(scope)
        async with tenant_session(ctx) as session:
            yield SystemWriting(ctx, session, ctx.today, ctx.clock.now())

    async def enable(self, scope: Scope, number: int = 1) -> None:
        async with self.writing(scope) as work:
            await service.enable(work, self.registry.plugins["numbers"], Settings(number))

    async def row(self, scope: Scope) -> standing.PluginState:
        async with tenant_session(self.ctx(scope)) as session:
            (state,) = await standing.states(session, scope, self.registry)
            return state


@pytest.fixture
async def start(platform: Platform) -> AsyncIterator[Callable[..., Process]]:
    made: list[Process] = []

    def make(records: DatabaseRecords | None = None) -> Process:
        made.append(Process(platform, records))
        made[-1].host.start()
        return made[-1]

    yield make
    for process in made:
        await process.host.close()


async def test_a_change_in_one_process_is_seen_in_the_next_request_of_another(
    platform: Platform, start: Callable[..., Process]
) -> None:
    here, there = start(), start()
    scope, other = await platform.agency(), await platform.agency()
    assert (await there.ask(scope)).results == []
    await here.enable(scope, 5)
    assert (await there.ask(scope)).results == [5]
    assert (await there.ask(other)).results == []
    await here.enable(scope, 6)
    assert (await there.ask(scope)).results == [6]
    async with here.writing(scope) as work:
        await service.disable(work, "numbers")
    assert (await there.ask(scope)).results == []


async def test_a_change_of_one_plugin_leaves_the_breaker_of_another(
    platform: Platform, start: Callable[..., Process]
) -> None:
    process, scope = start(), await platform.agency()
    process.registry.register(plugin("steady", findings, settings=Settings))
    await process.enable(scope)
    async with process.writing(scope) as work:
        await service.enable(work, process.registry.plugins["steady"])
    for _ in range(FAILURES):
        await process.ask(scope, "raise")
    process.host.health.forget(scope.id, {"steady"})
    for name, numbers in (("steady", "open"), ("numbers", "closed")):
        async with process.writing(scope) as work:
            await service.configure(work, process.registry.plugins[name], Settings(7))
        assert 7 in (await process.ask(scope)).results, f"the new settings of {name} are in force"
        assert process.ctx(scope).hooks.breaker("numbers") == numbers


async def test_a_request_under_way_keeps_what_it_began_with(platform: Platform, start: Callable[..., Process]) -> None:
    process, scope = start(), await platform.agency()
    await process.enable(scope, 1)
    ctx = process.ctx(scope)
    first = await ctx.hooks.all(workshop.findings, number=1, word="")
    await process.enable(scope, 2)
    second = await ctx.hooks.all(workshop.findings, number=1, word="")
    assert (first.results, second.results) == ([1], [1])
    assert (await process.ask(scope)).results == [2]


async def test_failures_are_counted_on_the_tenants_own_page(platform: Platform, start: Callable[..., Process]) -> None:
    process = start()
    unlucky, lucky = await platform.agency(), await platform.agency()
    for scope in (unlucky, lucky):
        await process.enable(scope)
    for _ in range(3):
        assert (await process.ask(unlucky, "raise")).failures
        assert (await process.ask(lucky)).results == [1]
    await process.host.settle()
    (line,) = (await process.row(unlucky)).failures
    assert (line.hook, line.cause, line.count) == ("findings", "raised", 3)
    assert "in findings" in line.detail
    assert not (await process.row(lucky)).failures


async def test_a_plugin_that_keeps_failing_is_suspended_for_that_tenant_in_every_process(
    platform: Platform, start: Callable[..., Process]
) -> None:
    here, there = start(), start()
    unlucky, lucky = await platform.agency(), await platform.agency()
    for scope in (unlucky, lucky):
        await here.enable(scope)
    for _ in range(10):
        platform.clock.advance(timedelta(seconds=20))
        await here.ask(unlucky, "raise")
    await here.host.settle()
    row = (await here.row(unlucky)).row
    assert row is not None
    assert (row.state, row.cause) == ("suspended", "failing")
    assert (await there.ask(unlucky)).results == []
    assert (await there.ask(lucky)).results == [1]


async def test_a_plugin_that_blocks_is_suspended_in_the_database_after_one_occurrence(
    platform: Platform, start: Callable[..., Process]
) -> None:
    announced: list[tuple[Scope, object]] = []

    async def announce(writing: Writing, happened: object) -> None:
        announced.append((writing.ctx.scope, happened))
        assert writing.ctx.actor.kind == "system"

    here, there = start(DatabaseRecords(announce)), start()
    unlucky, lucky = await platform.agency(f"unlucky-{time.monotonic_ns()}"), await platform.agency()
    for scope in (unlucky, lucky):
        await here.enable(scope)
    answers = await here.ask(unlucky, "block")
    assert [failure.cause for failure in answers.failures] == ["blocked"]
    state = await there.row(unlucky)
    assert state.row is not None
    assert (state.row.state, state.row.cause) == ("suspended", "blocked")
    assert [(line.cause, line.hook, line.count) for line in state.failures] == [("blocked", "findings", 1)]
    assert announced == [(unlucky, Suspension("numbers", "findings", "blocked"))]
    assert (await here.ask(unlucky, "block")).results == []
    assert (await there.ask(unlucky)).results == []
    assert (await here.ask(lucky, "block")).results == [1]
    async with here.writing(unlucky) as work:
        await service.resume(work, "numbers")
    assert (await here.ask(unlucky)).results == [1]


async def test_documents_are_kept_where_the_hook_may_write_and_only_read_where_it_decides(
    platform: Platform, start: Callable[..., Process]
) -> None:
    process, scope = start(), await platform.agency()
    await process.enable(scope)
    hooks = process.ctx(scope).hooks
    assert (await hooks.one("numbers", workshop.unhurried, number=3)).results == [1]
    decided = await hooks.one("numbers", workshop.chain, number=4)
    assert [failure.error.partition(" ")[0] for failure in decided.failures] == ["StoreRefused"]
    other = await platform.agency()
    await process.enable(other)
    assert (await process.ctx(other).hooks.one("numbers", workshop.unhurried, number=3)).results == [1]


async def test_a_database_that_is_away_costs_the_failures_line_and_nothing_else(
    platform: Platform, start: Callable[..., Process], monkeypatch: pytest.MonkeyPatch
) -> None:
    process, scope = start(), await platform.agency()
    await process.enable(scope)

    async def away(*_: Any) -> None:
        raise OSError

    monkeypatch.setattr(process.host.records, "failed", away)
    assert [failure.cause for failure in (await process.ask(scope, "raise")).failures] == ["raised"]
    await process.host.settle()
    assert (await process.ask(scope)).results == [1]
