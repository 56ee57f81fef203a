"""Use cases on a return file, the agency's side: plan, milestones, check-ins, contact, competencies, closing."""

from __future__ import annotations

from sqlalchemy import select

from core.errors import Fault, Invalid, NotFound, Refused
from core.returns.cases import of_file
from core.returns.describing import describe_step
from core.returns.lifecycle import (
    CHECK_IN_RECORD,
    COMPETENCY_WRITE,
    CONTACT_ANSWER,
    CONTACT_ASK,
    DUTY,
    MILESTONE_COMPLETE,
    MILESTONE_SUPERVISE,
    RETURN,
    RETURN_CLOSE,
    RETURN_MANAGE,
)
from core.returns.models import CheckIn, Competency, ContactRequest, Milestone, ReturnFile
from core.returns.publishing import follow_up_of, publish
from core.returns.reading import file_out, may_answer, may_complete
from core.returns.schemas import (
    OWNERS,
    AnsweredIn,
    CheckInIn,
    CompetencyIn,
    CompleteIn,
    ContactIn,
    PlanIn,
    ReturnFileOut,
)
from core.text import t
from core.use_cases.declaration import A_YEAR, NOW, use_case
from core.use_cases.lifecycle import Step, move
from core.use_cases.work import Work


@use_case(permission=RETURN_MANAGE, input=PlanIn, output=ReturnFileOut, cases=of_file)
async def plan_return(work: Work, data: PlanIn) -> ReturnFileOut:
    """Name the supervisor at home and the unit after the return."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    work.check_version(file)
    person = None
    if data.supervisor_seat:
        seats = {str(one.id): one for one in await work.ctx.people.holders(work.session, "supervisor")}
        person = seats.get(data.supervisor_seat)
        if person is None:
            raise Invalid([Fault("/supervisor_seat", t("Choose a supervisor of your service."))])
    before = {"supervisor": file.supervisor_seat, "unit": file.target_unit}
    file.supervisor_seat = person.id if person else None
    file.target_unit = data.target_unit
    await work.session.flush()
    after = {"supervisor": file.supervisor_seat, "unit": file.target_unit}
    await work.audit("return.plan", ("return", file.id), before=before, after=after)
    return await file_out(work, file)


@use_case(
    permission=RETURN_MANAGE,
    input=Step,
    output=ReturnFileOut,
    transition=describe_step,
    backdated=A_YEAR,
    cases=of_file,
)
async def move_return(work: Work, data: Step) -> ReturnFileOut:
    """Move a return along: on the way, home, settling in, settled."""
    if data.step in ("close", "reopen"):
        raise Refused(
            t("A file is not closed or opened again as one step among others."),
            t("Whoever keeps the returns closes it, and opens it again, by the form for that on its page."),
        )
    file: ReturnFile = await work.get(ReturnFile, data.id)
    changes = {}
    if data.step == DUTY:
        await _require_done(work, file, before_duty=True)
        changes = {"duty_on": work.on}
    await move(work, file, RETURN, data.step, reason=data.reason, changes=changes)
    await publish(work, file)
    return await file_out(work, file)


@use_case(
    permission=RETURN_CLOSE,
    input=Step,
    output=ReturnFileOut,
    transition=describe_step,
    backdated=A_YEAR,
    cases=of_file,
)
async def close_return(work: Work, data: Step) -> ReturnFileOut:
    """Close a return file once every milestone is done or declined, or open it again."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    if data.step == "close":
        await _require_done(work, file)
    elif data.step != "reopen":
        raise Invalid([Fault("/step", t("Choose one of: %(choices)s.", choices=["close", "reopen"]))])
    closed_on = work.on if data.step == "close" else None
    await move(work, file, RETURN, data.step, reason=data.reason, changes={"closed_on": closed_on})
    await publish(work, file)
    return await file_out(work, file)


@use_case(
    permission=MILESTONE_COMPLETE,
    input=CompleteIn,
    output=ReturnFileOut,
    backdated=A_YEAR,
    narrowed=t("no milestone of health’s; an officer only those that are the officer’s to complete"),
    cases=of_file,
)
async def complete_milestone(work: Work, data: CompleteIn) -> ReturnFileOut:
    """Mark a milestone as done: an officer their own, a coordinator any but health's."""
    return await _complete(work, data, MILESTONE_COMPLETE)


@use_case(
    permission=MILESTONE_SUPERVISE,
    input=CompleteIn,
    output=ReturnFileOut,
    backdated=A_YEAR,
    narrowed=t("only milestones that are the supervisor’s to complete"),
    cases=of_file,
)
async def complete_as_supervisor(work: Work, data: CompleteIn) -> ReturnFileOut:
    """Mark a supervisor's milestone as done."""
    return await _complete(work, data, MILESTONE_SUPERVISE)


