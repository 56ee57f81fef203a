"""Plugins' tasks: begun when they are due, once, and never while a run is under way."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select

from contingent import Ctx, NotConsented, Rejected, Run, Task, Words, hookimpl
from core.database.sessions import tenant_session
from core.events.models import ChannelAddress
from core.extensions.deliveries import ListDeliveries, list_deliveries
from core.extensions.lifecycle import PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import PluginTask
from core.extensions.notifying import PluginNotifications
from core.extensions.removing import erase_plugin_data, export_plugin_data
from core.extensions.scheduling import DEAD_KEPT, KEPT, begin_due, forget_old, is_due
from core.extensions.schemas import ByName, ErasePlugin
from core.hooks.answers import Cause, Origin
from core.hooks.granting import Grant
from core.hooks.service import disable
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.extensions.conftest import plugin
from tests.core.extensions.listening import Station, station
from tests.http.ring import main_of
from tests.platform import Platform

TITLE: Words = {"en": "A task", "fr": "Une tâche"}
ASKED: list[Task] = []
RUNS: list[Run] = []
REFUSING: list[bool] = []


def tasks(ctx: Ctx) -> list[Task] | None:
    return list(ASKED)


@hookimpl
async def run_task(ctx: Ctx, run: Run) -> None:
    RUNS.append(run)
    if REFUSING:
        raise Rejected({"en": "Not now.", "fr": "Pas maintenant."})


@pytest.fixture
async def working(platform: Platform) -> AsyncIterator[Station]:
    ASKED[:] = []
    RUNS[:] = []
    REFUSING[:] = []
    made = plugin("busy", "scheduled_tasks", tasks)
    made.run_task = run_task  # type: ignore[attr-defined]
    async with station(platform, [made]) as ready:
        await ready.enable("busy")
        yield ready


def worded_tasks(ctx: Ctx) -> list[Task] | None:
    quoting: Words = {"en": f"Remind {ctx.scope.slug}", "fr": f"Rappel {ctx.scope.slug}"}
    return [
        Task(key="sweep", title={"en": "Sweeping", "fr": "Balayage"}, every=30),
        Task(key="remind", title=quoting, every=30),
    ]


async def test_a_developer_reads_a_tasks_title_where_it_stands_in_the_code_and_an_administrator_always(
    platform: Platform,
) -> None:
    made = plugin("worded", "scheduled_tasks", worded_tasks)
    made.run_task = run_task  # type: ignore[attr-defined]
    async with station(platform, [made]) as ready:
        await ready.enable("worded")
        await begin_due(ready.ctx())
        read: dict[tuple[str, ...], set[str | None]] = {}
        for permissions in ((), (PLUGIN_PEOPLE,)):
            ctx = ready.host.bind(platform.ctx(ready.scope, PLUGIN_READ, *permissions))
            found = await execute(list_deliveries, ctx, ListDeliveries(name="worded"))
            read[permissions] = {one.task["en"] if one.task else None for one in found.deliveries}
        assert read == {(): {"Sweeping", None}, (PLUGIN_PEOPLE,): {"Sweeping", f"Remind {ready.scope.slug}"}}
        browser = ready.ring.browser(ready.scope, PLUGIN_READ)
        page = main_of(await browser.get(f"/en/{ready.scope.slug}/plugins/worded/deliveries"))
        assert "Remind" not in page
        assert "A task of the plugin is due" in page


async def look(working: Station) -> None:
    """Ask as the worker does each minute, and do what is due."""
    await begin_due(working.ctx())
    await working.work()


async def test_scheduled_tasks_run_when_first_asked_for_and_then_in_their_rhythm(working: Station) -> None:
    ASKED.append(Task(key="often", title=TITLE, every=30))
    for _ in range(4):
        await look(working)
        working.platform.clock.advance(timedelta(minutes=15))
    assert [run.key for run in RUNS] == ["often", "often"]
    assert len({run.id for run in RUNS}) == 2


async def test_a_daily_task_runs_at_its_time_on_the_clocks_of_the_service(working: Station) -> None:
    ASKED.append(Task(key="digest", title=TITLE, daily_at=time(7)))
    await look(working)
    assert not RUNS, "it is after nine: it begins on the following day"
    working.platform.clock.set(datetime(2026, 11, 24, 11, 59, tzinfo=UTC))
    await look(working)
    assert not RUNS
    for _ in range(3):
        working.platform.clock.advance(timedelta(minutes=1))
        await look(working)
    assert len(RUNS) == 1, "07:00 in Toronto is 12:00 UTC in November"


async def test_run_task_keeps_its_id_when_tried_again_and_no_other_run_begins_meanwhile(working: Station) -> None:
    ASKED.append(Task(key="often", title=TITLE, every=5))
    REFUSING.append(True)
    await look(working)
    await working.later(seconds=2)
    working.platform.clock.advance(timedelta(minutes=6))
    await begin_due(working.ctx())
    assert len({run.id for run in RUNS}) == 1
    assert len(await working.deliveries()) == 1
    REFUSING.clear()
    await working.later(hours=1)
    await look(working)
    assert len(await working.deliveries()) == 2


async def test_a_plugin_that_is_switched_off_begins_nothing_and_runs_nothing(working: Station) -> None:
    ASKED.append(Task(key="often", title=TITLE, every=5))
    await begin_due(working.ctx())
    ctx = working.ctx()
    async with tenant_session(ctx) as session:
        await disable(Work(ctx, session, ctx.today, ctx.clock.now()), "busy")
    await working.work()
    working.platform.clock.advance(timedelta(hours=1))
    await look(working)
    assert not RUNS
    assert [one.state for one in await working.deliveries()] == ["dropped"]


async def test_what_ended_is_forgotten_after_a_month_and_what_was_given_up_after_half_a_year(working: Station) -> None:
    ASKED.append(Task(key="often", title=TITLE, every=10_080))
    await look(working)
    working.platform.clock.advance(KEPT - timedelta(minutes=1))
    await forget_old(working.ctx())
    assert len(await working.deliveries()) == 1
    working.platform.clock.advance(timedelta(minutes=2))
    await forget_old(working.ctx())
    assert not await working.deliveries()
    REFUSING.append(True)
    await look(working)
    for _ in range(12):
        await working.later(hours=2)
    assert [one.state for one in await working.deliveries()] == ["dead"]
    working.platform.clock.advance(DEAD_KEPT - timedelta(days=2))
    await forget_old(working.ctx())
    assert len(await working.deliveries()) == 1
    working.platform.clock.advance(timedelta(days=3))
    await forget_old(working.ctx())
    assert not await working.deliveries()


FIRST = datetime.fromisoformat("2026-01-01")
ZONES = st.sampled_from(["America/Toronto", "America/St_Johns", "America/Vancouver", "America/Regina"])
moments = st.datetimes(timezones=st.just(UTC), min_value=FIRST, max_value=FIRST.replace(year=2027))


@given(moments, st.times(), ZONES)
def test_a_daily_task_begins_once_on_each_day_whatever_the_clocks_do(seen: datetime, at: time, zone: str) -> None:
    task = Task(key="digest", title=TITLE, daily_at=at.replace(microsecond=0))
    begun: datetime | None = None
    days = []
    for quarter in range(4 * 24 * 4):
        now = seen + timedelta(minutes=15 * quarter)
        if is_due(task, begun, seen, now, zone):
            begun = now
            days.append(now.astimezone(ZoneInfo(zone)).date())
    assert len(days) == len(set(days))
    assert len(days) in (3, 4)


async def test_removal_erases_deliveries_tasks_and_the_addresses_of_a_channel(working: Station) -> None:
    ASKED.append(Task(key="often", title=TITLE, every=30))
    await look(working)
    ctx = working.ctx()
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        for channel in ("busy", "another"):
            address = {"channel": channel, "address": "alix@example.org", "rhythm": "each"}
            session.add(ChannelAddress(tenant_id=ctx.scope.id, id=work.new_id(), seat_id=ctx.actor.id, **address))
        await disable(work, "busy")
    assert await working.deliveries()
    exported = (await execute(export_plugin_data, ctx, ByName("busy"))).removals[0]
    await execute(erase_plugin_data, ctx, ErasePlugin("busy", str(exported.id)))
    assert not await working.deliveries()
    async with tenant_session(ctx, read_only=True) as session:
        assert not list(await session.scalars(select(PluginTask).where(PluginTask.tenant_id == ctx.scope.id)))
        left = select(ChannelAddress.channel).where(ChannelAddress.tenant_id == ctx.scope.id)
        assert list(await session.scalars(left)) == ["another"]


async def test_a_run_that_outlives_its_plugin_puts_no_digest_into_the_outbox(working: Station) -> None:
    ctx = working.ctx()
    asked = False

    async def off() -> Cause | None:
        nonlocal asked
        asked = True
        return "stopped"

    granted = Grant(ctx, Origin("busy", "1.0"), frozenset(), lambda used, remedy: NotConsented(used + remedy), off)
    with pytest.raises(PermissionError, match="busy does not run any more"):
        await PluginNotifications(granted).put_digests()
    assert asked
