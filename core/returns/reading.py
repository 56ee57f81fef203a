"""Return files as their own agency and the officer see them."""

from __future__ import annotations

from sqlalchemy import func, select

from core.database.folding import holds
from core.deployments.models import Tour
from core.errors import NotFound
from core.missions.models import Mission
from core.personnel.models import Officer
from core.returns.lifecycle import (
    CONTACT_ANSWER,
    MILESTONE_COMPLETE,
    MILESTONE_HEALTH,
    MILESTONE_SUPERVISE,
    RETURN_READ,
)
from core.returns.models import CheckIn, Competency, ContactRequest, Milestone, ProgramMilestone, ReturnFile
from core.returns.plan import FOLLOW_UP
from core.returns.publishing import follow_up_of, state_on
from core.returns.schemas import (
    CheckInOut,
    CompetencyOut,
    ContactOut,
    ListReturns,
    MilestoneOut,
    OfReturn,
    ReturnFileOut,
    ReturnList,
    ReturnSummary,
)
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.paging import page_of
from core.use_cases.work import Work


@use_case(permission=RETURN_READ, input=ListReturns, output=ReturnList, reads=True)
async def list_returns(work: Work, data: ListReturns) -> ReturnList:
    """List returns, the late ones first: an officer sees their own."""
    query = (
        select(ReturnFile)
        .join(Officer, (Officer.tenant_id == ReturnFile.tenant_id) & (Officer.id == ReturnFile.officer_id))
        .join(Tour, (Tour.tenant_id == ReturnFile.tenant_id) & (Tour.id == ReturnFile.tour_id))
        .join(Mission, (Mission.tenant_id == Tour.program_id) & (Mission.id == Tour.mission_id))
        .where(holds(data.q, Officer.folded, Mission.acronym_en, Mission.acronym_fr, Tour.order_number))
    )
    if data.state in ("open", "late"):
        query = query.where(ReturnFile.state != "closed")
    elif data.state == "closed":
        query = query.where(ReturnFile.state == "closed")
    if not work.ctx.actor.may(RETURN_READ):
        query = query.where(ReturnFile.officer_id == work.ctx.actor.officer_id)
    files = (await work.session.execute(query)).scalars().all()
    found = [await summary_of(work, file) for file in files]
    if data.state == "late":
        found = [one for one in found if one.late]
    found.sort(key=lambda one: (-one.late, one.next_on or one.tour_ends_on, one.id))
    return ReturnList(*page_of(found, data.after, data.limit))


@use_case(permission=RETURN_READ, input=OfReturn, output=ReturnFileOut, reads=True)
async def get_return(work: Work, data: OfReturn) -> ReturnFileOut:
    """Show a return file; an officer sees their own."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    return await file_out(work, file)


async def own_return(work: Work) -> ReturnFile | None:
    """Return the actor's own return: the open one that began last, else the last one."""
    own = select(ReturnFile).where(ReturnFile.officer_id == work.ctx.actor.officer_id)
    files = (await work.session.execute(own.order_by(ReturnFile.tour_ends_on.desc(), ReturnFile.id))).scalars().all()
    return next((one for one in files if one.state != "closed"), next(iter(files), None))


def may_complete(work: Work, file: ReturnFile, milestone: Milestone) -> bool:
    """Say whether the actor may complete this milestone; a health outcome is health's alone."""
    actor = work.ctx.actor
    if milestone.owner == "health":
        return False
    if milestone.owner == "supervisor" and actor.may(MILESTONE_SUPERVISE):
        return True
    owner = file.officer_id if milestone.owner == "officer" else None
    return actor.may(MILESTONE_COMPLETE, owner=owner)


def may_answer(work: Work, choice: str) -> bool:
    """Say whether the actor answers requests of this choice: health's own are for health alone."""
    actor = work.ctx.actor
    return actor.may(CONTACT_ANSWER) and actor.may(MILESTONE_HEALTH) == (choice == "health")


async def file_out(work: Work, file: ReturnFile) -> ReturnFileOut:
    """Return the whole file; raise ``NotFound`` where it is not the officer's own."""
    actor = work.ctx.actor
    if not actor.may(RETURN_READ, owner=file.officer_id):
        raise NotFound
    supervisor = (
        await work.ctx.people.person(work.session, file.supervisor_seat) if file.supervisor_seat is not None else None
    )
    rows = await _milestones(work, file)
    own = file.officer_id == actor.officer_id
    apart = [one for one in rows if one.owner != "health" or own or actor.may(MILESTONE_HEALTH)]
    milestones = [_milestone_out(work, file, one) for one in apart]
    if len(apart) < len(rows):
        milestones.append(await _follow_up_out(work, file, next(one for one in rows if one.owner == "health")))
    milestones += [_program_out(work, one) for one in await _program_milestones(work, file)]
    check_ins = select(CheckIn).where(CheckIn.return_id == file.id).order_by(CheckIn.due_on)
    competencies = select(Competency).where(Competency.return_id == file.id).order_by(Competency.created_at)
    contacts = select(ContactRequest).where(ContactRequest.return_id == file.id).order_by(ContactRequest.asked_at)
    return ReturnFileOut(
        summary=await summary_of(work, file),
        tour_id=file.tour_id,
        supervisor_seat=file.supervisor_seat,
        supervisor=supervisor.name if supervisor else None,
        target_unit=file.target_unit,
        opened_on=file.opened_on,
        duty_on=file.duty_on,
        closed_on=file.closed_on,
        milestones=sorted(milestones, key=lambda one: (one.due_on, one.key)),
        check_ins=[shown(CheckInOut, one) for one in (await work.session.execute(check_ins)).scalars()],
        competencies=[shown(CompetencyOut, one) for one in (await work.session.execute(competencies)).scalars()],
        contacts=[
            shown(ContactOut, one)
            for one in (await work.session.execute(contacts)).scalars()
            if own or may_answer(work, one.choice)
        ],
        own=own,
    )


