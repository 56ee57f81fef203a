"""What follows from events: return files open in time, keep step with their tours, and stay published."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.models import Tour
from core.errors import Refused
from core.events.subscribers import Event, every, subscriber
from core.extensions.telling import tells
from core.hooks import hr, specs, types
from core.missions.models import Mission
from core.returns.lifecycle import MILESTONE_PROGRAM, RETURN_MANAGE, RETURN_OPEN, RETURN_READ
from core.returns.models import ReturnFile
from core.returns.opening import follow_tour, open_return
from core.returns.plan import LEAD_WEEKS
from core.returns.program import PlanOfTour, plan_program_milestones
from core.returns.publishing import publish
from core.returns.schemas import OpenReturn
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.workforce.recording import About, records, settle

ABROAD = ("in_transit", "in_mission", "on_leave", "medical_hold", "evacuated")
DAY = 86_400
LONGEST_RETURN = timedelta(days=548)
PREPARE = {RETURN_OPEN, RETURN_MANAGE, RETURN_READ}


@subscriber("tour_changed", kinds={"agency"}, permissions=PREPARE)
async def follow(ctx: Ctx, event: Event) -> None:
    """Open the return file when the tour nears its end or is over; move an open one along with it."""
    async with tenant_session(ctx, read_only=True) as session:
        tour = await session.get(Tour, (ctx.scope.id, event.subject_id))
        file = await session.scalar(select(ReturnFile.id).where(ReturnFile.tour_id == event.subject_id))
    if tour is None:
        return
    asked = OpenReturn(id=str(tour.id))
    if file is None and _is_due(ctx, tour):
        try:
            await execute(open_return, ctx, asked, key=f"open:{event.key}")
        except Refused:
            return
        file = tour.id
    if file is not None and tour.state in ("returning", "ended"):
        await execute(follow_tour, ctx, asked, key=f"follow:{event.key}")


@subscriber("tour_changed", side="program", permissions={MILESTONE_PROGRAM})
async def plan_own(ctx: Ctx, event: Event) -> None:
    """Plan IPOB's own milestones once the officer has left the mission, and move them to the real end."""
    async with tenant_session(ctx, read_only=True) as session:
        tour = await session.get(Tour, (event.owner_id, event.subject_id))
    if tour is not None and tour.state in ("returning", "ended") and _is_due(ctx, tour):
        data = PlanOfTour(tenant_id=tour.tenant_id, tour_id=tour.id)
        await execute(plan_program_milestones, ctx, data, key=event.key)


@every(DAY, kinds={"agency"}, permissions=PREPARE)
async def keep_returns(ctx: Ctx) -> None:
    """Each day: open the files that are due, ask incomplete plans again, publish what has become late."""
    async with tenant_session(ctx, read_only=True) as session:
        tours = (await session.execute(select(Tour).where(Tour.state.in_(ABROAD)))).scalars().all()
        files = (await session.execute(select(ReturnFile).where(ReturnFile.state != "closed"))).scalars().all()
    known = {file.tour_id for file in files}
    due = [tour.id for tour in tours if tour.id not in known and _is_due(ctx, tour)]
    incomplete = [file.tour_id for file in files if file.plan == "incomplete"]
    failed: list[Exception] = []

    async def attempt(doing: Awaitable[Any]) -> None:
        """One return's failure is not the others'."""
        try:
            await doing
        except Refused:
            return
        except Exception as error:  # noqa: BLE001 - raised again when all had their turn
            failed.append(error)

    for tour in due:
        await attempt(execute(open_return, ctx, OpenReturn(id=str(tour))))
    for tour in incomplete:
        await attempt(execute(follow_tour, ctx, OpenReturn(id=str(tour))))
    for file in files:
        await attempt(_publish(ctx, file.id))
    if failed:
        raise ExceptionGroup("returns that could not be kept", failed)


async def _publish(ctx: Ctx, id: UUID) -> None:
    """Publish what has become late since yesterday; a change that IPOB will see has its line and its event."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        file = await session.get(ReturnFile, (ctx.scope.id, id))
        if file is None:
            return
        before, after = await publish(work, file)
        if before != after:
            await work.audit("return.publish", ("return", id), before={"shared": before}, after={"shared": after})
            await work.emit("return_changed", ("return", id))


@records("duty")
async def duty_of(work: Work, tour_id: UUID) -> About | None:
    """Return since when the officer is back on active duty."""
    file = await work.session.scalar(
        select(ReturnFile).where(ReturnFile.tenant_id == work.ctx.scope.id, ReturnFile.tour_id == tour_id)
    )
    tour = await work.session.get(Tour, (work.ctx.scope.id, tour_id))
    if file is None or tour is None or file.duty_on is None:
        return None
    mission: Mission = await work.find(Mission, tour.mission_id)
    return About(file.officer_id, mission.acronym_en, hr.Duty(on=file.duty_on))


@subscriber("return_changed", kinds={"agency"})
async def keep_duty_in_hr(ctx: Ctx, event: Event) -> None:
    """Have HR keep the return to active duty."""
    async with tenant_session(ctx, read_only=True) as session:
        file = await session.get(ReturnFile, (ctx.scope.id, event.subject_id))
    if file is not None:
        await settle(ctx, event.on, file.tour_id, ["duty"])


@tells(specs.return_changed)
async def return_for_plugins(work: Work, id: UUID) -> types.Return | None:
    """Describe the return that has changed."""
    file = await work.session.get(ReturnFile, (work.ctx.scope.id, id))
    if file is None:
        return None
    return types.Return(
        id=file.id,
        tour_id=file.tour_id,
        officer_id=file.officer_id,
        state=file.state,
        tour_ends=file.tour_ends_on,
        home=file.home_on,
        closed=file.closed_on,
    )


def _is_due(ctx: Ctx, tour: Tour) -> bool:
    # A tour that was entered years after its end has no return to accompany any more.
    past = (tour.home_on or tour.left_on or tour.ends_on) < ctx.today - LONGEST_RETURN
    over = tour.state in ("returning", "ended") and not past
    near = tour.state in ABROAD and tour.ends_on - timedelta(weeks=LEAD_WEEKS) <= ctx.today
    return over or near
