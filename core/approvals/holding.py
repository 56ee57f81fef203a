"""Use cases that put on hold what an account decided since an instant, and let it count again.

For an account that somebody else may have used. A decision on hold does not count: its step is open
again, as if it had not been made. What followed from it and has left is not undone: it needs a look.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import groupby
from uuid import UUID

from sqlalchemy import or_, select

from core.approvals.lifecycle import APPROVAL_HOLD, CASE
from core.approvals.models import STANDS, ApprovalCase, ApprovalDecision, ApprovalStep
from core.approvals.progress import close_if_decided, count_approvals, locked_case, steps_of, tell_deciders
from core.approvals.schemas import HoldIn, Made, MadeList, MadeOut, ReleaseIn
from core.approvals.subjects import SUBJECTS
from core.errors import NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Work

RUNNING = frozenset({"open", "withdrawn"})
"""States of a case from which nothing has followed."""


@use_case(permission=APPROVAL_HOLD, input=Made, output=MadeList, reads=True)
async def list_made(work: Work, data: Made) -> MadeList:
    """List what an account decided, entered or confirmed since an instant, and all that is on hold."""
    return MadeList(await _listed(work, await _seat(work, data.seat), data.since))


@use_case(permission=APPROVAL_HOLD, input=HoldIn, output=MadeList, backdated=NOW)
async def hold_decisions(work: Work, data: HoldIn) -> MadeList:
    """Let nothing count that an account decided since an instant; the steps are open again, what has left is listed."""
    seat = await _seat(work, data.seat)
    held = [row for row in await _made(work, seat, data.since) if row.recalled_at is None and row.held_at is None]
    if not held:
        raise Refused(
            t("This account decided nothing since then that counts."), t("Look at the list: it may be on hold already.")
        )
    for case_id, rows in _by_case(held):
        await _hold(work, await locked_case(work, case_id), rows, data.reason)
    return MadeList(await _listed(work, seat, data.since), len(held))


@use_case(
    permission=APPROVAL_HOLD,
    input=ReleaseIn,
    output=MadeList,
    backdated=NOW,
    in_person=t("Do it on the account’s page below “Emergency stop”."),
)
async def release_decisions(work: Work, data: ReleaseIn) -> MadeList:
    """Let what was on hold count again, where its maker has not decided anew in that case meanwhile.

    Nobody releases what they had a part in: decided, entered for another or confirmed from paper.
    """
    seat, me = await _seat(work, data.seat), work.ctx.actor.id
    found = [row for row in await _made(work, seat, None) if row.held_at is not None]
    if data.decision is not None:
        found = [row for row in found if str(row.id) == data.decision]
    held = [row for row in found if me not in (row.seat_id, row.for_seat_id, row.confirmed_by)]
    if seat == me or (found and not held):
        raise Refused(t("These are your own decisions."), t("Somebody else who may do so releases them."))
    if not held:
        raise Refused(t("Nothing is on hold here."), t("Look at the list: it may have been released already."))
    released = 0
    for case_id, rows in _by_case(held):
        released += await _release(work, await locked_case(work, case_id), rows, data.reason)
    if not released:
        raise Refused(
            t("They have decided anew in this case: the decision on hold stays so."),
            t("Nobody decides twice in one case."),
        )
    return MadeList(await _listed(work, seat, min(row.decided_at for row in held)), released)


async def _seat(work: Work, text: str) -> UUID:
    try:
        person = await work.ctx.people.person(work.session, UUID(text))
    except ValueError:
        raise NotFound from None
    if person is None:
        raise NotFound
    return person.id


async def _made(work: Work, seat: UUID, since: datetime | None) -> list[ApprovalDecision]:
    """Return the decisions the account took part in since then, and all on hold, those of a case together."""
    decided, confirmed = ApprovalDecision.seat_id == seat, ApprovalDecision.confirmed_by == seat
    held = or_(decided, confirmed) & ApprovalDecision.held_at.is_not(None)
    if since is not None:
        decided &= ApprovalDecision.decided_at >= since
        confirmed &= ApprovalDecision.confirmed_at >= since
    chosen = select(ApprovalDecision).where(
        ApprovalDecision.tenant_id == work.ctx.scope.id, or_(decided, confirmed, held)
    )
    return list(await work.session.scalars(chosen.order_by(ApprovalDecision.case_id, ApprovalDecision.id)))


def _by_case(rows: Sequence[ApprovalDecision]) -> list[tuple[UUID, list[ApprovalDecision]]]:
    return [(case_id, list(group)) for case_id, group in groupby(rows, key=lambda row: row.case_id)]


async def _hold(work: Work, case: ApprovalCase, rows: Sequence[ApprovalDecision], reason: str) -> None:
    for row in rows:
        # Read again under the case's lock: it may have been taken back, or held, a moment ago.
        await work.session.refresh(row)
        row.held_at, row.held_reason = row.held_at or work.now, row.held_reason or reason
    await work.session.flush()
    reopened = await _reopen(work, case, {row.id for row in rows})
    after = {"decisions": [row.id for row in rows], "step_reopened": reopened}
    await work.audit("approval.hold", ("approval_case", case.id), after=after, reason=reason)
    told = t("A decision on “%(title)s” is on hold. Its step is open again.", title=case.subject_title)
    if case.state not in RUNNING:
        told = t(
            "A decision on “%(title)s” is on hold. What followed from it stands: look whether it should.",
            title=case.subject_title,
        )
    await work.notify(told, link=case.subject_link, role="coordinator")


async def _reopen(work: Work, case: ApprovalCase, held: set[UUID]) -> bool:
    """Undo the closing of steps by the decisions ``held`` and open the first that is; say whether there were any."""
    if case.state not in {"open", "approved"}:
        return False
    steps = await steps_of(work, case)
    undone = [step for step in steps if step.state == "approved" and not await _enough_without(work, step, held)]
    if not undone:
        return False
    if case.state == "approved":
        try:
            await SUBJECTS[case.subject_kind].reopen(work, case)
        except Refused:
            return False
        await move(work, case, CASE, "reopen", changes={"closed_at": None})
    first = next(step for step in steps if step in undone or step.state == "open")
    was_open = first.state == "open"
    for step in steps:
        if step in undone or (step.state == "open" and step is not first):
            step.state, step.opened_at, step.closed_at, step.decided_with = "pending", None, None, None
    if not was_open:
        first.state, first.opened_at = "open", work.now
        first.due_on = work.ctx.today + timedelta(days=first.days) if first.days is not None else None
        case.due_on = first.due_on
    await work.session.flush()
    if not was_open:
        await tell_deciders(work, case, first)
    return True


async def _enough_without(work: Work, step: ApprovalStep, held: set[UUID]) -> bool:
    """Say whether a step that was closed stays so: none of its decisions is held, or enough others were given."""
    if step.decided_with is not None:
        return step.decided_with not in held
    own = select(ApprovalDecision.id).where(ApprovalDecision.step_id == step.id, ApprovalDecision.id.in_(held))
    if await work.session.scalar(own.limit(1)) is None:
        return True
    return step.needed > 0 and await count_approvals(work, step) >= step.needed


async def _release(work: Work, case: ApprovalCase, rows: Sequence[ApprovalDecision], reason: str) -> int:
    found = []
    for row in rows:
        await work.session.refresh(row)
        if row.held_at is not None and not await _decided_anew(work, row):
            row.held_at = row.held_reason = None
            found.append(row)
    if not found:
        return 0
    await work.session.flush()
    after = {"decisions": [row.id for row in found]}
    await work.audit("approval.release_hold", ("approval_case", case.id), after=after, reason=reason)
    step = next((one for one in await steps_of(work, case) if one.state == "open"), None)
    if case.state == "open" and step is not None and await count_approvals(work, step):
        await close_if_decided(work, case, step)
    told = t("A decision on “%(title)s” counts again.", title=case.subject_title)
    await work.notify(told, link=case.subject_link, role="coordinator")
    return len(found)


async def _decided_anew(work: Work, row: ApprovalDecision) -> bool:
    """Say whether one of those in whose name ``row`` was made has decided in its case since, on screen."""
    if row.paper_number is not None:
        return False
    seats = [seat for seat in (row.seat_id, row.for_seat_id) if seat is not None]
    other = select(ApprovalDecision.id).where(
        ApprovalDecision.case_id == row.case_id,
        ApprovalDecision.id != row.id,
        or_(ApprovalDecision.seat_id.in_(seats), ApprovalDecision.for_seat_id.in_(seats)),
        ApprovalDecision.paper_number.is_(None),
        STANDS,
    )
    return await work.session.scalar(other.limit(1)) is not None


async def _listed(work: Work, seat: UUID, since: datetime) -> list[MadeOut]:
    rows = await _made(work, seat, since)
    chosen = select(ApprovalCase).where(ApprovalCase.id.in_({row.case_id for row in rows}))
    cases = {case.id: case for case in await work.session.scalars(chosen)}
    found = [_made_out(cases[row.case_id], row, seat) for row in rows]
    return sorted(found, key=lambda one: (one.at, one.id), reverse=True)


def _made_out(case: ApprovalCase, row: ApprovalDecision, seat: UUID) -> MadeOut:
    confirmed = row.seat_id != seat
    return MadeOut(
        id=row.id,
        case_id=case.id,
        number=case.number,
        title=case.subject_title,
        link=case.subject_link,
        part="confirmed" if confirmed else "entered" if row.paper_number is not None else "decided",
        verdict=row.verdict,
        at=(row.confirmed_at if confirmed else None) or row.decided_at,
        case_state=case.state,
        recalled_at=row.recalled_at,
        held_at=row.held_at,
        held_reason=row.held_reason,
        needs_look=row.held_at is not None and case.state not in RUNNING,
    )
