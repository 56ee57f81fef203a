"""Use cases on returns, IPOB's side: the status that agencies publish, and its own milestones."""

from __future__ import annotations

from collections import defaultdict
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.audit.recording import record_looks
from core.database.directory import ScopeRow
from core.database.folding import holds
from core.deployments.models import Tour
from core.deployments.reading import tours_query
from core.errors import Fault, Invalid, NotFound, Refused
from core.missions.models import Mission
from core.nominations.looks import fields_of
from core.nominations.models import ReleasedPerson
from core.returns.cases import of_milestone, of_plan
from core.returns.lifecycle import MILESTONE_PROGRAM, RETURN_READ
from core.returns.models import MilestoneStatus, ProgramMilestone, ProgramMilestoneNote, ReturnStatus
from core.returns.plan import program_milestones
from core.returns.publishing import state_on
from core.returns.schemas import ListReturns, MilestoneOut, ProgramIn, ProgramReturn, ProgramReturnList
from core.text import t
from core.use_cases.conflicts import touched_of
from core.use_cases.declaration import A_YEAR, use_case
from core.use_cases.output import shown
from core.use_cases.paging import page_of
from core.use_cases.work import Work

NAMES = (
    ReleasedPerson.given_name,
    ReleasedPerson.family_name,
    Mission.acronym_en,
    Mission.acronym_fr,
    ScopeRow.name_en,
    ScopeRow.name_fr,
    ScopeRow.slug,
)
"""What IPOB finds a return by: what is shared of it."""


class PlanOfTour(msgspec.Struct, frozen=True, kw_only=True):
    """A tour whose return an agency opened."""

    tenant_id: UUID
    tour_id: UUID


class MilestonesOfTour(msgspec.Struct, frozen=True):
    """IPOB's milestones of one return."""

    milestones: list[MilestoneOut]


@use_case(permission=RETURN_READ, input=ListReturns, output=ProgramReturnList, scopes={"program"}, looks={"program"})
async def list_program_returns(work: Work, data: ListReturns) -> ProgramReturnList:
    """List returns over all agencies: shared status, published milestones, IPOB's own; each agency sees the look."""
    statuses = {(row.tenant_id, row.id): row for row in (await work.session.execute(select(ReturnStatus))).scalars()}
    published: dict[tuple[UUID, UUID], list[MilestoneStatus]] = defaultdict(list)
    for status in (await work.session.execute(select(MilestoneStatus))).scalars():
        published[status.tenant_id, status.tour_id].append(status)
    own: dict[tuple[UUID, UUID], list[ProgramMilestone]] = defaultdict(list)
    for milestone in (await work.session.execute(select(ProgramMilestone))).scalars():
        own[milestone.tenant_id, milestone.tour_id].append(milestone)
    found = []
    tenants = {}
    rows = (await work.session.execute(tours_query().where(holds(data.q, *NAMES)))).all()
    # Only of those whose milestones the reader may complete it matters which they touched.
    able = work.ctx.actor.may(MILESTONE_PROGRAM)
    touched = await touched_of(work, [row[0].candidacy_id for row in rows] if able else [])
    for row in rows:
        tour, scope, person, mission, _ = row
        of_file = statuses.get((tour.tenant_id, tour.id))
        if of_file is None:
            continue
        mine = tour.candidacy_id not in touched
        milestones = [_own_out(work, one, mine=mine) for one in own[tour.tenant_id, tour.id]]
        milestones += [_published_out(work, one) for one in published[tour.tenant_id, tour.id]]
        names = [name for name in (person.given_name, person.family_name) if name] if person else []
        tenants[tour.id] = tour.tenant_id
        late = sum(one.late for one in milestones) if of_file.state != "closed" else 0
        found.append(
            ProgramReturn(
                tour_id=tour.id,
                agency=scope.slug,
                agency_en=scope.name_en,
                agency_fr=scope.name_fr,
                name=" ".join(names) or None,
                mission_en=mission.acronym_en,
                mission_fr=mission.acronym_fr,
                tour_ends_on=tour.ends_on,
                home_on=tour.home_on,
                state="closed" if of_file.state == "closed" else "late" if late else "open",
                late=late,
                milestones=sorted(milestones, key=lambda one: (one.due_on, one.key)),
            )
        )
    if data.state == "open":
        found = [one for one in found if one.state != "closed"]
    elif data.state != "all":
        found = [one for one in found if one.state == data.state]
    found.sort(key=lambda one: (-one.late, one.tour_ends_on, one.tour_id))
    listed, following = page_of(found, data.after, data.limit, "tour_id")
    await record_looks(work, {tenants[one.tour_id] for one in listed if one.name}, "tour", "return", fields_of(*listed))
    return ProgramReturnList(listed, following)


