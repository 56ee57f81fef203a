"""How a case goes from step to step until it is settled."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import func, or_, select

from core.approvals.deciders import deciders_of, outside_decider
from core.approvals.lifecycle import CASE
from core.approvals.models import STANDS, ApprovalCase, ApprovalDecision, ApprovalStep
from core.approvals.subjects import SUBJECTS, Verdict
from core.text import Text, t
from core.use_cases.lifecycle import move
from core.use_cases.work import Work

VERDICTS: dict[str, tuple[str, Verdict]] = {
    "approve": ("approve", "approved"),
    "refuse": ("refuse", "refused"),
    "return": ("return", "returned"),
}
DUTIES: dict[str, Text] = {
    "approver": t("Approver"),
    "supervisor": t("Supervisor of the officer"),
    "coordinator": t("Peace operations coordinator"),
    "administrator": t("Administrator"),
    "hr_clerk": t("HR clerk"),
}
"""What a reader calls the roles that a step may name; another one is shown by its key."""
STEP_OPENED = "approval_step_opened"
"""The event of a step from which on somebody is waited for."""


async def locked_case(work: Work, case_id: UUID | str) -> ApprovalCase:
    """Return the case, held until the transaction ends: two clicks at once are two decisions in turn."""
    case: ApprovalCase = await work.get(ApprovalCase, case_id)
    await work.session.refresh(case, with_for_update=True)
    return case


async def steps_of(work: Work, case: ApprovalCase) -> list[ApprovalStep]:
    """Return the steps of a case in order."""
    query = select(ApprovalStep).where(ApprovalStep.case_id == case.id).order_by(ApprovalStep.place)
    return list((await work.session.execute(query)).scalars())


async def advance(work: Work, case: ApprovalCase) -> None:
    """Open the next step; settle the case when none is left.

    A step that informs is closed at once. A step whose only holders have decided already is
    closed with their decision: one decision naming both duties.
    """
    for step in await steps_of(work, case):
        if step.state in ("approved", "informed"):
            continue
        if step.state == "open":
            return
        step.opened_at = work.now
        # A deadline runs from when it could be known, whatever day the change is true from.
        step.due_on = work.ctx.today + timedelta(days=step.days) if step.days is not None else None
        if step.kind == "inform":
            step.state, step.closed_at = "informed", work.now
            about = t("For information: %(title)s", title=case.subject_title)
            await work.notify(about, link=case.subject_link, role=step.role)
            continue
        if await _closed_with_earlier(work, case, step):
            continue
        step.state = "open"
        case.due_on = step.due_on
        await work.session.flush()
        if await count_approvals(work, step):
            # Given before the step was last closed, and released from hold meanwhile.
            await close_if_decided(work, case, step)
        if step.state == "open":
            await tell_deciders(work, case, step)
        return
    await settle(work, case, "approve", None)


async def settle(work: Work, case: ApprovalCase, verdict: str, reason: str | None) -> None:
    """Close the case with ``verdict`` (approve, refuse, return) and tell its subject's room."""
    name, outcome = VERDICTS[verdict]
    await move(work, case, CASE, name, reason=reason, changes={"closed_at": work.now, "due_on": None})
    await ask_no_longer(work, case)
    for step in await steps_of(work, case):
        if step.state in ("open", "pending"):
            step.state, step.closed_at = "skipped", work.now
    await SUBJECTS[case.subject_kind].settle(work, case, outcome, reason)
    await work.session.flush()


async def count_approvals(work: Work, step: ApprovalStep) -> int:
    """Return how many approvals of the step count: on paper only those that a second person confirmed."""
    query = select(func.count()).where(
        ApprovalDecision.step_id == step.id,
        ApprovalDecision.verdict == "approve",
        STANDS,
        (ApprovalDecision.paper_number.is_(None)) | (ApprovalDecision.confirmed_at.is_not(None)),
    )
    return int(await work.session.scalar(query) or 0)


async def close_if_decided(work: Work, case: ApprovalCase, step: ApprovalStep) -> None:
    """Close the step when enough have approved, and go on."""
    given = await count_approvals(work, step)
    deciders = await deciders_of(work, case, step)
    if step.kind == "act":
        enough = given >= max(step.needed, 1)  # an act is one document, whoever holds the duty
    else:
        enough = given >= step.needed if step.needed else given > 0 and deciders.nobody_left
    if enough:
        step.state, step.closed_at = "approved", work.now
        await work.session.flush()
        await advance(work, case)


async def _closed_with_earlier(work: Work, case: ApprovalCase, step: ApprovalStep) -> bool:
    if step.kind == "act":
        return False
    deciders = await deciders_of(work, case, step)
    if not deciders.nobody_left:
        return False
    earlier = await _earlier_approvals(work, case, {person.id for person in deciders.holders})
    if len(earlier) < max(step.needed, 1):
        return False
    step.state, step.closed_at, step.decided_with = "approved", work.now, earlier[-1]
    return True


async def _earlier_approvals(work: Work, case: ApprovalCase, seats: set[UUID]) -> list[UUID]:
    """Return the approvals that ``seats``, or delegates for them, gave on screen in this case."""
    rows = await work.session.scalars(
        select(ApprovalDecision.id)
        .where(
            ApprovalDecision.case_id == case.id,
            or_(ApprovalDecision.seat_id.in_(seats), ApprovalDecision.for_seat_id.in_(seats)),
            ApprovalDecision.verdict == "approve",
            STANDS,
            ApprovalDecision.paper_number.is_(None),
        )
        .order_by(ApprovalDecision.decided_at, ApprovalDecision.id)
    )
    return list(rows)


async def asked_of(work: Work, case: ApprovalCase, step: ApprovalStep) -> list[UUID]:
    """Return the seats that the open ``step`` waits for: who may decide it, in their own right or for another."""
    deciders = await deciders_of(work, case, step)
    people = [person.id for person in deciders.able] + list(deciders.instead)
    outside = None if people else await outside_decider(work, case)
    return [outside.id] if outside else people


async def tell_deciders(work: Work, case: ApprovalCase, step: ApprovalStep) -> None:
    """Say that the step is open: to whoever may decide it, to the administrators where nobody may, and as an event."""
    await work.emit(STEP_OPENED, ("approval_step", step.id))
    await ask_no_longer(work, case)
    people = await asked_of(work, case, step)
    for seat in people:
        person = await work.ctx.people.person(work.session, seat)
        label = step.title_fr if person is not None and person.language == "fr" else step.title_en
        await work.notify(_asking(case, label), link=_link(case), seat=seat)
    if not people:
        stuck = _stuck(case, DUTIES.get(step.role, step.role))
        await work.notify(stuck, link=_link(case), role="administrator")


async def ask_no_longer(work: Work, case: ApprovalCase, *, seat: UUID | None = None) -> None:
    """Take back what notifications, or those of one ``seat``, still ask for that was decided or is no more."""
    for sentence in (_asking(case, ""), _stuck(case, "")):
        await work.ask_no_longer(sentence, link=_link(case), seat=seat)


def _asking(case: ApprovalCase, label: str) -> Text:
    """Return what deciders are told of an open step; ``label`` is the step's, in the reader's language."""
    return t("Waiting for your decision, “%(step)s”: %(title)s", step=label, title=case.subject_title)


def _stuck(case: ApprovalCase, duty: Text | str) -> Text:
    """Return what administrators are told where nobody can decide the open step."""
    return t("Nobody can decide “%(title)s”: give somebody the role “%(role)s”.", title=case.subject_title, role=duty)


def _link(case: ApprovalCase) -> str:
    return f"/approvals/{case.id}"
