"""The consolidated dashboard: every figure of one page agrees, on today's page and on any earlier day's."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import pytest

from core.errors import Invalid
from core.oversight.dashboard import read_dashboard
from core.oversight.schemas import Dashboard, DashboardIn
from core.oversight.strength import StrengthIn, count_strength
from tests.platform import NOW
from tests.way import AGENCY, ENDS, STARTS, World, make_world

TODAY = NOW.date()
MISSION = "UNBOARD"
LEFT = date(2026, 10, 20)
DAYS = [date(2019, 6, 1), STARTS - timedelta(days=30), STARTS, date(2026, 6, 1), LEFT, LEFT + timedelta(days=1), TODAY]


@pytest.fixture(scope="module")
async def world(world: World) -> World:
    """A mission of these tests' own: nobody else's tours are counted in it."""
    return await make_world(world.cast, MISSION, "ONUTABLEAU", [world.officers.pop() for _ in range(5)])


@pytest.fixture(scope="module")
async def tours(world: World) -> dict[str, UUID]:
    """One officer to come, one there, one home again, and two who wait for selection."""
    for stage in ("nominated", "screening"):
        await world.at(stage)
    made = {stage: (await world.at(stage)).tour for stage in ("ordered", "in_mission")}
    made["ended"] = (await world.at("ended", left_on=LEFT)).tour
    return {stage: tour for stage, tour in made.items() if tour is not None}


async def seen(world: World, as_of: date | None = None, *, agency: str | None = None) -> Dashboard:
    """Return the dashboard of the tests' mission."""
    asked = DashboardIn(mission=MISSION, as_of=as_of, agency=agency)
    return await world.cast.run(await world.ipob("analyst"), read_dashboard, asked)


def spans(found: Dashboard, kind: str) -> int:
    """Return how many officers the timeline has of a kind."""
    return sum(one.officers for one in found.rotations if one.kind == kind)


@pytest.mark.parametrize("day", DAYS)
async def test_the_figures_of_a_page_add_up_on_any_day(world: World, tours: dict[str, UUID], day: date) -> None:
    found = await seen(world, day)
    asked = StrengthIn(by="agency", mission=MISSION, as_of=day)
    strength = await world.cast.run(await world.ipob("analyst"), count_strength, asked)
    assert found.deployed == sum(one.deployed for one in found.missions)
    assert found.deployed == sum(count for _, _, count in found.contributions)
    assert found.deployed == spans(found, "done")
    assert found.deployed == sum(row["officers"] for row in strength.rows)
    assert found.history[-1] == (day, found.deployed)
    assert spans(found, "plan") == sum(one.arriving for one in found.missions)
    assert found.authorized == sum(one.authorized or 0 for one in found.missions)


async def test_a_tour_stands_as_it_stood_on_the_day(world: World, tours: dict[str, UUID]) -> None:
    at = {day: await seen(world, day) for day in DAYS}
    assert [at[day].deployed - at[DAYS[0]].deployed for day in (STARTS, LEFT)] == [at[STARTS].deployed] * 2
    assert at[LEFT].deployed == at[LEFT + timedelta(days=1)].deployed + 1, "the last day is a day in the mission"
    assert spans(at[LEFT + timedelta(days=1)], "home") == spans(at[LEFT], "home") + 1
    assert at[TODAY].returning == at[TODAY].deployed, "all tours end within sixty days"
    assert max(one.last for one in at[date(2026, 6, 1)].rotations if one.kind == "done") == ENDS


async def test_a_mission_is_shown_only_while_it_ran(world: World) -> None:
    before = await seen(world, date(2019, 6, 1))
    assert before.missions == []
    assert MISSION not in dict(before.choices)
    assert [one.acronym_en for one in (await seen(world, date(2020, 1, 1))).missions] == [MISSION]


async def test_what_waits_is_told_of_today_alone(world: World, tours: dict[str, UUID]) -> None:
    today = await seen(world)
    assert today.waiting is not None
    assert today.waiting.to_screen >= 1
    assert today.waiting.funnel[0][1] - today.waiting.funnel[1][1] == today.waiting.to_screen
    assert (await seen(world, TODAY - timedelta(days=1))).waiting is None


async def test_one_service_is_measured_against_all_and_not_against_what_is_authorized(
    world: World, tours: dict[str, UUID]
) -> None:
    every, own, other = await seen(world), await seen(world, agency=AGENCY), await seen(world, agency="on-durham")
    assert own.deployed == every.deployed
    assert own.everybody == other.everybody >= own.deployed
    assert other.deployed == 0
    assert [one.authorized for one in own.missions] == [None]
    assert other.missions == []
    assert (await seen(world, agency="nobody")).deployed == 0, "an unknown service is nobody, not everybody"


@pytest.mark.parametrize("day", [TODAY + timedelta(days=1), date.max, date(1988, 12, 31), date.min])
async def test_a_day_that_has_not_come_is_refused(world: World, day: date) -> None:
    with pytest.raises(Invalid) as refused:
        await seen(world, day)
    assert [fault.pointer for fault in refused.value.faults] == ["/as_of"]
