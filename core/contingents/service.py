"""Use cases on contingents: IPOB keeps the roster, the commander of the mission reads it."""

from __future__ import annotations

from collections import Counter
from datetime import date
from typing import Any

from sqlalchemy import select

from core.audit.recording import record_look
from core.contingents.lifecycle import CONTINGENT_READ, ON_THE_ROSTER
from core.contingents.models import ContingentMember
from core.contingents.schemas import STATES, Contingent, Kept, MemberOut, ReadContingent, TourOf
from core.database.directory import ScopeRow
from core.database.folding import fold
from core.deployments.lifecycle import TOUR_READ, UNTOLD
from core.deployments.models import Tour
from core.errors import NotFound
from core.missions.models import Mission, Position
from core.missions.schemas import MissionOut, PositionOut
from core.nominations.models import ReleasedPerson
from core.use_cases.declaration import A_YEAR, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

TOLD = ("name", "rank_en", "rank_fr", "telephone")
"""What a roster tells of a person."""


@use_case(permission=TOUR_READ, input=TourOf, output=Kept, scopes={"program"}, backdated=A_YEAR)
async def keep_roster(work: Work, data: TourOf) -> Kept:
    """Put the officer of a tour on the roster of its mission, change what it says, or take them off.

    Their service sees, among the times that somebody outside looked, what of them the roster tells.
    """
    tour = await work.session.get(Tour, (data.tenant_id, data.tour_id))
    if tour is None:
        raise NotFound
    row = await work.session.get(ContingentMember, (work.ctx.scope.id, tour.id))
    if tour.state not in ON_THE_ROSTER:
        if row is not None:
            await work.session.delete(row)
            await work.session.flush()
        await work.audit("contingent_member.remove", ("contingent_member", tour.id), after={"tour": tour.state})
        return Kept(False)
    told = await _told(work, tour)
    state = UNTOLD.get(tour.state, tour.state)
    values: dict[str, Any] = {**told, "state": state, "starts_on": tour.starts_on, "ends_on": tour.ends_on}
    before = {name: getattr(row, name) for name in TOLD} if row is not None else dict.fromkeys(TOLD)
    if row is None:
        row = ContingentMember(
            tenant_id=work.ctx.scope.id,
            id=tour.id,
            mission_id=tour.mission_id,
            position_id=tour.position_id,
            agency_id=tour.tenant_id,
            since=_began(tour) or work.on,
            listed_at=work.now,
            **values,
        )
        work.session.add(row)
    if row.state != state:
        row.since = work.on
    for name, value in values.items():
        setattr(row, name, value)
    await work.session.flush()
    await work.audit("contingent_member.set", ("contingent_member", tour.id), after={"tour": state})
    fields = sorted({name.partition("_")[0] for name in TOLD if told[name] is not None})
    if fields and told != before:
        mission = await work.session.get_one(Mission, (tour.program_id, tour.mission_id))
        by = f"{mission.acronyms} (contingent)"
        await record_look(work, tour.tenant_id, ("tour", tour.id), "contingent", fields, by=by)
    return Kept(True)


@use_case(permission=CONTINGENT_READ, input=ReadContingent, output=Contingent, scopes={"mission"}, reads=True)
async def read_contingent(work: Work, data: ReadContingent) -> Contingent:
    """Show a mission's commander the mission, its establishment and the officers on its roster."""
    mission: Mission | None = await work.session.scalar(select(Mission).where(Mission.id == work.ctx.scope.id))
    if mission is None:
        raise NotFound
    positions = (await work.session.scalars(select(Position).order_by(Position.title_en))).all()
    everybody = [_member(*row) for row in await work.session.execute(_ROSTER)]
    counts: dict[str, int] = {key: sum(one.state in states for one in everybody) for key, states in STATES.items()}
    held = Counter(str(one.position_id) for one in everybody if one.state != "returning")
    asked, words = STATES.get(data.state), fold(data.q).split()
    return Contingent(
        mission=shown(MissionOut, mission),
        positions=[shown(PositionOut, row) for row in positions],
        members=[one for one in everybody if (asked is None or one.state in asked) and _found(one, words)],
        counts=counts | {"all": len(everybody)},
        held=dict(held),
    )


def _began(tour: Tour) -> date | None:
    """Return the day since which the tour is as it is, where the tour itself says so: it may be listed long after."""
    days = {"ordered": tour.ordered_on, "in_mission": tour.arrived_on, "returning": tour.left_on}
    return days.get(tour.state)


_ROSTER = (
    select(ContingentMember, ScopeRow, Position)
    .join(ScopeRow, ScopeRow.id == ContingentMember.agency_id)
    .join(
        Position,
        (Position.tenant_id == ContingentMember.tenant_id) & (Position.id == ContingentMember.position_id),
    )
    .order_by(ContingentMember.name, ContingentMember.id)
)


def _member(row: ContingentMember, agency: ScopeRow, position: Position) -> MemberOut:
    return shown(
        MemberOut,
        row,
        agency_en=agency.name_en,
        agency_fr=agency.name_fr,
        position_en=position.title_en,
        position_fr=position.title_fr,
    )


def _found(one: MemberOut, words: list[str]) -> bool:
    said = (one.name, one.rank_en, one.rank_fr, one.agency_en, one.agency_fr, one.position_en, one.position_fr)
    return all(word in fold(*said) for word in words)


async def _told(work: Work, tour: Tour) -> dict[str, str | None]:
    person = await work.session.get(ReleasedPerson, (tour.tenant_id, tour.person_id))
    if person is None:
        return dict.fromkeys(TOLD)
    names = [name for name in (person.given_name, person.family_name) if name]
    told = {name: getattr(person, name) for name in TOLD[1:]}
    return {"name": " ".join(names) or None, **told}
