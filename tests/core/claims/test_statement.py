"""``claim_lines``: a statement is whole, or says that it is not; lines lie in the period that was asked for."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import date
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import ClaimLine, Ctx, Manifest, Period, Tour, hookimpl
from core.claims.asking import reckon
from core.claims.lifecycle import quarter_of
from core.claims.schemas import ReadStatement, Statement
from core.claims.service import list_claimed_tours
from core.errors import Forbidden, Invalid
from core.extensions.consenting import with_consent
from core.extensions.schemas import ConfigurePlugin, WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.extensions.settings import configure_plugin
from core.hooks.host import PluginHost
from core.hooks.memory import MemoryRecords
from core.hooks.registry import Registry
from core.use_cases.execution import execute
from tests.way import World

PLUGIN = "secondment_rates"
RATE = {"title_en": "Salary", "title_fr": "Traitement", "category": "salary", "a_day": "400", "starts": "2020-01-01"}
SPRING = ReadStatement(first=date(2026, 1, 1), last=date(2026, 3, 31))
Lines = Callable[[Tour, Period], list[ClaimLine]]


@asynccontextmanager
async def reckoning(world: World) -> AsyncIterator[None]:
    """Let the service's plugin reckon until the block ends."""
    administrator = await world.ctx("administrator")
    await world.cast.run(administrator, enable_plugin, with_consent(administrator, PLUGIN))
    await world.cast.run(administrator, configure_plugin, ConfigurePlugin(PLUGIN, {"rates": [RATE], "benefits": 20}))
    try:
        yield
    finally:
        await world.cast.run(administrator, disable_plugin, WithReason(PLUGIN, "For the test."))


async def read(world: World, asked: ReadStatement = SPRING, role: str = "coordinator") -> Statement:
    return await statement(await world.ctx(role), asked)


async def statement(ctx: Ctx, asked: ReadStatement = SPRING) -> Statement:
    """Return what the page shows."""
    return await reckon(ctx, await execute(list_claimed_tours, ctx, asked))


def line(tour: Tour, period: Period, *, key: str = "salary", last: date | None = None, cents: int = 100) -> ClaimLine:
    first = max(tour.start, period.first)
    return ClaimLine(
        key=key,
        category="salary",
        title={"en": "Salary", "fr": "Traitement"},
        first=first,
        last=last or first,
        quantity=1,
        unit="item",
        amount_cents=cents,
    )


def answering(lines: Lines) -> object:
    """Return an implementation that answers with ``lines``."""

    @hookimpl
    async def claim_lines(ctx: Ctx, tour: Tour, period: Period) -> list[ClaimLine] | None:
        return lines(tour, period)

    return claim_lines


async def with_plugins(world: World, *given_: Lines) -> Ctx:
    """Return the coordinator's context with plugins of the test in place of those that are installed."""
    ctx = await world.ctx("coordinator")
    registry, records = Registry(), MemoryRecords()
    for number, lines in enumerate(given_):
        name = f"test_{number}"
        title = {"en": f"Test {number}", "fr": f"Essai {number}"}
        manifest = Manifest(name=name, version="1.0", title=title, requires="contingent>=1.0,<2")  # type: ignore[arg-type]
        assert registry.register(SimpleNamespace(manifest=manifest, claim_lines=answering(lines))) is None
        records.put(ctx.scope.id, name, "enabled")
    return PluginHost(registry, records).bind(ctx)


async def test_claim_lines_are_days_served_in_the_period_at_the_agreed_rate_with_benefits(world: World) -> None:
    there, planned = await world.at("in_mission"), await world.at("planned")
    async with reckoning(world):
        found = await read(world)
        assert planned.tour not in {one.tour.tour_id for one in found.tours}, "nobody has left"
        (mine,) = [one for one in found.tours if one.tour.tour_id == there.tour]
        salary, benefits = mine.lines
        assert (salary.first, salary.last, salary.quantity) == (date(2026, 1, 5), date(2026, 3, 31), 62)
        assert (salary.amount_cents, benefits.amount_cents) == (62 * 400_00, 62 * 80_00)
        assert (salary.plugin, salary.plugin_version) == (PLUGIN, "1.0")
        assert mine.total_cents == 62 * 480_00
        assert found.total_cents == sum(one.total_cents or 0 for one in found.tours)
        long_ago = await read(world, ReadStatement(first=date(2019, 1, 1), last=date(2019, 3, 31)))
        assert (long_ago.tours, long_ago.total_cents) == ([], 0)
    assert (await read(world)).total_cents == 0, "a plugin that is switched off reckons nothing"


