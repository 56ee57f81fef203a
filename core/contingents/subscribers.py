"""What follows from events: the roster keeps step with tours, and with what services share of people."""

from __future__ import annotations

from sqlalchemy import select

from core.context import Ctx
from core.contingents.schemas import TourOf
from core.contingents.service import keep_roster
from core.database.sessions import tenant_session
from core.deployments.lifecycle import TOUR_READ
from core.deployments.models import Tour
from core.events.subscribers import Event, subscriber
from core.nominations.release import PERSON_RELEASED
from core.use_cases.execution import execute


@subscriber("tour_changed", side="program", permissions={TOUR_READ})
async def follow_tour(ctx: Ctx, event: Event) -> None:
    """Bring the roster of the tour's mission to what the tour is now."""
    data = TourOf(tenant_id=event.owner_id, tour_id=event.subject_id)
    await execute(keep_roster, ctx, data, on=event.on, key=event.key)


@subscriber(PERSON_RELEASED, side="program", permissions={TOUR_READ})
async def follow_person(ctx: Ctx, event: Event) -> None:
    """Let the rosters tell no more of somebody, and nothing else, than their service shares now."""
    async with tenant_session(ctx, read_only=True) as session:
        chosen = select(Tour.id).where(Tour.tenant_id == event.owner_id, Tour.person_id == event.subject_id)
        tours = (await session.scalars(chosen.order_by(Tour.id))).all()
    for tour_id in tours:
        data = TourOf(tenant_id=event.owner_id, tour_id=tour_id)
        await execute(keep_roster, ctx, data, on=event.on, key=f"{event.key}:{tour_id}")
