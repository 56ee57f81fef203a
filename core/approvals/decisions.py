"""Use cases that decide: on screen, on paper, confirm, take back."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from core.approvals.cases import of_approval
from core.approvals.deciders import deciders_of, names_person, outside_decider, same_name
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_PAPER, CASE
from core.approvals.models import STANDS, ApprovalCase, ApprovalDecision, ApprovalStep
from core.approvals.progress import ask_no_longer, close_if_decided, locked_case, settle, steps_of
from core.approvals.reading import case_out, recallable
from core.approvals.schemas import CaseOut, DecideIn, OfDecision, PaperIn
from core.approvals.subjects import SUBJECTS, find_blocks
from core.documents.models import Document
from core.errors import Fault, Invalid, NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.lifecycle import move
from core.use_cases.step_up import APPROVE
from core.use_cases.work import Work

PAPER = ("resolution", "scan")
"""What the scan of a signed document is kept for."""
PAGE = t("Do it on the page of the case.")


@use_case(
    permission=APPROVAL_DECIDE,
    input=DecideIn,
    output=CaseOut,
    backdated=NOW,
    step_up=APPROVE,
    in_person=PAGE,
    cases=of_approval,
)
async def decide(work: Work, data: DecideIn) -> CaseOut:
    """Approve, return or refuse the open step of a case."""
    return await case_out(work, await _decide(work, data))


async def approve(work: Work, case_id: str, comment: str | None) -> None:
    """Approve the open step of a case, as ``decide`` does."""
    await _decide(work, DecideIn(id=case_id, verdict="approve", comment=comment))


async def _decide(work: Work, data: DecideIn) -> ApprovalCase:
    case, step = await _open_step(work, data.id)
    if step.kind == "act":
        raise Refused(
            t("This step is an act outside the platform."),
            t("Enter the document's number, date and signatory under “Decided on paper”."),
        )
    instead = await _require_decider(work, case, step)
    await _require_unblocked(work, case, data.verdict)
    if data.verdict != "approve" and not data.comment:
        raise Invalid([Fault("/comment", t("Say why: the person who asked will read it."))])
    decision = ApprovalDecision(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        case_id=case.id,
        step_id=step.id,
        seat_id=work.ctx.actor.id,
        name=work.ctx.actor.name,
        for_seat_id=instead,
        verdict=data.verdict,
        comment=data.comment,
        decided_at=work.now,
        created_at=work.now,
    )
    work.session.add(decision)
    await work.session.flush()
    after = {"verdict": data.verdict, "step": step.key, "for_seat": instead}
    await work.audit("approval.decide", ("approval_case", case.id), after=after, reason=data.comment, behalf_of=instead)
    await ask_no_longer(work, case, seat=work.ctx.actor.id)
    if data.verdict == "approve":
        await close_if_decided(work, case, step)
    else:
        await settle(work, case, data.verdict, data.comment)
    return case


@use_case(permission=APPROVAL_PAPER, input=PaperIn, output=CaseOut, step_up=APPROVE, in_person=PAGE, cases=of_approval)
async def decide_on_paper(work: Work, data: PaperIn) -> CaseOut:
    """Enter a decision taken on paper, with its scan; a second person confirms it before it counts."""
    case, step = await _open_step(work, data.id)
    await _refuse_own_paper(work, case, data.signatory)
    if not step.on_paper:
        raise Refused(t("This step cannot be decided on paper."), t("The deciders of the step decide it here."))
    if data.paper_date > work.on:
        raise Invalid([Fault("/paper_date", t("The document's date is in the future."))])
    await _require_unblocked(work, case, data.verdict)
    if data.verdict != "approve" and not data.comment:
        raise Invalid([Fault("/comment", t("Say why: the person who asked will read it."))])
    scan = await _scan(work, data.document_id)
    decision = ApprovalDecision(
        tenant_id=case.tenant_id,
        id=work.new_id(),
        case_id=case.id,
        step_id=step.id,
        seat_id=work.ctx.actor.id,
        name=work.ctx.actor.name,
        verdict=data.verdict,
        comment=data.comment,
        decided_at=work.now,
        paper_number=data.paper_number,
        paper_date=data.paper_date,
        signatory=data.signatory,
        document_id=scan,
        created_at=work.now,
    )
    work.session.add(decision)
    await work.session.flush()
    await work.audit("approval.enter_paper", ("approval_case", case.id), after=msgspec.to_builtins(data))
    return await case_out(work, case)


@use_case(
    permission=APPROVAL_PAPER,
    input=OfDecision,
    output=CaseOut,
    backdated=NOW,
    step_up=APPROVE,
    in_person=PAGE,
    cases=of_approval,
)
async def confirm_paper(work: Work, data: OfDecision) -> CaseOut:
    """Confirm a decision that somebody else entered from paper, once its scan can be opened."""
    case, decision = await _decision(work, data)
    closed = decision.confirmed_at or decision.recalled_at or decision.held_at
    if decision.paper_number is None or closed is not None:
        raise Refused(t("There is nothing to confirm here."), t("Only a decision entered from paper is confirmed."))
    if decision.seat_id == work.ctx.actor.id:
        raise Refused(t("You entered this decision yourself."), t("A second person compares it with the paper."))
    await _refuse_own_paper(work, case, decision.signatory or "")
    step = await work.get(ApprovalStep, decision.step_id)
    if case.state != "open" or step.state != "open":
        raise Refused(t("This step is no longer open."), t("Look at the case: it has gone on."))
    await _require_scan(work, decision)
    await _require_unblocked(work, case, decision.verdict)
    await _refuse_second_paper(work, case, decision)
    decision.confirmed_by, decision.confirmed_at = work.ctx.actor.id, work.now
    await work.session.flush()
    after = {"decision": decision.id, "number": decision.paper_number}
    await work.audit("approval.confirm_paper", ("approval_case", case.id), after=after)
    if decision.verdict == "approve":
        await close_if_decided(work, case, step)
    else:
        await settle(work, case, decision.verdict, decision.comment)
    return await case_out(work, case)


@use_case(
    permission=APPROVAL_DECIDE,
    input=OfDecision,
    output=CaseOut,
    backdated=NOW,
    narrowed=t("only whoever made the decision"),
    in_person=PAGE,
    cases=of_approval,
)
async def recall(work: Work, data: OfDecision) -> CaseOut:
    """Take one's own approval back within 15 minutes, while nobody decided after it and nothing has left."""
    case, decision = await _decision(work, data)
    if decision.seat_id != work.ctx.actor.id:
        raise Refused(
            t("This decision is somebody else’s."), t("%(name)s can take it back for 15 minutes.", name=decision.name)
        )
    if not recallable(work, case, decision):
        raise Refused(
            t("This decision can no longer be taken back."),
            t("Ask a decider of a later step to return the case."),
        )
    steps = await steps_of(work, case)
    step = next(one for one in steps if one.id == decision.step_id)
    for later in steps:
        if later.place > step.place and later.state != "pending":
            await _reset(work, later, decision)
    decision.recalled_at = work.now
    step.state, step.closed_at = "open", None
    if case.state == "approved":
        await SUBJECTS[case.subject_kind].reopen(work, case)
        await move(work, case, CASE, "reopen", changes={"closed_at": None})
    case.due_on = step.due_on
    await work.session.flush()
    await work.audit(
        "approval.recall", ("approval_case", case.id), before={"verdict": decision.verdict, "step": step.key}
    )
    return await case_out(work, case)


