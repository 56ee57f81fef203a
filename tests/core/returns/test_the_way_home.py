"""Movements, the real end of a tour, and the two sides of a return; the worker runs by ``drain``."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import DBAPIError

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.models import Tour, TourFact
from core.deployments.schemas import MovementIn, OrderIn, TourStep
from core.deployments.service import move_tour, order_tour, report_movement
from core.errors import Forbidden, Invalid, Refused
from core.events.worker import drain
from core.returns.health import complete_health_milestone, get_follow_up
from core.returns.models import ReturnFile
from core.returns.opening import follow_tour, open_return
from core.returns.program import complete_program_milestone, list_program_returns
from core.returns.reading import get_return
from core.returns.schemas import CompleteIn, HealthIn, ListReturns, OfReturn, OpenReturn, ProgramIn, ReturnFileOut
from core.returns.service import close_return, complete_milestone, move_return
from core.use_cases.lifecycle import Step
from tests.way import AGENCY, World

NOTE = "Agreed upon a quiet start"


async def work_off(world: World) -> None:
    scopes = [(await world.cast.scope(slug)).id for slug in (AGENCY, "ipob")]
    assembly = world.cast.assembly
    await drain(assembly.database, assembly.context, assembly.clock, only=scopes)


async def tour_of(ctx: Ctx, tour: UUID) -> Any:
    async with tenant_session(ctx, read_only=True) as session:
        return await session.scalar(select(Tour).where(Tour.id == tour))


async def came_home(world: World) -> tuple[UUID, ReturnFileOut]:
    """Return a tour that ended two months early, and the return file that the worker opened."""
    tour = (await world.at("ended", left_on=date(2026, 10, 20))).tour
    assert tour is not None
    await work_off(world)
    coordinator = await world.ctx("coordinator")
    async with tenant_session(coordinator, read_only=True) as session:
        id = await session.scalar(select(ReturnFile.id).where(ReturnFile.tour_id == tour))
    assert id is not None, "no return file was opened"
    return tour, await world.cast.run(coordinator, get_return, OfReturn(id=str(id)))


async def test_nobody_leaves_without_an_order(world: World) -> None:
    tour = (await world.at("planned")).tour
    support = await world.ipob("support")
    with pytest.raises(Refused) as early:
        await world.cast.run(support, move_tour, TourStep(agency=AGENCY, id=str(tour), step="depart"))
    assert str(early.value.remedy)
    order = OrderIn(agency=AGENCY, id=str(tour), order_number=f"ORD-{tour}")
    assert (await world.cast.run(support, order_tour, order)).tour.state == "ordered"


async def test_a_reported_movement_is_applied_once_by_the_worker(world: World) -> None:
    tour = (await world.at("in_transit")).tour
    assert tour is not None
    coordinator = await world.ctx("coordinator")
    arrived = MovementIn(id=str(tour), kind="arrived", happened_on=date(2026, 1, 7))
    future = MovementIn(id=str(tour), kind="arrived", happened_on=date(2027, 1, 7))
    with pytest.raises(Invalid):
        await world.cast.run(coordinator, report_movement, future, on=date(2030, 1, 1))
    await world.cast.run(coordinator, report_movement, arrived)
    await world.cast.run(coordinator, report_movement, arrived)
    await work_off(world)
    await work_off(world)
    moved = await tour_of(coordinator, tour)
    assert (moved.state, moved.arrived_on) == ("in_mission", date(2026, 1, 7))
    async with tenant_session(coordinator, read_only=True) as session:
        assert await session.scalar(select(func.count()).where(TourFact.tour_id == tour)) == 1


async def test_a_movement_that_no_longer_fits_stays_a_report(world: World) -> None:
    tour = (await world.at("in_mission")).tour
    assert tour is not None
    coordinator = await world.ctx("coordinator")
    left = MovementIn(id=str(tour), kind="left_mission", happened_on=date(2025, 12, 1))
    await world.cast.run(coordinator, report_movement, left)
    await work_off(world)
    assert (await tour_of(coordinator, tour)).state == "in_mission"


async def test_a_return_follows_the_real_end_of_its_tour(world: World) -> None:
    _, file = await came_home(world)
    home = date(2026, 10, 20)
    assert (file.summary.tour_ends_on, file.summary.home_on, file.summary.state) == (home, home, "initial")
    assert min(one.due_on for one in file.check_ins) == home + timedelta(days=7)


async def test_check_ins_and_follow_up_move_with_the_end(world: World) -> None:
    tour = (await world.at("in_mission")).tour
    assert tour is not None
    coordinator, support = await world.ctx("coordinator"), await world.ipob("support")
    before = await world.cast.run(coordinator, open_return, OpenReturn(id=str(tour)))
    first = min(one.due_on for one in before.check_ins)
    follow_up = next(one.due_on for one in before.milestones if one.owner == "health")
    leaving = TourStep(agency=AGENCY, id=str(tour), step="leave_mission")
    await world.cast.run(support, move_tour, leaving, on=date(2026, 11, 1))
    after = await world.cast.run(coordinator, follow_tour, OpenReturn(id=str(tour)))
    assert min(one.due_on for one in after.check_ins) == date(2026, 11, 8) < first
    assert next(one.due_on for one in after.milestones if one.owner == "health") < follow_up


async def test_closing_names_what_is_open_and_declined_health_counts_as_done(world: World) -> None:
    _, file = await came_home(world)
    coordinator, health = await world.ctx("coordinator"), await world.ctx("health")
    id = str(file.summary.id)
    with pytest.raises(Refused, match="Still to do: Re-qualification: firearm, use of force") as held:
        await world.cast.run(coordinator, move_return, Step(id=id, step="adjust"))
    assert str(held.value.remedy) == "These come before active duty: complete them first."
    (duty,) = [one for one in file.milestones if one.before_duty]
    await world.cast.run(coordinator, complete_milestone, CompleteIn(id=id, milestone_id=str(duty.id), note=NOTE))
    for step in ("adjust", "settle"):
        await world.cast.run(coordinator, move_return, Step(id=id, step=step))
    with pytest.raises(Refused, match="Still to do") as early:
        await world.cast.run(coordinator, close_return, Step(id=id, step="close"))
    ours = [one for one in file.milestones if one.side == "agency" and one.owner != "health"]
    open_ones = [one for one in ours if one.id != duty.id]
    assert all(one.title_en in str(early.value.text) for one in open_ones)
    for one in open_ones:
        done = CompleteIn(id=id, milestone_id=str(one.id), note=NOTE)
        with pytest.raises(Invalid):
            await world.cast.run(coordinator, complete_milestone, done, on=date(2030, 1, 1))
    found = await world.cast.run(health, get_follow_up, OfReturn(id=id))
    for milestone in found.milestones:
        outcome = HealthIn(id=id, milestone_id=str(milestone.id), outcome="declined", done_on=health.today)
        with pytest.raises(Forbidden):
            await world.cast.run(coordinator, complete_health_milestone, outcome)
        await world.cast.run(health, complete_health_milestone, outcome)
    with pytest.raises(Refused, match="Still to do") as later:
        await world.cast.run(coordinator, close_return, Step(id=id, step="close"))
    assert "Health follow-up" not in str(later.value.text)
    ready = [one for one in open_ones if one.starts_on is None or one.starts_on <= coordinator.today]
    await world.cast.run(coordinator, complete_milestone, CompleteIn(id=id, milestone_id=str(ready[0].id), note=NOTE))
    with pytest.raises(Refused, match="done already"):
        await world.cast.run(coordinator, complete_milestone, CompleteIn(id=id, milestone_id=str(ready[0].id)))


async def test_a_health_milestone_is_nobodys_but_healths(world: World) -> None:
    _, file = await came_home(world)
    health = await world.ctx("health")
    found = await world.cast.run(health, get_follow_up, OfReturn(id=str(file.summary.id)))
    coordinator = await world.ctx("coordinator")
    for one in found.milestones:
        done = CompleteIn(id=str(file.summary.id), milestone_id=str(one.id))
        with pytest.raises(Refused, match="not yours") as refused:
            await world.cast.run(coordinator, complete_milestone, done)
        assert "Health" in str(refused.value.remedy)
    with pytest.raises(DBAPIError, match="permission denied"):
        async with tenant_session(coordinator, read_only=True) as session:
            await session.execute(text("select outcome from health_milestone"))


async def test_neither_side_reads_or_writes_the_others_content(world: World) -> None:
    tour, _ = await came_home(world)
    support, coordinator = await world.ipob("support"), await world.ctx("coordinator")
    for ctx, statements in (
        (support, ("select note from milestone", "select 1 from return_file", "select 1 from check_in")),
        (support, ("update milestone_status set state = 'done'", "select 1 from competency")),
        (coordinator, ("select note from program_milestone_note", "update program_milestone set state = 'done'")),
    ):
        for statement in statements:
            with pytest.raises(DBAPIError, match="permission denied"):
                async with tenant_session(ctx) as session:
                    await session.execute(text(statement))
    seen = await world.cast.run(support, list_program_returns, ListReturns(state="all"))
    (one,) = (one for one in seen.returns if one.tour_id == tour)
    own = [milestone for milestone in one.milestones if milestone.side == "program" and milestone.state == "open"]
    assert own, "IPOB plans its own once the officer has left the mission"
    done = ProgramIn(agency=AGENCY, id=str(own[0].id), note="For IPOB alone")
    assert (await world.cast.run(support, complete_program_milestone, done)).state == "done"
    with pytest.raises(Refused, match="done already"):
        await world.cast.run(support, complete_program_milestone, done)
    other = ProgramIn(agency=AGENCY, id=str(own[1].id))
    with pytest.raises(Invalid):
        await world.cast.run(support, complete_program_milestone, other, on=date(2030, 1, 1))