async def summary_of(work: Work, file: ReturnFile) -> ReturnSummary:
    """Return a return as it stands in the tracker; health counts as one milestone, to whoever lists them.

    How each of health's stands is read one return at a time: it leaves a look with the officer's name.
    """
    officer: Officer = await work.get(Officer, file.officer_id)
    tour: Tour = await work.get(Tour, file.tour_id)
    mission: Mission = await work.find(Mission, tour.mission_id)
    ranks = await work.ctx.agencies.ranks(work.session)
    rank = ranks.get(officer.rank_code)
    rows = await _milestones(work, file)
    plain = [one for one in rows if one.owner != "health"]
    states = [state_on(one.state, one.due_on, work.on) for one in plain]
    follow_up = await follow_up_of(work, file)
    if len(plain) < len(rows):
        due = follow_up.due_on if follow_up else min(one.due_on for one in rows if one.owner == "health")
        states.append(state_on(follow_up.state if follow_up and follow_up.state == "done" else "open", due, work.on))
    upcoming = next((one for one in plain if one.state == "open"), None)
    waiting = select(func.count()).where(ContactRequest.return_id == file.id, ContactRequest.answered_at.is_(None))
    return ReturnSummary(
        id=file.id,
        officer_id=officer.id,
        name=f"{officer.preferred_name or officer.given_name} {officer.family_name}",
        rank_en=rank.title("en", officer.gender) if rank else officer.rank_code,
        rank_fr=rank.title("fr", officer.gender) if rank else officer.rank_code,
        mission_en=mission.acronym_en,
        mission_fr=mission.acronym_fr,
        state=file.state,
        plan=file.plan,
        tour_ends_on=file.tour_ends_on,
        home_on=file.home_on,
        done=states.count("done"),
        total=len(states),
        late=states.count("late") if file.state != "closed" else 0,
        next_en=upcoming.title_en if upcoming else None,
        next_fr=upcoming.title_fr if upcoming else None,
        next_on=upcoming.due_on if upcoming else None,
        contact_waiting=work.ctx.actor.may(CONTACT_ANSWER) and bool(await work.session.scalar(waiting)),
        version=file.version,
    )


async def _milestones(work: Work, file: ReturnFile) -> list[Milestone]:
    query = select(Milestone).where(Milestone.return_id == file.id).order_by(Milestone.due_on, Milestone.key)
    return list((await work.session.execute(query)).scalars())


async def _program_milestones(work: Work, file: ReturnFile) -> list[ProgramMilestone]:
    query = select(ProgramMilestone).where(
        ProgramMilestone.tenant_id == file.tenant_id, ProgramMilestone.tour_id == file.tour_id
    )
    return list((await work.session.execute(query)).scalars())


def _milestone_out(work: Work, file: ReturnFile, one: Milestone) -> MilestoneOut:
    health = one.owner == "health"
    mine = work.ctx.actor.may(MILESTONE_HEALTH) if health else may_complete(work, file, one)
    return MilestoneOut(
        id=one.id,
        key=one.key,
        title_en=one.title_en,
        title_fr=one.title_fr,
        owner=one.owner,
        side="agency",
        starts_on=one.starts_on,
        due_on=one.due_on,
        state="health" if health else one.state,
        late=not health and state_on(one.state, one.due_on, work.on) == "late",
        done_on=one.done_on,
        done_by=one.done_by,
        note=one.note,
        before_duty=one.before_duty,
        mine=one.state == "open" and mine and (one.starts_on is None or one.starts_on <= work.on),
        version=one.version,
    )


async def _follow_up_out(work: Work, file: ReturnFile, first: Milestone) -> MilestoneOut:
    """Return all health milestones as the one line that they are to anyone outside health: on track or late."""
    published = await follow_up_of(work, file)
    due = published.due_on if published else first.due_on
    done = published is not None and published.state == "done"
    return MilestoneOut(
        id=first.id,
        key=FOLLOW_UP,
        title_en="Health follow-up",
        title_fr="Suivi de santé",
        owner="health",
        side="agency",
        starts_on=None,
        due_on=due,
        state="done" if done else "open",
        late=not done and state_on("open", due, work.on) == "late",
        done_on=None,
        done_by=None,
        note=None,
        before_duty=False,
        mine=False,
        version=0,
    )


def _program_out(work: Work, one: ProgramMilestone) -> MilestoneOut:
    return shown(
        MilestoneOut,
        one,
        side="program",
        starts_on=None,
        late=state_on(one.state, one.due_on, work.on) == "late",
        done_by=None,
        note=None,
        before_duty=False,
        mine=False,
    )