async def test_a_plugin_that_fails_leaves_no_sum_that_looks_whole(world: World) -> None:
    await world.at("in_mission")

    def fail(tour: Tour, period: Period) -> list[ClaimLine]:
        raise LookupError("no rates")

    ctx = await with_plugins(world, lambda tour, period: [line(tour, period)], fail)
    found = await statement(ctx)
    assert found.asked == 2
    assert found.total_cents is None
    for tour in found.tours:
        assert [one.amount_cents for one in tour.lines] == [100]
        assert tour.total_cents is None
        assert [one.plugin for one in tour.failed] == ["test_1"]


async def test_a_line_outside_the_period_is_nonsense_and_of_two_with_one_key_the_first_is_kept(world: World) -> None:
    await world.at("in_mission")

    def outside(tour: Tour, period: Period) -> list[ClaimLine]:
        return [line(tour, period, key="a"), line(tour, period, key="b", last=date(2026, 4, 1))]

    ctx = await with_plugins(world, lambda tour, period: [line(tour, period)], outside)
    found = await statement(ctx)
    assert {(one.plugin, one.cause) for tour in found.tours for one in tour.failed} == {("test_1", "nonsense")}
    assert {len(tour.lines) for tour in found.tours} == {1}
    twice = [
        lambda tour, period: [line(tour, period, cents=7)],
        lambda tour, period: [line(tour, period), line(tour, period, key="b")],
    ]
    found = await statement(await with_plugins(world, *twice))
    assert {tuple(one.amount_cents for one in tour.lines) for tour in found.tours} == {(100, 7)}


async def test_another_service_and_who_may_not_read_it_get_nothing_of_it(world: World) -> None:
    there = await world.at("in_mission")
    async with reckoning(world):
        other = await statement(await world.cast.ctx("on-durham", "coordinator"))
        assert there.tour not in {one.tour.tour_id for one in other.tours}
        with pytest.raises(Forbidden):
            await read(world, role="hr_clerk")


@given(st.dates(date(1990, 1, 1), date(2100, 12, 31)))
def test_a_quarter_holds_its_day_and_begins_where_the_one_before_ended(day: date) -> None:
    quarter = quarter_of(day)
    assert quarter.first <= day <= quarter.last
    assert 90 <= (quarter.last - quarter.first).days + 1 <= 92
    assert (quarter.first.day, quarter.first.month % 3) == (1, 1)
    assert quarter_of(quarter.last) == quarter
    assert quarter_of(date.fromordinal(quarter.last.toordinal() + 1)).first.toordinal() == quarter.last.toordinal() + 1


async def test_days_in_the_wrong_order_and_more_than_a_year_are_refused(world: World) -> None:
    ctx = await world.ctx("coordinator")
    for last in (date(2025, 12, 31), date(2027, 1, 2)):
        with pytest.raises(Invalid) as refused:
            await execute(list_claimed_tours, ctx, ReadStatement(first=date(2026, 1, 1), last=last))
        assert [one.pointer for one in refused.value.faults] == ["/last"]
    leap = await execute(list_claimed_tours, ctx, ReadStatement(first=date(2028, 1, 1), last=date(2028, 12, 31)))
    assert (leap.last - leap.first).days == 365
    usual = await execute(list_claimed_tours, ctx, ReadStatement())
    assert Period(first=usual.first, last=usual.last) == quarter_of(ctx.today)
    assert (await execute(list_claimed_tours, ctx, ReadStatement(first=date(2026, 2, 9)))).last == date(2026, 3, 31)
