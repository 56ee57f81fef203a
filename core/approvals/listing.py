"""The inbox: which cases wait for the caller, for others, or are decided."""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select

from core.approvals.deciders import deciders_of, outside_decider
from core.approvals.lifecycle import APPROVAL_READ
from core.approvals.models import ApprovalCase, ApprovalStep
from core.approvals.progress import steps_of
from core.approvals.schemas import CaseList, CaseSummary, Inbox
from core.approvals.subjects import SUBJECTS
from core.use_cases.declaration import use_case
from core.use_cases.work import Work

OPEN = ("open", "waiting_for_chain")
MOST_DECIDED = 200


class _Found(msgspec.Struct, frozen=True):
    """A case with its steps, the open one among them, and whether that one waits for the caller."""

    case: ApprovalCase
    steps: Sequence[ApprovalStep]
    current: ApprovalStep | None
    own: bool


@use_case(permission=APPROVAL_READ, input=Inbox, output=CaseList, reads=True)
async def list_cases(work: Work, data: Inbox) -> CaseList:
    """List the cases that wait for the caller, for others, or are decided."""
    waiting = await _waiting(work)
    mine = [one for one in waiting if one.own]
    others = [one for one in waiting if not one.own]
    if data.show == "decided":
        decided = select(ApprovalCase).where(ApprovalCase.state.not_in(OPEN)).order_by(ApprovalCase.closed_at.desc())
        rows = (await work.session.execute(decided.limit(MOST_DECIDED))).scalars()
        cases = [await _summary(work, await _found(work, case)) for case in rows]
    else:
        cases = [await _summary(work, one) for one in (mine if data.show == "mine" else others)]
    return CaseList(cases=_ordered(cases, data), mine=len(mine), others=len(others))


async def count_mine(work: Work) -> int:
    """Return how many cases wait for the caller, without weighing them."""
    return sum(one.own for one in await _waiting(work))


def _ordered(cases: list[CaseSummary], data: Inbox) -> list[CaseSummary]:
    """Return the cases in the order asked for; what is decided stays in that of its decision unless by name."""
    if data.order == "name":
        return sorted(cases, key=lambda one: (one.title.casefold(), one.number))
    if data.order == "waiting" and data.show != "decided":
        return sorted(cases, key=lambda one: (one.waiting_since or one.opened_at, one.number))
    return cases


async def _waiting(work: Work) -> list[_Found]:
    query = select(ApprovalCase).where(ApprovalCase.state.in_(OPEN)).order_by(ApprovalCase.due_on, ApprovalCase.number)
    return [await _found(work, case) for case in (await work.session.execute(query)).scalars()]


async def _found(work: Work, case: ApprovalCase) -> _Found:
    steps = await steps_of(work, case)
    current = next((step for step in steps if step.state == "open"), None) if case.state == "open" else None
    own = False
    if current is not None:
        deciders = await deciders_of(work, case, current)
        own = deciders.may(work.ctx.actor.id)
        if not deciders.able:
            outside = await outside_decider(work, case)
            own = outside is not None and outside.id == work.ctx.actor.id
    return _Found(case, steps, current, own)


async def _summary(work: Work, found: _Found) -> CaseSummary:
    case, current = found.case, found.current
    subject = SUBJECTS[case.subject_kind]
    brief = await subject.brief(work, case.subject_id)
    checks = await subject.checks(work, case.subject_id) if case.state in OPEN else []
    return CaseSummary(
        id=case.id,
        number=case.number,
        kind=case.kind,
        title=brief.title,
        about=brief.about,
        state=case.state,
        due_on=case.due_on,
        opened_at=case.opened_at,
        closed_at=case.closed_at,
        waiting_since=current.opened_at if current else None,
        step_en=current.title_en if current else None,
        step_fr=current.title_fr if current else None,
        step=current.place if current else len(found.steps),
        steps=len(found.steps),
        mine=found.own and current is not None and current.kind == "decide",
        blocking=sum(check.outcome == "block" for check in checks),
        to_confirm=sum(check.outcome == "warn" for check in checks),
        version=case.version,
    )
