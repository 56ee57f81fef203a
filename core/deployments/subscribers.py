"""What follows from events: a reported movement is applied to the tour; plugins and HR hear of tours."""

from __future__ import annotations

from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.describing import describe_tour
from core.deployments.lifecycle import MOVEMENTS, TOUR_MOVE, TOUR_READ
from core.deployments.models import Movement, Tour
from core.deployments.reading import officer_of
from core.deployments.recording import KINDS_OF_TOURS
from core.deployments.schemas import TourStep
from core.deployments.service import move_tour
from core.errors import Invalid, Refused
from core.events.subscribers import Event, subscriber
from core.extensions.telling import tells
from core.hooks import specs, types
from core.text import t
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.workforce.recording import settle


@subscriber("movement_reported", side="program", permissions={TOUR_MOVE, TOUR_READ})
async def apply_movement(ctx: Ctx, event: Event) -> None:
    """Move the tour as reported, as of the day it happened; what no longer fits is left as a report.

    IPOB's deployment support is told of that: they know the tour, and whom to ask.
    """
    async with tenant_session(ctx, read_only=True) as session:
        movement = await session.get(Movement, (event.owner_id, event.subject_id))
        tour = await session.get(Tour, (event.owner_id, movement.tour_id)) if movement else None
    if movement is None or tour is None:
        return
    agency = await ctx.database.scope_by_id(event.owner_id)
    assert agency is not None
    step = TourStep(agency=agency.slug, id=str(tour.id), step=MOVEMENTS[movement.kind], reason=movement.note)
    try:
        await execute(move_tour, ctx, step, on=movement.happened_on, key=event.key)
    except (Refused, Invalid) as refused:
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            told = t("A reported movement does not fit its tour: %(why)s", why=refused.text)
            await work.notify(told, link=f"/tours/{agency.slug}/{tour.id}", role="support")


@subscriber("tour_changed", kinds={"agency"})
async def keep_in_hr(ctx: Ctx, event: Event) -> None:
    """Have HR keep the absence for the tour, the training for it and, at its end, what it was worth."""
    await settle(ctx, event.on, event.subject_id, KINDS_OF_TOURS)


@tells(specs.tour_changed)
async def tour_for_plugins(work: Work, id: UUID) -> types.Tour | None:
    """Describe the tour that has changed."""
    tour = await work.session.get(Tour, (work.ctx.scope.id, id))
    officer_id = await officer_of(work, tour) if tour is not None else None
    return await describe_tour(work, tour, officer_id) if tour is not None and officer_id is not None else None
