"""How plugins fare, on the page: counted in every process, one service's own, and forgotten in time."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import func, select

from contingent import Ctx
from core.context import LANGUAGES, Language, Scope
from core.database.sessions import tenant_session
from core.extensions.figures import PluginFigures, get_figures
from core.extensions.lifecycle import PLUGIN_READ
from core.extensions.schemas import ByName
from core.extensions.subscribers import forget_figures
from core.hooks.database_figures import KEPT, OPENINGS_KEPT
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.models import PluginOpening, PluginRun, PluginTiming
from core.hooks.specs import reintegration_milestones
from core.hooks.titles import TITLES
from core.use_cases.execution import execute
from tests.core.extensions.conftest import TOUR, Bench, registry
from tests.http.ring import main_of

pytestmark = pytest.mark.http
MILESTONES = reintegration_milestones.__name__


async def ask(ctx: Ctx, times: int = 1) -> None:
    for _ in range(times):
        await ctx.hooks.all(reintegration_milestones, tour=TOUR)


async def figures(bench: Bench, scope: Scope, plugin: str) -> PluginFigures:
    found: PluginFigures = await execute(get_figures, bench.ctx(scope, PLUGIN_READ), ByName(plugin))
    return found


async def test_two_processes_add_up_and_another_service_sees_nothing_of_it(bench: Bench) -> None:
    mine, other = await bench.agency("checking", "raising"), await bench.agency("checking", "raising")
    there = PluginHost(registry(), DatabaseRecords())
    for host, times in ((bench.host, 3), (there, 2)):
        await ask(host.bind(bench.ring.platform.ctx(mine)), times)
        await host.settle()
    sound = await figures(bench, mine, "checking")
    ((hook, hour, day),) = [(one.hook, one.hour, one.day) for one in sound.hooks]
    assert hook == "reintegration_milestones"
    assert (hour.calls, hour.failures) == (day.calls, day.failures) == (5, 0)
    assert hour.p50 is not None
    assert sound.hooks[0].answered_at == bench.ring.platform.clock.now()
    assert [(one.plugin_version, one.here, one.calls, one.failures) for one in sound.versions] == [("1.0", True, 5, 0)]
    failing = await figures(bench, mine, "raising")
    assert (failing.hooks[0].day.failures, failing.hooks[0].answered_at) == (5, None)
    untouched = await figures(bench, other, "raising")
    assert (untouched.hooks[0].day.calls, untouched.versions, untouched.openings) == (0, [], [])


async def test_the_last_hour_is_part_of_the_last_day_and_both_end(bench: Bench) -> None:
    scope, clock = await bench.agency("checking"), bench.ring.platform.clock
    await ask(bench.ctx(scope))
    await bench.host.settle()
    clock.advance(timedelta(hours=2))
    await ask(bench.ctx(scope), 2)
    await bench.host.settle()
    found = (await figures(bench, scope, "checking")).hooks[0]
    assert (found.hour.calls, found.day.calls) == (2, 3)
    clock.advance(timedelta(days=2))
    found = (await figures(bench, scope, "checking")).hooks[0]
    assert (found.day.calls, found.day.p95, found.answered_at is None) == (0, None, False)


async def test_quarters_and_openings_are_forgotten_and_what_ever_ran_is_not(bench: Bench) -> None:
    scope, clock = await bench.agency("raising"), bench.ring.platform.clock
    await ask(bench.ctx(scope), 5)
    await bench.host.settle()

    async def kept() -> list[int]:
        async with tenant_session(bench.ctx(scope), read_only=True) as session:
            tables = (PluginTiming, PluginOpening, PluginRun)
            return [await session.scalar(select(func.count()).select_from(one)) or 0 for one in tables]

    timings, *others = await kept()
    assert timings
    assert others == [1, 1]
    for wait, left in ((KEPT, [0, 1, 1]), (OPENINGS_KEPT, [0, 0, 1])):
        clock.advance(wait + timedelta(minutes=16))
        await forget_figures(bench.ctx(scope))
        assert await kept() == left


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_page_says_how_a_plugin_fares(bench: Bench, language: Language) -> None:
    words: dict[Language, list[str]] = {
        "en": ["The last hour", "Left alone for half a minute", "Half a minute of rest", "0 of 100,000", "Installed"],
        "fr": ["La dernière heure", "Laissé en paix une demi-minute", "Une demi-minute de repos", "Installée"],
    }
    scope = await bench.agency("raising")
    await ask(bench.ctx(scope), 6)
    await bench.host.settle()
    browser = bench.ring.browser(scope, PLUGIN_READ)
    page = await browser.get(f"/{language}/{scope.slug}/plugins/raising/figures")
    assert page.status_code == 200, page.text[:500]
    assert [one for one in words[language] if one not in main_of(page)] == []
    assert (await browser.get(f"/{language}/{scope.slug}/plugins/nothing/figures")).status_code == 404
    listed = await browser.get(f"/{language}/{scope.slug}/plugins/raising")
    assert "/plugins/raising/figures" in main_of(listed)
    for shown in (page, listed):
        assert f'{TITLES[MILESTONES][language]} <span class="mut s below">{MILESTONES}</span>' in main_of(shown)
    overview = main_of(await browser.get(f"/{language}/{scope.slug}/plugins"))
    assert TITLES[MILESTONES][language] in overview
    assert MILESTONES not in overview
