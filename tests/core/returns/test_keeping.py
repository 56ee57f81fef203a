"""What keeps returns right day by day: plans that are asked again, statuses that follow, one failure that stays one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update

from core.audit.models import AuditLine
from core.clock import ManualClock
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.deployments.reading import get_tour
from core.deployments.schemas import MovementIn, OfTour
from core.deployments.service import report_movement
from core.errors import Conflict, Forbidden, Invalid, Refused
from core.events.models import NotificationRow
from core.events.worker import drain
from core.extensions.consenting import with_consent
from core.extensions.schemas import WithReason
from core.extensions.service import disable_plugin, enable_plugin
from core.returns import subscribers
from core.returns.health import complete_health_milestone, get_follow_up
from core.returns.models import Milestone, MilestoneStatus, ReturnFile, ReturnStatus
from core.returns.plan import FOLLOW_UP
from core.returns.reading import get_return
from core.returns.schemas import CheckInIn, HealthIn, OfReturn, ReturnFileOut
from core.returns.service import record_check_in
from core.use_cases.execution import execute
from plugins.reintegration_plan import plugin
from tests.way import AGENCY, World

LEAST = {"return-plan", "follow_up", "supervisor-meeting", "closing-survey"}


def raises(settings: Any, tour: Any) -> Any:
    raise RuntimeError


def answers_nothing(settings: Any, tour: Any) -> Any:
    return []


def is_nonsense(settings: Any, tour: Any) -> Any:
    return [{"key": 7}]


async def daily(world: World) -> Ctx:
    """Return the context in which the worker keeps the service's returns."""
    scope = await world.cast.scope(AGENCY)
    keeper = Actor(id=UUID(int=0), name="worker", kind="system", permissions=frozenset(subscribers.PREPARE))
    return world.cast.assembly.context(scope, keeper)


async def drained(world: World) -> None:
    assembly = world.cast.assembly
    scopes = [(await world.cast.scope(slug)).id for slug in (AGENCY, "ipob")]
    await drain(assembly.database, assembly.context, assembly.clock, only=scopes)


async def file_of(world: World, tour: UUID | None) -> ReturnFileOut:
    ctx = await world.ctx("coordinator")
    async with tenant_session(ctx, read_only=True) as session:
        found = await session.scalar(select(ReturnFile.id).where(ReturnFile.tour_id == tour))
    return await world.cast.run(ctx, get_return, OfReturn(id=str(found)))


async def came_home(world: World) -> ReturnFileOut:
    tour = (await world.at("ended", left_on=date(2026, 10, 20))).tour
    await drained(world)
    return await file_of(world, tour)


async def plan_of(world: World, file: ReturnFileOut) -> str:
    async with tenant_session(await world.ctx("coordinator"), read_only=True) as session:
        row = await session.get(ReturnFile, ((await world.cast.scope(AGENCY)).id, file.summary.id))
        assert row is not None
        return row.plan


@pytest.mark.parametrize("fails", [raises, answers_nothing, is_nonsense])
async def test_reintegration_milestones_that_fail_leave_a_plan_incomplete_and_are_asked_for_again(
    world: World, monkeypatch: pytest.MonkeyPatch, fails: Callable[..., Any]
) -> None:
    with monkeypatch.context() as broken:
        broken.setattr(plugin, "plan", fails)
        file = await came_home(world)
        assert await plan_of(world, file) == "incomplete"
        assert {one.key for one in file.milestones if one.side == "agency"} == LEAST
    clock = world.cast.assembly.clock
    assert isinstance(clock, ManualClock)
    clock.advance(timedelta(minutes=1))  # after several failures a plugin is left alone for half a minute
    await subscribers.keep_returns(await daily(world))
    assert await plan_of(world, file) == "complete"
    again = await world.cast.run(await world.ctx("coordinator"), get_return, OfReturn(id=str(file.summary.id)))
    assert {one.key for one in again.milestones} > LEAST


async def test_a_plan_is_incomplete_while_its_plugin_is_off(world: World) -> None:
    administrator = await world.ctx("administrator")
    await world.cast.run(administrator, disable_plugin, WithReason(name="reintegration_plan", reason="A test."))
    try:
        file = await came_home(world)
        assert await plan_of(world, file) == "incomplete"
    finally:
        await world.cast.run(administrator, enable_plugin, with_consent(administrator, "reintegration_plan"))
    await subscribers.keep_returns(await daily(world))
    assert await plan_of(world, file) == "complete"


