"""Who may decide a step: the rule that nobody decides twice, nor on their own file."""

from __future__ import annotations

from unicodedata import combining, normalize
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.approvals.models import STANDS, ApprovalCase, ApprovalDecision, ApprovalStep, ChainProvider, Delegation
from core.people import Person
from core.use_cases.work import Work


class Deciders(msgspec.Struct, frozen=True):
    """Of one step: all who hold the duty, and those of them who are here and may still decide.

    ``instead`` maps a delegate's seat to the seat they decide for.
    """

    holders: list[Person]
    able: list[Person]
    instead: dict[UUID, UUID]

    @property
    def nobody_left(self) -> bool:
        """Whether nobody is left who may decide, in their own right or for somebody who is away."""
        return not self.able and not self.instead

    def may(self, seat_id: UUID) -> bool:
        """Say whether this seat may decide now, in its own right or for another."""
        return any(person.id == seat_id for person in self.able) or seat_id in self.instead


async def deciders_of(work: Work, case: ApprovalCase, step: ApprovalStep) -> Deciders:
    """Return who holds the duty of ``step`` and who may still decide it today."""
    holders = await _holders(work, case, step)
    voted = await voters(work, case)
    signed = await signatories(work, case)
    barred = {person.id for person in holders if case.concerns and person.officer_id == case.concerns}
    left = [
        person
        for person in holders
        if person.id not in voted and person.id not in barred and same_name(person.name) not in signed
    ]
    able = [person for person in left if not person.away]
    return Deciders(holders, able, await _delegates(work, case, left, voted))


def same_name(name: str) -> str:
    """Return a name as it is compared: without regard to case, accents, punctuation and the order of its parts."""
    plain = "".join(one for one in normalize("NFKD", name.casefold()) if not combining(one))
    return " ".join(sorted("".join(one if one.isalnum() else " " for one in plain).split()))


def names_person(signatory: str, name: str) -> bool:
    """Say whether a signature, perhaps with rank or duty beside it, is of the person called ``name``."""
    parts = set(same_name(name).split())
    return bool(parts) and parts <= set(same_name(signatory).split())


async def voters(work: Work, case: ApprovalCase) -> set[UUID]:
    """Return every seat that has decided in this case, in its own name or for another.

    Whoever enters a decision from paper does not decide: its signatory does.
    """
    rows = await work.session.execute(
        select(ApprovalDecision.seat_id, ApprovalDecision.for_seat_id).where(
            ApprovalDecision.case_id == case.id,
            STANDS,
            ApprovalDecision.paper_number.is_(None),
        )
    )
    return {seat for row in rows for seat in row if seat}


async def signatories(work: Work, case: ApprovalCase) -> set[str]:
    """Return the names of those whose decision on paper is confirmed."""
    rows = await work.session.scalars(
        select(ApprovalDecision.signatory).where(
            ApprovalDecision.case_id == case.id,
            STANDS,
            ApprovalDecision.confirmed_at.is_not(None),
        )
    )
    return {same_name(name) for name in rows if name}


async def _holders(work: Work, case: ApprovalCase, step: ApprovalStep) -> list[Person]:
    if step.seat_id:
        person = await work.ctx.people.person(work.session, step.seat_id)
        return [person] if person and person.active else []
    if step.role == "supervisor" and case.concerns:
        found = await work.ctx.people.supervisors(work.session, case.concerns)
    else:
        found = await work.ctx.people.holders(work.session, step.role)
    return [person for person in found if not step.unit or person.unit == step.unit]


async def _delegates(work: Work, case: ApprovalCase, left: list[Person], voted: set[UUID]) -> dict[UUID, UUID]:
    """Return who decides for one of those ``left``; somebody who is away may have left a delegate behind."""
    if not left:
        return {}
    rows = await work.session.execute(
        select(Delegation).where(
            Delegation.from_seat.in_([person.id for person in left]),
            # Today's, whatever day the decision is said to be true from: that day is the caller's to choose.
            Delegation.first_day <= work.ctx.today,
            Delegation.last_day >= work.ctx.today,
            Delegation.ended_at.is_(None),
        )
    )
    chain = await _in_chain(work, case)
    instead: dict[UUID, UUID] = {}
    for delegation in rows.scalars():
        delegate = await work.ctx.people.person(work.session, delegation.to_seat)
        own_file = delegate is not None and case.concerns is not None and delegate.officer_id == case.concerns
        if delegate and _present(delegate) and not own_file and delegate.id not in voted | chain:
            instead[delegate.id] = delegation.from_seat
    return instead


async def _in_chain(work: Work, case: ApprovalCase) -> set[UUID]:
    """Return all who hold a duty of their own in the case: none of them decides for another."""
    steps = await work.session.scalars(
        select(ApprovalStep).where(ApprovalStep.case_id == case.id, ApprovalStep.kind == "decide")
    )
    return {person.id for step in steps for person in await _holders(work, case, step)}


async def outside_decider(work: Work, case: ApprovalCase) -> Person | None:
    """Return the person the agency named for cases in which nobody else is left, if they may decide."""
    provider = await work.session.scalar(select(ChainProvider).where(ChainProvider.kind == case.kind))
    if provider is None or provider.outside_seat is None:
        return None
    person = await work.ctx.people.person(work.session, provider.outside_seat)
    if person is None or not _present(person) or (case.concerns and person.officer_id == case.concerns):
        return None
    decided = person.id in await voters(work, case) or same_name(person.name) in await signatories(work, case)
    return None if decided else person


def _present(person: Person) -> bool:
    return person.active and not person.away
