"""What plugins of the officer's own service show and offer on a tour."""

from __future__ import annotations

from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.cases import of_tour
from core.deployments.describing import describe_tour
from core.deployments.lifecycle import MOVEMENT_REPORT, TOUR_READ
from core.deployments.models import Tour
from core.deployments.reading import officer_of
from core.errors import NotFound, Refused
from core.hooks.panels import Place
from core.panels.acting import Outcome, run
from core.panels.schemas import Acted, RunAction
from core.panels.telling import Rights, Told
from core.personnel.describing import describe_officer
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.work import Work


def rights_on(owner: UUID | None) -> Rights:
    """Return who may do what plugins offer on this tour: whoever reports its movements keeps it."""
    return Rights(owner, reader=TOUR_READ, officer=MOVEMENT_REPORT, keeper=MOVEMENT_REPORT)


async def describe_place(work: Work, tour: Tour) -> Place:
    """Return a tour of the scope as the place where its page shows and offers something."""
    officer_id = await officer_of(work, tour)
    if officer_id is None:
        if not work.ctx.actor.may(TOUR_READ):
            raise NotFound
        raise Refused(
            t("No officer of your service is known to be on this tour."),
            t("Plugins offer something on your own tours."),
        )
    officer: Officer = await work.get(Officer, officer_id)
    return Place(
        kind="tour",
        id=tour.id,
        own=officer_id == work.ctx.actor.officer_id,
        officer=await describe_officer(work, officer),
        tour=await describe_tour(work, tour, officer_id),
    )


async def tell_of(work: Work, *, id: UUID) -> Told:
    """Return what plugins are told on the page of a tour."""
    place = await describe_place(work, await work.get(Tour, id))
    return Told({"tour": place.tour}, place)


async def _have_it_done(ctx: Ctx, data: RunAction) -> Outcome:
    """Have the plugin do what was chosen on the tour named in ``data``."""
    async with tenant_session(ctx, read_only=True) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        place = await describe_place(work, await work.get(Tour, data.id))
    rights = rights_on(place.officer.id if place.officer else None)
    if not ctx.actor.may(TOUR_READ, owner=rights.owner):
        raise NotFound
    return await run(ctx, data, place, rights)


@use_case(
    permission=TOUR_READ,
    input=RunAction,
    output=Acted,
    before=_have_it_done,
    backdated=NOW,
    narrowed=t("what a plugin offers on the tour, to whom it offers it: the officer, or whoever reports its movements"),
    cases=of_tour,
)
async def act_on_tour(work: Work, data: RunAction) -> Acted:
    """Do what a plugin offers on a tour of one's own service."""
    tour: Tour = await work.get(Tour, data.id)
    outcome: Outcome = work.decided
    await work.audit("tour.act", ("tour", tour.id), after=outcome.written, plugin=outcome.plugin)
    return outcome.acted
