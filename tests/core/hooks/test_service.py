"""Switching plugins on and off for a scope, with who, when and what was different before."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import msgspec
import pytest
from sqlalchemy import select
from sqlalchemy.exc import DBAPIError

from contingent import Ctx
from core.context import Scope
from core.database.directory import ScopeRow
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.hooks import service, standing
from core.hooks.answers import Failure
from core.hooks.database_records import DatabaseRecords, SystemWriting
from core.hooks.models import PluginDifference, PluginEnablement
from core.hooks.registry import Plugin, Registry
from tests.core.hooks.workshop import CONTRACT, Panel, manifest, plugin
from tests.platform import Platform


class Settings(msgspec.Struct, frozen=True):
    days: int = 30
    names: list[str] = []


async def chain(ctx: Ctx, number: int) -> list[Panel]:
    return []


def registry() -> Registry:
    made = Registry([CONTRACT])
    made.register(plugin("planner", chain, settings=Settings))
    made.register(plugin("other", chain))
    made.load_module("shattered", "there.is.no.such.module")
    return made


PLANNER = Plugin(manifest("planner", settings=Settings), object(), frozenset())


@asynccontextmanager
async def writing(ctx: Ctx) -> AsyncIterator[SystemWriting]:
    async with tenant_session(ctx) as session:
        yield SystemWriting(ctx, session, ctx.today, ctx.clock.now())


async def generation(platform: Platform, scope: Scope) -> int:
    async with tenant_session(platform.ctx(scope)) as session:
        return (await session.execute(select(ScopeRow.generation).where(ScopeRow.id == scope.id))).scalar_one()


async def changes(ctx: Ctx, name: str = "planner") -> list[standing.Changed]:
    async with tenant_session(ctx) as session:
        return await standing.history(session, ctx.scope, name)


@pytest.fixture
async def ctx(platform: Platform) -> Ctx:
    return platform.ctx(await platform.agency(), name="Dominique Cyr")


async def test_a_plugin_is_switched_on_with_its_defaults(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        row = await service.enable(work, PLANNER)
    assert (row.state, row.settings, row.plugin_version) == ("enabled", {"days": 30, "names": []}, "1.0")
    (change,) = await changes(ctx)
    assert (change.row.action, change.row.actor_name, change.row.actor_id) == ("enable", "Dominique Cyr", ctx.actor.id)
    assert change.difference == {"days": [None, 30], "names": [None, []]}


async def test_switching_on_or_off_twice_is_once(platform: Platform, ctx: Ctx) -> None:
    for _ in range(2):
        async with writing(ctx) as work:
            await service.enable(work, PLANNER)
    after_on = await generation(platform, ctx.scope)
    for _ in range(2):
        async with writing(ctx) as work:
            await service.disable(work, "planner", "Not needed this year.")
    assert [change.row.action for change in await changes(ctx)] == ["disable", "enable"]
    assert await generation(platform, ctx.scope) == after_on + 1


async def test_settings_survive_switching_off_and_on(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        await service.enable(work, PLANNER, Settings(days=7))
        await service.disable(work, "planner")
        row = await service.enable(work, PLANNER)
    assert row.settings["days"] == 7


async def test_a_change_of_settings_keeps_the_difference_and_raises_the_generation(
    platform: Platform, ctx: Ctx
) -> None:
    async with writing(ctx) as work:
        await service.enable(work, PLANNER)
    before = await generation(platform, ctx.scope)
    async with writing(ctx) as work:
        await service.configure(work, PLANNER, Settings(days=14))
    async with writing(ctx) as work:
        await service.configure(work, PLANNER, Settings(days=14))
    latest, *_ = await changes(ctx)
    assert (latest.row.action, latest.difference) == ("configure", {"days": [30, 14]})
    assert await generation(platform, ctx.scope) == before + 1


async def test_suspending_stops_it_until_somebody_resumes_it(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        await service.enable(work, PLANNER)
        assert await service.suspend(work, "planner", reason="It looks wrong.")
        assert not await service.suspend(work, "planner")
        row = await service.find(work, "planner")
        assert (row.state, row.reason, row.cause) == ("suspended", "It looks wrong.", None)
        row = await service.resume(work, "planner")
        assert (row.state, row.reason) == ("enabled", None)
    assert {change.row.action for change in await changes(ctx)} == {"enable", "suspend", "resume"}


async def test_what_the_scope_never_had_is_not_found(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        for act in (service.disable, service.resume, service.find):
            with pytest.raises(NotFound):
                await act(work, "planner")
        with pytest.raises(NotFound):
            await service.configure(work, PLANNER, Settings())
        assert not await service.suspend(work, "planner")


async def test_one_tenants_plugins_are_not_anothers(platform: Platform, ctx: Ctx) -> None:
    other = platform.ctx(await platform.agency())
    before = await generation(platform, other.scope)
    async with writing(ctx) as work:
        await service.enable(work, PLANNER)
    async with writing(other) as work:
        with pytest.raises(NotFound):
            await service.disable(work, "planner")
        assert (await work.session.scalars(select(PluginEnablement))).all() == []
    assert await changes(other) == []
    assert await generation(platform, other.scope) == before


async def test_the_page_shows_every_plugin_with_its_failures_on_one_line_each(platform: Platform, ctx: Ctx) -> None:
    records = DatabaseRecords()
    async with writing(ctx) as work:
        await service.enable(work, PLANNER)
    for count in (2, 3):
        platform.clock.advance(timedelta(minutes=1))
        failure = Failure(ctx.scope.id, "planner", "chain", "raised", f"ValueError at plan.py:{count}")
        await records.failed(ctx, [(failure, count)])
    async with tenant_session(ctx) as session:
        states = await standing.states(session, ctx.scope, registry())
    assert [(state.name, state.state) for state in states] == [
        ("other", "available"),
        ("planner", "enabled"),
        ("shattered", "available"),
    ]
    (line,) = states[1].failures
    assert (line.cause, line.count, line.detail) == ("raised", 5, "ValueError at plan.py:3")
    assert line.first_at < line.last_at
    broken = states[2].broken
    assert broken is not None
    assert broken.stage == "import"


async def test_the_history_of_plugins_cannot_be_rewritten(ctx: Ctx) -> None:
    async with writing(ctx) as work:
        await service.enable(work, PLANNER)
    (change,) = await changes(ctx)
    values = {"tenant_id": ctx.scope.id, "change_id": change.row.id, "plugin": "planner"}

    async def rewrite() -> None:
        async with tenant_session(ctx) as session:
            (await session.merge(change.row)).actor_name = "Somebody else"

    async def say_otherwise() -> None:
        async with tenant_session(ctx) as session:
            await session.merge(PluginDifference(**values, difference={"days": [None, 31]}))

    for attempt in (rewrite, say_otherwise):
        with pytest.raises(DBAPIError, match="permission denied"):
            await attempt()