@use_case(permission=MILESTONE_PROGRAM, input=PlanOfTour, output=MilestonesOfTour, scopes={"program"}, cases=of_plan)
async def plan_program_milestones(work: Work, data: PlanOfTour) -> MilestonesOfTour:
    """Plan IPOB's own milestones of a return; those that stand already only move with the tour's end."""
    tour: Tour = await work.get(Tour, data.tour_id, tenant=data.tenant_id)
    mission: Mission = await work.find(Mission, tour.mission_id)
    query = select(ProgramMilestone).filter_by(tenant_id=tour.tenant_id, tour_id=tour.id)
    known = {one.key: one for one in (await work.session.execute(query)).scalars()}
    end = tour.home_on or tour.left_on or tour.ends_on
    for one in program_milestones(end, hazardous=mission.hazardous):
        row = known.get(one.key)
        if row is None:
            row = known[one.key] = ProgramMilestone(
                tenant_id=tour.tenant_id,
                id=work.new_id(),
                tour_id=tour.id,
                key=one.key,
                title_en=one.title["en"],
                title_fr=one.title["fr"],
                owner=one.owner,
                state="open",
                due_on=one.due,
                created_at=work.now,
            )
            work.session.add(row)
        if row.state == "open":
            row.due_on = one.due
    await work.session.flush()
    await work.audit("program_milestone.plan", ("tour", tour.id), after={"milestones": sorted(known)})
    return MilestonesOfTour([_own_out(work, one) for one in known.values()])


@use_case(
    permission=MILESTONE_PROGRAM,
    input=ProgramIn,
    output=MilestoneOut,
    scopes={"program"},
    backdated=A_YEAR,
    cases=of_milestone,
)
async def complete_program_milestone(work: Work, data: ProgramIn) -> MilestoneOut:
    """Mark one of IPOB's own milestones as done; the note stays with IPOB."""
    scope = await work.ctx.database.scope(data.agency)
    if scope is None:
        raise NotFound
    row: ProgramMilestone = await work.get(ProgramMilestone, data.id, tenant=scope.id)
    work.check_version(row)
    if row.state != "open":
        raise Refused(t("This milestone is done already."), t("Look at the list: somebody was faster."))
    if work.on > work.ctx.today:
        raise Invalid([Fault("/on", t("This day is in the future: record it when it has happened."))])
    row.state, row.done_on = "done", work.on
    if data.note:
        note = ProgramMilestoneNote(
            tenant_id=work.ctx.scope.id,
            id=work.new_id(),
            agency_id=scope.id,
            milestone_id=row.id,
            note=data.note,
            written_by=work.ctx.actor.name,
            created_at=work.now,
        )
        work.session.add(note)
    await work.session.flush()
    after = {"key": row.key, "state": "done", "on": work.on}
    await work.audit("program_milestone.complete", ("program_milestone", row.id), after=after)
    return _own_out(work, row)


def _own_out(work: Work, one: ProgramMilestone, *, mine: bool = True) -> MilestoneOut:
    late = state_on(one.state, one.due_on, work.on) == "late"
    mine = mine and one.state == "open" and work.ctx.actor.may(MILESTONE_PROGRAM)
    return shown(
        MilestoneOut,
        one,
        side="program",
        starts_on=None,
        late=late,
        done_by=None,
        note=None,
        before_duty=False,
        mine=mine,
    )


def _published_out(work: Work, one: MilestoneStatus) -> MilestoneOut:
    state = "open" if one.state == "late" else one.state
    late = state_on(state, one.due_on, work.on) == "late"
    return shown(
        MilestoneOut,
        one,
        side="agency",
        title_en=one.key,
        title_fr=one.key,
        owner="agency",
        state=state,
        starts_on=None,
        late=late,
        done_on=None,
        done_by=None,
        note=None,
        before_duty=False,
        mine=False,
    )
