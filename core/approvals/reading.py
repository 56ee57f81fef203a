"""A case as a decider sees it."""

from __future__ import annotations

from collections import defaultdict
from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.approvals.deciders import deciders_of, outside_decider
from core.approvals.lifecycle import APPROVAL_PAPER
from core.approvals.models import ApprovalCase, ApprovalDecision, ApprovalStep, ChainProvider
from core.approvals.progress import steps_of
from core.approvals.schemas import CaseOut, DecisionOut, StepOut
from core.approvals.subjects import SUBJECTS
from core.hooks.titles import with_title
from core.text import Text
from core.use_cases.work import Work

RECALL = timedelta(minutes=15)


def recallable(work: Work, case: ApprovalCase, decision: ApprovalDecision) -> bool:
    """Say whether the time has not run out in which a decision can be taken back, also one that closed the case."""
    running = case.state == "open" or (case.state == "approved" and decision.verdict == "approve")
    standing = decision.recalled_at is None and decision.held_at is None
    return running and standing and work.now - decision.decided_at <= RECALL


def waiting_for(work: Work, case: ApprovalCase) -> Text | None:
    """Return why a case waits for a chain, with the plugin by what it is called."""
    if not case.waiting_for:
        return None
    return with_title(work.ctx, msgspec.convert(case.waiting_for, Text))


async def case_out(work: Work, case: ApprovalCase) -> CaseOut:
    """Return the case with its subject's facts and checks, its steps and what the caller may do."""
    subject = SUBJECTS[case.subject_kind]
    checks = await subject.checks(work, case.subject_id)
    brief = await subject.brief(work, case.subject_id)
    decisions = await _decisions(work, case)
    givers = await _givers(work, decisions)
    steps, mine, on_paper = [], False, False
    for step in await steps_of(work, case):
        people: list[str] = []
        if step.state == "open" and case.state == "open":
            deciders = await deciders_of(work, case, step)
            people = [person.name for person in deciders.able]
            outside = await outside_decider(work, case) if deciders.nobody_left else None
            mine = deciders.may(work.ctx.actor.id) or (outside is not None and outside.id == work.ctx.actor.id)
            mine = mine and step.kind == "decide"
            own_file = case.concerns is not None and work.ctx.actor.officer_id == case.concerns
            on_paper = step.on_paper and not own_file and work.ctx.actor.may(APPROVAL_PAPER)
        made = [_decision_out(work, case, one, givers.get(one.id)) for one in decisions[step.id]]
        steps.append(_step_out(step, people, made))
    return CaseOut(
        id=case.id,
        number=case.number,
        kind=case.kind,
        title=brief.title,
        about=brief.about,
        link=case.subject_link,
        state=case.state,
        due_on=case.due_on,
        waiting_for=waiting_for(work, case),
        opened_at=case.opened_at,
        facts=await subject.facts(work, case.subject_id),
        written=await subject.written(work, case.subject_id),
        checks=checks,
        steps=steps,
        mine=mine,
        on_paper=on_paper,
        blocked=any(check.outcome == "block" for check in checks),
        plugin=case.plugin,
        plugin_version=case.plugin_version,
        outside=await _outside(work, case),
        version=case.version,
    )


async def _outside(work: Work, case: ApprovalCase) -> str | None:
    """Return whom the agency named for cases in which nobody else is left, whether or not that person may decide."""
    named = select(ChainProvider.outside_seat).where(ChainProvider.kind == case.kind)
    seat = await work.session.scalar(named)
    person = await work.ctx.people.person(work.session, seat) if seat else None
    return person.name if person and person.active else None


async def _decisions(work: Work, case: ApprovalCase) -> dict[UUID, list[ApprovalDecision]]:
    query = select(ApprovalDecision).where(ApprovalDecision.case_id == case.id).order_by(ApprovalDecision.decided_at)
    found: dict[UUID, list[ApprovalDecision]] = defaultdict(list)
    for decision in (await work.session.execute(query)).scalars():
        found[decision.step_id].append(decision)
    return found


async def _givers(work: Work, decisions: dict[UUID, list[ApprovalDecision]]) -> dict[UUID, str]:
    """Return the names of those for whom a delegate decided, by decision."""
    found: dict[UUID, str] = {}
    for decision in (one for made in decisions.values() for one in made if one.for_seat_id):
        giver = await work.ctx.people.person(work.session, decision.for_seat_id) if decision.for_seat_id else None
        if giver:
            found[decision.id] = giver.name
    return found


def _step_out(step: ApprovalStep, people: list[str], decisions: list[DecisionOut]) -> StepOut:
    return StepOut(
        id=step.id,
        title_en=step.title_en,
        title_fr=step.title_fr,
        kind=step.kind,
        role=step.role,
        needed=step.needed,
        on_paper=step.on_paper,
        state=step.state,
        due_on=step.due_on,
        closed_at=step.closed_at,
        people=people,
        decisions=decisions,
        with_earlier=step.decided_with is not None,
    )


def _decision_out(work: Work, case: ApprovalCase, decision: ApprovalDecision, giver: str | None) -> DecisionOut:
    own = decision.seat_id == work.ctx.actor.id
    live = case.state == "open" and decision.recalled_at is None and decision.held_at is None
    waiting = decision.paper_number is not None and decision.confirmed_at is None
    return DecisionOut(
        id=decision.id,
        name=decision.name,
        verdict=decision.verdict,
        comment=decision.comment,
        decided_at=decision.decided_at,
        recalled_at=decision.recalled_at,
        held_at=decision.held_at,
        held_reason=decision.held_reason,
        for_name=giver,
        paper_number=decision.paper_number,
        paper_date=decision.paper_date,
        signatory=decision.signatory,
        document_id=decision.document_id,
        confirmed_at=decision.confirmed_at,
        can_recall=own and recallable(work, case, decision),
        can_confirm=live and waiting and not own and work.ctx.actor.may(APPROVAL_PAPER),
    )
