"""Use cases on cases and delegations: one case, asking again, who decides for whom."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

import msgspec
from sqlalchemy import or_, select

from core.approvals.cases import of_approval
from core.approvals.chain import Chain, begin
from core.approvals.deadlocks import find_deadlocks
from core.approvals.lifecycle import APPROVAL_DELEGATE, APPROVAL_MANAGE, APPROVAL_READ
from core.approvals.models import ApprovalCase, Delegation
from core.approvals.reading import case_out
from core.approvals.schemas import (
    CaseOut,
    DelegateIn,
    DelegationList,
    DelegationOut,
    ListDelegations,
)
from core.approvals.subjects import SUBJECTS
from core.database.sessions import tenant_session
from core.errors import Fault, Invalid, NotFound, Refused
from core.extensions.settings_checks import BEFORE_SAVING
from core.text import t
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.work import Work

if TYPE_CHECKING:
    from core.context import Ctx

BEFORE_SAVING["approval_chain"] = find_deadlocks
DELEGATIONS = t("Do it on the page “Delegations”.")


@use_case(permission=APPROVAL_READ, input=ById, output=CaseOut, reads=True)
async def get_case(work: Work, data: ById) -> CaseOut:
    """Show a case with its checks, steps and decisions."""
    return await case_out(work, await work.get(ApprovalCase, data.id))


async def _ask_again(ctx: Ctx, data: ById) -> Chain:
    """Ask the subject's room to ask the plugin, with no transaction open."""
    async with tenant_session(ctx, read_only=True) as session:
        try:
            case = await session.get(ApprovalCase, (ctx.scope.id, UUID(data.id)))
        except ValueError:
            raise NotFound from None
    if case is None:
        raise NotFound
    return await SUBJECTS[case.subject_kind].ask(ctx, case.subject_id)


@use_case(permission=APPROVAL_MANAGE, input=ById, output=CaseOut, before=_ask_again, backdated=NOW, cases=of_approval)
async def ask_again(work: Work, data: ById) -> CaseOut:
    """Ask the plugin once more for the chain of a case that waits for one."""
    case: ApprovalCase = await work.get(ApprovalCase, data.id)
    if case.state != "waiting_for_chain":
        raise Refused(t("This case has its chain."), t("A decider of the open step can return or decide it."))
    await work.audit("approval_case.ask_again", ("approval_case", case.id))
    await begin(work, case, work.decided)
    return await case_out(work, case)


@use_case(permission=APPROVAL_DELEGATE, input=ListDelegations, output=DelegationList, reads=True)
async def list_delegations(work: Work, data: ListDelegations) -> DelegationList:
    """List the delegations to and from the caller that are running or to come."""
    seat = work.ctx.actor.id
    query = select(Delegation).where(
        or_(Delegation.from_seat == seat, Delegation.to_seat == seat),
        Delegation.ended_at.is_(None),
        Delegation.last_day >= work.on,
    )
    rows = (await work.session.execute(query.order_by(Delegation.first_day))).scalars()
    return DelegationList([await _delegation_out(work, row) for row in rows])


@use_case(permission=APPROVAL_DELEGATE, input=DelegateIn, output=DelegationOut, backdated=NOW, in_person=DELEGATIONS)
async def delegate(work: Work, data: DelegateIn) -> DelegationOut:
    """Let somebody decide for the caller between two days."""
    faults = []
    try:
        person = await work.ctx.people.person(work.session, UUID(data.to_seat))
    except ValueError:
        person = None
    if person is None:
        faults.append(Fault("/to_seat", t("Choose a person of your service.")))
    elif person.id == work.ctx.actor.id:
        faults.append(Fault("/to_seat", t("Choose somebody else than yourself.")))
    if data.last_day < data.first_day or data.last_day < work.on:
        faults.append(Fault("/last_day", t("The last day is before the first, or past.")))
    if faults or person is None:
        raise Invalid(faults)
    row = Delegation(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        from_seat=work.ctx.actor.id,
        to_seat=person.id,
        first_day=data.first_day,
        last_day=data.last_day,
        reason=data.reason,
        created_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("delegation.give", ("delegation", row.id), after=msgspec.to_builtins(data), reason=data.reason)
    told = t("%(name)s lets you decide until %(day)s.", name=work.ctx.actor.name, day=data.last_day)
    await work.notify(told, link="/approvals", seat=person.id)
    return await _delegation_out(work, row)


@use_case(permission=APPROVAL_DELEGATE, input=ById, output=DelegationOut, backdated=NOW, in_person=DELEGATIONS)
async def end_delegation(work: Work, data: ById) -> DelegationOut:
    """End a delegation that the caller gave."""
    row: Delegation = await work.get(Delegation, data.id)
    if row.from_seat != work.ctx.actor.id:
        raise NotFound
    await close_delegation(work, row)
    return await _delegation_out(work, row)


async def close_delegation(work: Work, row: Delegation, reason: str | None = None) -> None:
    """End a delegation now and tell those of the two who did not do it; ``reason`` is whoever else's who did.

    Raises ``Refused`` where it has ended.
    """
    if row.ended_at is not None or row.last_day < work.ctx.today:
        raise Refused(t("This delegation has ended already."), t("Look at the page again."))
    row.ended_at = work.now
    await work.session.flush()
    await work.audit("delegation.end", ("delegation", row.id), reason=reason)
    names = await _delegation_out(work, row)
    told = t("%(giver)s no longer lets you decide.", giver=names.from_name)
    if reason is not None:
        told = t(
            "%(who)s has ended the delegation from %(giver)s to %(taker)s: “%(reason)s”.",
            who=work.ctx.actor.name,
            giver=names.from_name,
            taker=names.to_name,
            reason=reason,
        )
    for seat, link in ((row.from_seat, "/delegations"), (row.to_seat, "/approvals")):
        if seat != work.ctx.actor.id:
            await work.notify(told, link=link, seat=seat)


async def _delegation_out(work: Work, row: Delegation) -> DelegationOut:
    giver = await work.ctx.people.person(work.session, row.from_seat)
    taker = await work.ctx.people.person(work.session, row.to_seat)
    return DelegationOut(
        id=row.id,
        from_name=giver.name if giver else "",
        to_name=taker.name if taker else "",
        first_day=row.first_day,
        last_day=row.last_day,
        reason=row.reason,
        given=row.from_seat == work.ctx.actor.id,
    )
