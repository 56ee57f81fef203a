"""What follows from events: the roster keeps step with tours, and with what services share of people.

A mission has one once its scope is open: nothing is copied for a commander that there is not.
"""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.context import Ctx
from core.contingents.lifecycle import ON_THE_ROSTER
from core.contingents.schemas import TourOf
from core.contingents.service import keep_roster
from core.database.sessions import tenant_session
from core.deployments.lifecycle import TOUR_READ
from core.deployments.models import Tour
from core.events.subscribers import Event, subscriber
from core.missions.lifecycle import MISSION_OPENED
from core.nominations.release import PERSON_RELEASED
from core.use_cases.execution import execute


@subscriber("tour_changed", side="program", permissions={TOUR_READ})
async def follow_tour(ctx: Ctx, event: Event) -> None:
    """Bring the roster of the tour's mission to what the tour is now."""
    await _keep(ctx, event, Tour.tenant_id == event.owner_id, Tour.id == event.subject_id)


@subscriber(PERSON_RELEASED, side="program", permissions={TOUR_READ})
async def follow_person(ctx: Ctx, event: Event) -> None:
    """Let the rosters tell no more of somebody, and nothing else, than their service shares now."""
    await _keep(ctx, event, Tour.tenant_id == event.owner_id, Tour.person_id == event.subject_id)


@subscriber(MISSION_OPENED, side="program", permissions={TOUR_READ})
async def begin_roster(ctx: Ctx, event: Event) -> None:
    """Put everybody on the roster who is in the mission, or ordered to it, when its scope is opened."""
    await _keep(ctx, event, Tour.mission_id == event.subject_id, Tour.state.in_(ON_THE_ROSTER))


async def _keep(ctx: Ctx, event: Event, *wanted: Any) -> None:
    async with tenant_session(ctx, read_only=True) as session:
        chosen = select(Tour.tenant_id, Tour.id, Tour.mission_id).where(*wanted).order_by(Tour.tenant_id, Tour.id)
        tours = (await session.execute(chosen)).all()
    for tour in tours:
        if await ctx.database.scope_by_id(tour.mission_id) is not None:
            data = TourOf(tenant_id=tour.tenant_id, tour_id=tour.id)
            await execute(keep_roster, ctx, data, on=event.on, key=f"{event.key}:{tour.id}")