async def _reset(work: Work, step: ApprovalStep, recalled: ApprovalDecision) -> None:
    begun = await work.session.scalar(
        select(ApprovalDecision.id).where(ApprovalDecision.step_id == step.id, STANDS).limit(1)
    )
    if begun is not None and begun != recalled.id:
        raise Refused(t("A later step is decided already."), t("Ask its decider to return the case."))
    if step.state != "informed":
        step.state, step.opened_at, step.closed_at, step.decided_with = "pending", None, None, None


async def _open_step(work: Work, case_id: str) -> tuple[ApprovalCase, ApprovalStep]:
    case = await locked_case(work, case_id)
    work.check_version(case)
    for step in await steps_of(work, case):
        if case.state == "open" and step.state == "open":
            return case, step
    raise Refused(t("Nothing is to be decided in this case now."), t("Look at its state: it may be settled already."))


async def _decision(work: Work, data: OfDecision) -> tuple[ApprovalCase, ApprovalDecision]:
    case = await locked_case(work, data.id)
    decision: ApprovalDecision = await work.get(ApprovalDecision, data.decision_id)
    if decision.case_id != case.id:
        raise NotFound
    return case, decision


async def _scan(work: Work, document_id: str) -> UUID:
    """Return the id of an uploaded scan; one that is not there, or is kept for something else, is the field's fault."""
    try:
        document: Document = await work.get(Document, document_id)
    except NotFound:
        raise Invalid([Fault("/document_id", t("Choose a file."))]) from None
    if document.purpose not in PAPER or document.state not in ("unscanned", "clean"):
        raise Invalid([Fault("/document_id", t("Choose the scan of the signed document."))])
    return document.id


