"""Tours as each side sees them: lists, one file, the officer's own."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Select, select

from core.audit.recording import record_look, record_looks
from core.context import ScopeKind
from core.database.directory import ScopeRow
from core.deployments.lifecycle import TOUR_READ, told_state
from core.deployments.listing import read_tours
from core.deployments.models import Movement, Tour
from core.deployments.schemas import ListTours, MovementOut, OfTour, TourFile, TourList, TourSummary
from core.errors import NotFound
from core.missions.models import Mission, Position
from core.nominations.looks import fields_of
from core.nominations.models import PersonKey, ReleasedPerson
from core.use_cases.conflicts import is_touched
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

BOTH: frozenset[ScopeKind] = frozenset({"agency", "program"})


class MyTours(msgspec.Struct, frozen=True):
    """The caller's own tours."""


@use_case(permission=TOUR_READ, input=ListTours, output=TourList, scopes=BOTH, looks={"program"})
async def list_tours(work: Work, data: ListTours) -> TourList:
    """List tours by their last day: the agency its own, IPOB all; each agency sees that IPOB looked."""
    found = await read_tours(work, data)
    if work.ctx.scope.kind == "program" and found.tours:
        slugs = {one.agency for one in found.tours if one.name or one.rank_en}
        agencies = (await work.session.execute(select(ScopeRow.id).where(ScopeRow.slug.in_(slugs)))).scalars()
        await record_looks(work, agencies, "tour", "deployment", fields_of(*found.tours))
    return found


@use_case(permission=TOUR_READ, input=OfTour, output=TourFile, scopes=BOTH, looks={"program"})
async def get_tour(work: Work, data: OfTour) -> TourFile:
    """Show one tour with what was reported of it; where IPOB opens it, its agency sees that it did."""
    return await tour_file(work, await find_tour(work, data.agency, data.id))


@use_case(permission=TOUR_READ, input=MyTours, output=TourList, reads=True)
async def my_tours(work: Work, data: MyTours) -> TourList:
    """List the caller's own tours, whatever their state."""
    query = tours_query().where(Tour.person_id.in_(_own_keys(work)))
    return TourList([summary_of(work, row) for row in await work.session.execute(query)])


async def find_tour(work: Work, agency: str, id: str) -> Tour:
    """Return a tour by its agency's slug and its id; another agency's is not found."""
    scope = work.ctx.scope
    if agency != scope.slug:
        found = await work.ctx.database.scope(agency) if scope.kind == "program" else None
        if found is None:
            raise NotFound
        scope = found
    tour: Tour = await work.get(Tour, id, tenant=scope.id)
    if work.ctx.scope.kind == "agency" and not work.ctx.actor.may(TOUR_READ, owner=await officer_of(work, tour)):
        raise NotFound
    return tour


async def officer_of(work: Work, tour: Tour) -> UUID | None:
    """Return the officer of an agency's own tour."""
    key = select(PersonKey.officer_id).where(PersonKey.id == tour.person_id)
    found: UUID | None = await work.session.scalar(key)
    return found


async def tour_file(work: Work, tour: Tour) -> TourFile:
    """Return a tour with its movements and days in the mission so far; IPOB's seeing it is recorded."""
    row = (await work.session.execute(tours_query().where(Tour.id == tour.id, Tour.tenant_id == tour.tenant_id))).one()
    query = select(Movement).where(Movement.tenant_id == tour.tenant_id, Movement.tour_id == tour.id)
    movements = (await work.session.execute(query.order_by(Movement.happened_on, Movement.created_at))).scalars()
    officer_id = await officer_of(work, tour) if work.ctx.scope.kind == "agency" else None
    file = TourFile(
        tour=summary_of(work, row),
        movements=[shown(MovementOut, one) for one in movements],
        days_in_mission=days_in_mission(tour, work.on),
        officer_id=officer_id,
        own=officer_id is not None and officer_id == work.ctx.actor.officer_id,
        touched=await is_touched(work, [tour.candidacy_id]),
    )
    if work.ctx.scope.kind == "program":
        await record_look(work, tour.tenant_id, ("tour", tour.id), "deployment", fields_of(file, file.tour))
    return file


def days_in_mission(tour: Tour, on: date) -> int:
    """Return the days from arrival to leaving the mission (or ``on``), both included."""
    if tour.arrived_on is None or tour.arrived_on > on:
        return 0
    return (min(tour.left_on or on, on) - tour.arrived_on).days + 1


def tours_query() -> Select[Tour, ScopeRow, ReleasedPerson, Mission, Position]:
    """Return the select behind every list of tours: tour, scope, person, mission, position."""
    return (
        select(Tour, ScopeRow, ReleasedPerson, Mission, Position)
        .join(ScopeRow, ScopeRow.id == Tour.tenant_id)
        .outerjoin(ReleasedPerson, (ReleasedPerson.tenant_id == Tour.tenant_id) & (ReleasedPerson.id == Tour.person_id))
        .join(Mission, (Mission.tenant_id == Tour.program_id) & (Mission.id == Tour.mission_id))
        .join(Position, (Position.tenant_id == Tour.program_id) & (Position.id == Tour.position_id))
        .order_by(Tour.ends_on, Tour.id)
    )


def summary_of(work: Work, row: Any) -> TourSummary:
    """Return one row of ``tours_query`` as the actor may see it in lists."""
    tour, scope, person, mission, position = row
    names = [name for name in (person.given_name, person.family_name) if name] if person else []
    return shown(
        TourSummary,
        tour,
        state=told_state(tour.state, work.ctx.actor),
        agency=scope.slug,
        agency_en=scope.name_en,
        agency_fr=scope.name_fr,
        name=" ".join(names) or None,
        rank_en=person.rank_en if person else None,
        rank_fr=person.rank_fr if person else None,
        mission_en=mission.acronym_en,
        mission_fr=mission.acronym_fr,
        position_en=position.title_en,
        position_fr=position.title_fr,
    )


def _own_keys(work: Work) -> Select[UUID]:
    return select(PersonKey.id).where(PersonKey.officer_id == work.ctx.actor.officer_id)
