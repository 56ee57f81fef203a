"""The list of tours that everybody reads all the time: one statement, compiled once, run on the driver."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from msgspec.structs import replace
from sqlalchemy import Integer, Select, Text, Uuid, all_, any_, bindparam, func, or_, select, tuple_
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.orm import aliased

from core.database.directory import ScopeRow
from core.database.folding import folded, patterns
from core.database.reading import Reading
from core.deployments.lifecycle import TOUR_CAUSE, TOUR_READ, UNTOLD, meant_state, told_state
from core.deployments.models import Tour
from core.deployments.schemas import ListTours, TourList, TourSummary
from core.missions.models import Mission, Position
from core.nominations.models import PersonKey, ReleasedPerson
from core.use_cases.work import Work

CURRENT = (
    "planned",
    "ordered",
    "in_transit",
    "in_mission",
    "on_leave",
    "medical_hold",
    "evacuated",
    "returning",
)


def _statement(*, latest: bool = False) -> Select[*tuple[Any, ...]]:
    """Return the select of ``TourSummary``'s fields in their order; a filter that is null holds for every tour.

    Tours come by their last day, or the ``latest`` first.
    """
    last = aliased(Tour)
    states, mission = bindparam("states", type_=ARRAY(Text())), bindparam("mission", type_=Uuid())
    agency, after = bindparam("agency", type_=Text()), bindparam("after", type_=Uuid())
    words = bindparam("words", type_=ARRAY(Text()))
    said = folded(
        ReleasedPerson.given_name,
        ReleasedPerson.family_name,
        Tour.order_number,
        Mission.acronym_en,
        Mission.acronym_fr,
        Position.title_en,
        Position.title_fr,
        ScopeRow.name_en,
        ScopeRow.name_fr,
    )
    # A cursor that leads nowhere, or to a tour that is not to be seen, gives no rows: null is not smaller.
    place = select(last.ends_on, last.id).where(last.id == after).subquery("place")
    here = tuple_(Tour.ends_on, Tour.id)
    there = tuple_(select(place.c.ends_on).scalar_subquery(), select(place.c.id).scalar_subquery())
    beyond = here < there if latest else here > there
    name = func.nullif(func.concat_ws(" ", ReleasedPerson.given_name, ReleasedPerson.family_name), "")
    return (
        select(
            Tour.id,
            ScopeRow.slug,
            ScopeRow.name_en,
            ScopeRow.name_fr,
            name.label("name"),
            ReleasedPerson.rank_en,
            ReleasedPerson.rank_fr,
            Tour.mission_id,
            Mission.acronym_en,
            Mission.acronym_fr,
            Position.title_en,
            Position.title_fr,
            Tour.state,
            Tour.order_number,
            Tour.starts_on,
            Tour.ends_on,
            Tour.arrived_on,
            Tour.left_on,
            Tour.home_on,
            Tour.rotation,
            Tour.version,
        )
        .join(ScopeRow, ScopeRow.id == Tour.tenant_id)
        .outerjoin(ReleasedPerson, (ReleasedPerson.tenant_id == Tour.tenant_id) & (ReleasedPerson.id == Tour.person_id))
        .join(Mission, (Mission.tenant_id == Tour.program_id) & (Mission.id == Tour.mission_id))
        .join(Position, (Position.tenant_id == Tour.program_id) & (Position.id == Tour.position_id))
        .where(
            or_(states.is_(None), Tour.state == any_(states)),
            or_(mission.is_(None), Tour.mission_id == mission),
            or_(agency.is_(None), ScopeRow.slug == agency),
            or_(words.is_(None), said.like(all_(words))),
            or_(after.is_(None), beyond),
        )
        .order_by(*([Tour.ends_on.desc(), Tour.id.desc()] if latest else [Tour.ends_on, Tour.id]))
        .limit(bindparam("rows", type_=Integer()))
    )


_OWN = select(PersonKey.id).where(PersonKey.officer_id == bindparam("officer", type_=Uuid()))

ALL = {latest: Reading(_statement(latest=latest), TourSummary) for latest in (False, True)}
OWN = {latest: Reading(_statement(latest=latest).where(Tour.person_id.in_(_OWN)), TourSummary) for latest in ALL}
"""Only those of the officer who asks."""


async def read_tours(work: Work, data: ListTours) -> TourList:
    """Return the tours that the caller may see: by their last day as long as they run, else the latest first."""
    latest = data.state in ("all", "ended", "cancelled")
    try:
        mission = UUID(data.mission_id) if data.mission_id else None
        after = UUID(data.after) if data.after else None
    except ValueError:
        return TourList([])
    if told_state(data.state, work.ctx.actor) != data.state:
        return TourList([])  # a state that is not this reader's to ask for
    states = {"current": list(CURRENT), "all": None}.get(data.state, [meant_state(data.state)])
    chosen = {
        "words": patterns(data.q) or None,
        "states": states,
        "mission": mission,
        "agency": data.agency,
        "after": after,
        "rows": data.limit + 1,
    }
    if work.ctx.actor.may(TOUR_READ):
        tours = await ALL[latest].rows(work.session, **chosen)
    elif work.ctx.scope.kind != "agency":
        return TourList([])  # officers are an agency's
    else:
        tours = await OWN[latest].rows(work.session, officer=work.ctx.actor.officer_id, **chosen)
    more = len(tours) > data.limit
    del tours[data.limit :]
    if not work.ctx.actor.may_at_all(TOUR_CAUSE):
        tours = [replace(one, state=UNTOLD[one.state]) if one.state in UNTOLD else one for one in tours]
    return TourList(tours, str(tours[-1].id) if more else None)