async def _require_scan(work: Work, decision: ApprovalDecision) -> None:
    """Refuse to let a paper count whose scan nobody can open: none, refused by the scanner, or not looked at yet."""
    document = None
    if decision.document_id is not None:
        document = await work.session.get(Document, (decision.tenant_id, decision.document_id))
    if document is None or document.state in ("arriving", "refused"):
        raise Refused(
            t("There is no scan of this document that can be opened."),
            t("Enter the decision again, with a scan of the signed document."),
        )
    if document.state == "unscanned" and work.ctx.database.settings.clamd_address:
        raise Refused(t("The scan has not been looked at for malware yet."), t("Try again in a moment."))


def _refuse_own_file(work: Work, case: ApprovalCase) -> None:
    if case.concerns and work.ctx.actor.officer_id == case.concerns:
        raise Refused(t("This is your own file."), t("Somebody else who holds the duty decides it."))


async def _refuse_own_paper(work: Work, case: ApprovalCase, signatory: str) -> None:
    """Refuse who enters or confirms a paper on their own file, and a paper that the officer concerned signed."""
    _refuse_own_file(work, case)
    if case.concerns is None:
        return
    names = await SUBJECTS[case.subject_kind].names(work, case.subject_id)
    seat = await work.ctx.people.seat_of(work.session, case.concerns)
    if any(names_person(signatory, name) for name in [*names, *([seat.name] if seat else [])]):
        raise Refused(
            t("%(name)s is the officer whose file this is.", name=signatory),
            t("Somebody else who holds the duty signs it."),
        )


async def _refuse_second_paper(work: Work, case: ApprovalCase, decision: ApprovalDecision) -> None:
    """Refuse to count one document, or one signatory, twice in a step, and who has decided on screen."""
    rows = (
        await work.session.scalars(
            select(ApprovalDecision).where(
                ApprovalDecision.case_id == case.id,
                ApprovalDecision.id != decision.id,
                STANDS,
            )
        )
    ).all()
    signatory = same_name(decision.signatory or "")
    for one in rows:
        same_step = one.step_id == decision.step_id and one.confirmed_at is not None
        twice = same_step and (one.paper_number == decision.paper_number or same_name(one.signatory or "") == signatory)
        if twice or (one.paper_number is None and same_name(one.name) == signatory):
            raise Refused(
                t("%(name)s has decided in this case already.", name=decision.signatory),
                t("Nobody decides twice in one case."),
            )


async def _require_decider(work: Work, case: ApprovalCase, step: ApprovalStep) -> UUID | None:
    """Return the seat decided for, or ``None`` in one's own right; refuse anybody else."""
    actor = work.ctx.actor
    _refuse_own_file(work, case)
    deciders = await deciders_of(work, case, step)
    if any(person.id == actor.id for person in deciders.able):
        return None
    if actor.id in deciders.instead:
        return deciders.instead[actor.id]
    if deciders.nobody_left:
        outside = await outside_decider(work, case)
        if outside and outside.id == actor.id:
            return None
    own = next((person for person in deciders.holders if person.id == actor.id), None)
    if own is not None and own.away:
        raise Refused(
            t("You are on leave or seconded, as the worker file has it: you decide nothing until you are back."),
            t("Whoever you delegate to can decide for you."),
        )
    if own is not None:
        raise Refused(t("You have decided in this case already."), t("Nobody decides twice in one case."))
    raise Refused(
        t("This step is not yours to decide."),
        t("It waits for: %(people)s.", people=[person.name for person in deciders.able] or [step.role]),
    )


async def _require_unblocked(work: Work, case: ApprovalCase, verdict: str) -> None:
    if verdict != "approve":
        return
    blocking = [check.title for check in await find_blocks(work, case.subject_kind, case.subject_id)]
    if blocking:
        raise Refused(
            t("A check forbids approving: %(checks)s.", checks=blocking),
            t("Once it is settled, the case can be approved. It can be returned or refused now."),
        )
