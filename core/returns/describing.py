"""A tour and its return file as plugins see them: ids and days, no name."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.lifecycle import UNTOLD
from core.deployments.models import Tour
from core.hooks import types
from core.missions.models import Mission
from core.personnel.describing import describe_officer
from core.personnel.models import Officer
from core.returns.lifecycle import RETURN
from core.returns.models import ReturnFile
from core.use_cases.lifecycle import Step
from core.use_cases.work import Work


def end_of(tour: Tour) -> date:
    """Return the day from which the return is reckoned: home, left the mission, or the planned last day."""
    return tour.home_on or tour.left_on or tour.ends_on


async def describe_tour(work: Work, tour: Tour, officer_id: UUID) -> types.Tour:
    """Return ``tour`` with its real first and last day, and without a state that only health may know."""
    mission: Mission = await work.find(Mission, tour.mission_id)
    end = end_of(tour)
    return types.Tour(
        id=tour.id,
        officer_id=officer_id,
        mission=mission.acronym_en,
        start=tour.arrived_on or tour.starts_on,
        end=max(end, tour.arrived_on or tour.starts_on),
        state=UNTOLD.get(tour.state, tour.state),
        country=mission.country,
        hazardous=mission.hazardous,
        armed=bool(mission.armed),
        ended_early=end < tour.ends_on,
    )


async def describe_step(ctx: Ctx, data: Step, on: date) -> types.Transition | None:
    """Return the step that is about to be taken with a file; ``None`` where it is not possible or asks nobody."""
    step = next((one for one in RETURN.transitions if one.name == data.step and one.asks), None)
    if step is None:
        return None
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        file: ReturnFile = await work.get(ReturnFile, data.id)
        if file.state not in step.sources:
            return None
        officer: Officer = await work.get(Officer, file.officer_id)
        return types.Transition(
            subject="return",
            id=file.id,
            step=step.name,
            source=file.state,
            target=step.target,
            on=on,
            officer=await describe_officer(work, officer),
            tour=await describe_tour(work, await work.get(Tour, file.tour_id), officer.id),
        )