async def test_what_becomes_late_is_published_with_a_line_and_only_once(world: World) -> None:
    file = await came_home(world)
    ctx = await daily(world)
    scope = ctx.scope.id
    async with tenant_session(ctx) as session:
        row = await session.get(ReturnStatus, (scope, file.tour_id))
        assert row is not None
        row.state = "open"
    late = select(AuditLine.after).where(AuditLine.subject_id == file.summary.id, AuditLine.action == "return.publish")
    for _ in range(2):
        await subscribers.keep_returns(ctx)
        async with tenant_session(ctx, read_only=True) as session:
            assert (await session.scalars(late)).all() == [{"shared": "late"}]
            status = await session.get(ReturnStatus, (scope, file.tour_id))
            assert status is not None
            assert status.state == "late"


async def test_one_return_that_fails_does_not_keep_the_others(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    files = [await came_home(world) for _ in range(2)]
    seen: list[UUID] = []

    async def stumbling(ctx: Ctx, id: UUID) -> None:
        seen.append(id)
        if id == files[0].summary.id:
            raise LookupError

    monkeypatch.setattr(subscribers, "_publish", stumbling)
    with pytest.raises(ExceptionGroup) as told:
        await subscribers.keep_returns(await daily(world))
    assert [type(one) for one in told.value.exceptions] == [LookupError]
    assert {file.summary.id for file in files} <= set(seen)


async def test_a_check_in_is_recorded_once_and_by_nobody_for_a_stranger(world: World) -> None:
    file, other = await came_home(world), await came_home(world)
    (first, *_), (strange, *_) = file.check_ins, other.check_ins
    record = CheckInIn(id=str(file.summary.id), check_in_id=str(first.id), next_step="Speak again in May.")
    coordinator = await world.ctx("coordinator")
    with pytest.raises(Invalid):
        await world.cast.run(coordinator, record_check_in, record, on=coordinator.today + timedelta(days=1))
    await world.cast.run(coordinator, record_check_in, record)
    with pytest.raises(Refused, match="already"):
        await world.cast.run(coordinator, record_check_in, record)
    member = await world.cast.member_ctx(AGENCY, file.summary.officer_id)
    with pytest.raises(Forbidden):
        await world.cast.run(
            member, record_check_in, CheckInIn(id=str(other.summary.id), check_in_id=str(strange.id), next_step=None)
        )


async def test_an_outcome_that_changed_meanwhile_is_not_overwritten_and_lateness_ends_with_it(world: World) -> None:
    file = await came_home(world)
    health = await world.ctx("health")
    shown = await world.cast.run(health, get_follow_up, OfReturn(id=str(file.summary.id)))
    for number, one in enumerate(shown.milestones):
        data = HealthIn(
            id=str(file.summary.id), milestone_id=str(one.id), outcome="not_done" if number == 0 else "done",
            done_on=date(2026, 11, 2),
        )  # fmt: skip
        shown = await world.cast.run(health, complete_health_milestone, data)
    first = shown.milestones[0]
    data = HealthIn(id=str(file.summary.id), milestone_id=str(first.id), outcome="declined", done_on=date(2026, 11, 3))
    with pytest.raises(Conflict):
        await execute(complete_health_milestone, health, data, expected=first.version + 7)
    line = select(MilestoneStatus.state).where(
        MilestoneStatus.tour_id == file.tour_id, MilestoneStatus.key == FOLLOW_UP
    )
    async with tenant_session(
        await world.ctx("coordinator")
    ) as session:  # nothing but health's line is left to be late
        await session.execute(
            update(Milestone)
            .where(Milestone.return_id == file.summary.id, Milestone.owner != "health")
            .values(state="done")
        )
    states = []
    for expected in (None, first.version):
        if expected is not None:
            await execute(complete_health_milestone, health, data, expected=expected)
        async with tenant_session(health, read_only=True) as session:
            status = await session.get(ReturnStatus, (health.scope.id, file.tour_id))
            assert status is not None
            states.append((await session.scalar(line), status.state))
    assert states == [("late", "late"), ("done", "open")], "what is published follows in the same transaction"


async def test_support_hears_of_a_movement_that_does_not_fit(world: World) -> None:
    tour = (await world.at("in_transit")).tour
    coordinator, support = await world.ctx("coordinator"), await world.ipob("support")
    for _ in range(2):
        arrived = MovementIn(id=str(tour), kind="arrived", happened_on=date(2026, 1, 7))
        await world.cast.run(coordinator, report_movement, arrived)
    await drained(world)
    file = await world.cast.run(support, get_tour, OfTour(agency=AGENCY, id=str(tour)))
    assert (file.tour.state, len(file.movements)) == ("in_mission", 2), "the first fits, the second does not"
    async with tenant_session(support, read_only=True) as session:
        told = select(NotificationRow.link).where(
            NotificationRow.seat_id == support.actor.id, NotificationRow.sentence.startswith("A reported movement")
        )
        assert f"/tours/{AGENCY}/{tour}" in (await session.scalars(told)).all()