async def _complete(work: Work, data: CompleteIn, permission: str) -> ReturnFileOut:
    file: ReturnFile = await work.get(ReturnFile, data.id)
    milestone: Milestone = await work.get(Milestone, data.milestone_id)
    if milestone.return_id != file.id:
        raise NotFound
    work.require(permission, owner=file.officer_id)
    if not may_complete(work, file, milestone):
        raise Refused(
            t("This milestone is not yours to complete."),
            t("It waits for: %(who)s.", who=OWNERS.get(milestone.owner, milestone.owner)),
        )
    if milestone.state != "open":
        raise Refused(t("This milestone is done already."), t("Look at the file: somebody was faster."))
    if milestone.starts_on and work.on < milestone.starts_on:
        raise Refused(
            t("This milestone opens on %(day)s.", day=milestone.starts_on), t("Complete it from that day on.")
        )
    if work.on > work.ctx.today:
        raise Invalid([Fault("/on", t("This day is in the future: record it when it has happened."))])
    work.check_version(milestone)
    milestone.state, milestone.done_on = "done", work.on
    milestone.done_by, milestone.note = work.ctx.actor.name, data.note
    await work.session.flush()
    after = {"key": milestone.key, "state": "done", "on": work.on}
    await work.audit("milestone.complete", ("milestone", milestone.id), before={"state": "open"}, after=after)
    await work.emit("return_changed", ("return", file.id))
    await publish(work, file)
    return await file_out(work, file)


@use_case(permission=CHECK_IN_RECORD, input=CheckInIn, output=ReturnFileOut, backdated=A_YEAR, cases=of_file)
async def record_check_in(work: Work, data: CheckInIn) -> ReturnFileOut:
    """Record that a check-in took place and what was agreed."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    row: CheckIn = await work.get(CheckIn, data.check_in_id)
    if row.return_id != file.id:
        raise NotFound
    work.require(CHECK_IN_RECORD, owner=file.officer_id)
    if row.done_on is not None:
        raise Refused(t("This check-in took place already."), t("Look at the file: somebody was faster."))
    if work.on > work.ctx.today:
        raise Invalid([Fault("/on", t("This day is in the future: record it when it has happened."))])
    work.check_version(row)
    row.done_on, row.done_by, row.next_step = work.on, work.ctx.actor.name, data.next_step
    await work.session.flush()
    await work.audit("check_in.record", ("check_in", row.id), after={"kind": row.kind, "on": work.on})
    return await file_out(work, file)


@use_case(permission=CONTACT_ASK, input=ContactIn, output=ReturnFileOut, backdated=NOW, cases=of_file)
async def ask_contact(work: Work, data: ContactIn) -> ReturnFileOut:
    """Ask to be contacted: the officer, in one click, by whom they choose."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    work.require(CONTACT_ASK, owner=file.officer_id)
    await request_contact(work, file, data.choice)
    return await file_out(work, file)


async def request_contact(work: Work, file: ReturnFile, choice: str) -> None:
    """Ask those of the officer's ``choice`` to call; of the choice the audit log says nothing."""
    row = ContactRequest(
        tenant_id=file.tenant_id,
        id=work.new_id(),
        return_id=file.id,
        choice=choice,
        asked_at=work.now,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("contact.ask", ("contact", row.id), after={"asked": True})
    asked = t("An officer asks to be contacted.")
    role = "health" if choice == "health" else "coordinator"
    await work.notify(asked, link=f"/returns/{file.id}", role=role)


@use_case(permission=CONTACT_ANSWER, input=AnsweredIn, output=ReturnFileOut, backdated=NOW, cases=of_file)
async def answer_contact(work: Work, data: AnsweredIn) -> ReturnFileOut:
    """Record that somebody called the officer back."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    row: ContactRequest = await work.get(ContactRequest, data.request_id)
    if row.return_id != file.id:
        raise NotFound
    if not may_answer(work, row.choice):
        raise NotFound
    if row.answered_at is None:
        row.answered_at, row.answered_by = work.now, work.ctx.actor.name
    await work.session.flush()
    await work.audit("contact.answer", ("contact", row.id))
    return await file_out(work, file)


@use_case(permission=COMPETENCY_WRITE, input=CompetencyIn, output=ReturnFileOut, backdated=A_YEAR, cases=of_file)
async def add_competency(work: Work, data: CompetencyIn) -> ReturnFileOut:
    """Add something the officer learned abroad."""
    file: ReturnFile = await work.get(ReturnFile, data.id)
    work.require(COMPETENCY_WRITE, owner=file.officer_id)
    row = Competency(
        tenant_id=file.tenant_id,
        id=work.new_id(),
        return_id=file.id,
        name=data.name,
        level=data.level,
        evidence=data.evidence,
        in_use=data.in_use,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("competency.add", ("competency", row.id), after={"name": data.name, "level": data.level})
    return await file_out(work, file)


async def _require_done(work: Work, file: ReturnFile, *, before_duty: bool = False) -> None:
    """Refuse, by name, if a milestone is open: any, or one of those that must be done ``before_duty``."""
    query = select(Milestone).where(Milestone.return_id == file.id).order_by(Milestone.due_on, Milestone.key)
    if before_duty:  # Which is never health's.
        query = query.where(Milestone.before_duty)
    rows = list((await work.session.execute(query)).scalars())
    french = work.ctx.language == "fr"
    open_ones: list[object] = [
        one.title_fr if french else one.title_en for one in rows if one.owner != "health" and one.state == "open"
    ]
    follow_up = await follow_up_of(work, file)
    if any(one.owner == "health" for one in rows) and (follow_up is None or follow_up.state != "done"):
        open_ones.append(t("Health follow-up"))
    if open_ones:
        remedy = t("Complete these milestones first; a declined health assessment counts as done.")
        if before_duty:
            remedy = t("These come before active duty: complete them first.")
        raise Refused(t("Still to do: %(milestones)s.", milestones=open_ones), remedy)
