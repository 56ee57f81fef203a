"""Use cases on approval links: make them, write the messages that carry them, and decide by one."""

from __future__ import annotations

from dataclasses import replace
from uuid import UUID

import msgspec

from auth.approval_links.links import add_link, end_links_to, links_to, snapshot_of, usable_link, use_up
from auth.approval_links.messages import write_message
from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import (
    Asked,
    DecideByLink,
    LinkedCase,
    LinksMade,
    Message,
    MessageTo,
    OfCase,
    StepOpened,
    Waiting,
)
from auth.approval_links.snapshots import differences, take
from auth.leaving import hold_seats
from auth.roles import APPROVAL_LINK, permissions_of
from core.approvals.cases import of_approval
from core.approvals.decisions import decide
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_MANAGE, APPROVAL_READ
from core.approvals.models import ApprovalCase, ApprovalStep
from core.approvals.progress import asked_of, steps_of
from core.approvals.reading import case_out
from core.approvals.schemas import DecideIn
from core.errors import Conflict, Fault, Invalid, NotFound, Refused, StepUpNeeded
from core.text import t
from core.use_cases.declaration import NOW, ById, use_case
from core.use_cases.work import Work

SUBJECT = "approval_link"
LINK_MADE = "approval_link_made"
"""The event of a link that there is a message to write for; it holds the link’s id and nothing of its secret."""


@use_case(permission=APPROVAL_MANAGE, input=StepOpened, output=LinksMade, backdated=NOW)
async def make_links(work: Work, data: StepOpened) -> LinksMade:
    """Make a link for each person whom a step waits for and who has none."""
    step: ApprovalStep = await work.get(ApprovalStep, data.step)
    case: ApprovalCase = await work.get(ApprovalCase, step.case_id)
    known = await links_to(work, step.id)
    missing = [seat for seat in await _held(work, case, step) if seat not in known]
    if not missing:
        raise Refused(t("Nobody without a link is waited for here."), t("Look at the case: it may have gone on."))
    for seat in missing:
        await _make(work, case, step, seat)
    return LinksMade(len(missing))


@use_case(permission=APPROVAL_MANAGE, input=OfCase, output=Waiting, reads=True)
async def list_waited_for(work: Work, data: OfCase) -> Waiting:
    """List whom the open step of a case waits for, and who of them has a link that can be used."""
    case: ApprovalCase = await work.get(ApprovalCase, data.id)
    step = await _open_step(work, case)
    known = await links_to(work, step.id) if step else {}
    people = []
    for seat in await _waited_for(work, case, step) if step else []:
        person = await work.ctx.people.person(work.session, seat)
        if person is not None:
            link = known.get(seat)
            people.append(
                Asked(
                    seat_id=seat,
                    name=person.name,
                    language="fr" if person.language == "fr" else "en",
                    expires_at=link.expires_at if link else None,
                )
            )
    return Waiting(id=case.id, number=case.number, title=case.subject_title, people=people)


@use_case(permission=APPROVAL_MANAGE, input=MessageTo, output=Message, backdated=NOW, cases=of_approval)
async def hand_out_message(work: Work, data: MessageTo) -> Message:
    """Write the message that asks one person for a decision, with their link; a link that is too old is made anew."""
    case: ApprovalCase = await work.get(ApprovalCase, data.id)
    step = await _open_step(work, case)
    waited_for = await _held(work, case, step) if step else []
    seat = next((one for one in waited_for if str(one) == data.seat), None)
    person = await work.ctx.people.person(work.session, seat) if seat else None
    if step is None or seat is None or person is None:
        raise Refused(
            t("The case does not wait for this person."), t("Look at the case: it names those whom it waits for.")
        )
    link = (await links_to(work, step.id)).get(seat) or await _make(work, case, step, seat)
    await work.audit("approval_link.hand_out", (SUBJECT, link.id), after={"case_id": case.id, "seat": seat})
    return write_message(work.ctx, work.ctx.database.settings.address, link, case, person)


@use_case(permission=APPROVAL_LINK, input=ById, output=LinkedCase, reads=True)
async def get_linked_case(work: Work, data: ById) -> LinkedCase:
    """Show the one case that the caller’s link leads to, with what has changed since it was made."""
    link = await _own_link(work, data.id)
    return await _linked_case(_with_rights(work), link)


@use_case(permission=APPROVAL_LINK, input=DecideByLink, output=LinkedCase, backdated=NOW)
async def decide_by_link(work: Work, data: DecideByLink) -> LinkedCase:
    """Decide the step that the caller’s link is for, as it was read; the link is used up with it."""
    link = await _own_link(work, data.id)
    acting = _with_rights(work)
    case: ApprovalCase = await work.get(ApprovalCase, link.case_id)
    await work.session.refresh(case, with_for_update=True)
    if await usable_link(work.session, work.ctx.scope.id, link.id, work.now) is None or not await use_up(work, link.id):
        raise Refused(
            t("This link can no longer decide: it was used, is too old, or its step has been decided."),
            t("Signed in as usual, you see what still waits for you."),
        )
    changed = await _check_read(acting, case, link, data)
    # How they proved who they are is what the link rests on: it is kept whether or not a rule asks for it.
    work.assurance = acting.assurance = work.ctx.actor.assurance
    after = {"case_id": case.id, "verdict": data.verdict, "changed": changed}
    await work.audit("approval_link.use", (SUBJECT, link.id), after=after)
    try:
        await decide(acting, DecideIn(id=str(case.id), verdict=data.verdict, comment=data.comment))
    except StepUpNeeded as needed:
        raise Refused(needed.text, t("Open the link in your message once more.")) from None
    await work.session.refresh(link)
    return await _linked_case(acting, link)


async def _check_read(work: Work, case: ApprovalCase, link: ApprovalLink, data: DecideByLink) -> bool:
    """Refuse a decision on what no longer holds, or on changes that were not read; say whether there were any."""
    now, before = await take(work, case), snapshot_of(work.ctx, link)
    if data.seen != now.digest:
        raise Conflict
    changed = before is None or before.digest != now.digest
    if changed and not data.noted:
        raise Invalid([Fault("/noted", t("Read what has changed, and tick this."))])
    return changed


async def _linked_case(work: Work, link: ApprovalLink) -> LinkedCase:
    case: ApprovalCase = await work.get(ApprovalCase, link.case_id)
    now, before = await take(work, case), snapshot_of(work.ctx, link)
    open_link = await usable_link(work.session, work.ctx.scope.id, link.id, work.now)
    out = await case_out(work, case)
    return LinkedCase(
        id=link.id,
        state="used" if link.used_at else "open" if open_link else "ended",
        made_at=link.made_at,
        case=out if open_link else msgspec.structs.replace(out, mine=False),
        changes=differences(before, now, work.ctx.language) if before and open_link else [],
        seen=now.digest,
    )


async def _own_link(work: Work, link_id: str) -> ApprovalLink:
    """Return the link by which the caller has come. Raises ``NotFound`` for any other."""
    link: ApprovalLink = await work.get(ApprovalLink, link_id)
    if work.ctx.actor.only != link.id or work.ctx.actor.id != link.seat_id:
        raise NotFound
    return link


def _with_rights(work: Work) -> Work:
    """Return the work with what the caller's roles give them today for this one case; refuse if they give nothing."""
    actor = work.ctx.actor
    rights = {APPROVAL_READ, APPROVAL_DECIDE} & permissions_of(work.ctx.scope.kind, actor.roles)
    if len(rights) < 2:
        raise Refused(
            t("You no longer hold a role with which cases are decided."),
            t("An administrator of your service can give you one."),
        )
    return replace(work, ctx=work.ctx.acting_as(msgspec.structs.replace(actor, permissions=frozenset(rights))))


async def _make(work: Work, case: ApprovalCase, step: ApprovalStep, seat: UUID) -> ApprovalLink:
    await end_links_to(work, step.id, [seat])
    link = add_link(work, step, seat, await take(work, case))
    await work.session.flush()
    after = {"case_id": case.id, "step": step.key, "seat": seat, "until": link.expires_at}
    await work.audit("approval_link.create", (SUBJECT, link.id), after=after)
    await work.emit(LINK_MADE, (SUBJECT, link.id))
    return link


async def _open_step(work: Work, case: ApprovalCase) -> ApprovalStep | None:
    steps = await steps_of(work, case) if case.state == "open" else []
    return next((step for step in steps if step.state == "open"), None)


async def _waited_for(work: Work, case: ApprovalCase, step: ApprovalStep) -> list[UUID]:
    """Return whom a step waits for that is decided on screen: an act outside the platform has no link."""
    waits = case.state == "open" and step.state == "open" and step.kind == "decide"
    return await asked_of(work, case, step) if waits else []


async def _held(work: Work, case: ApprovalCase, step: ApprovalStep) -> list[UUID]:
    """Return whom a step waits for; nobody shuts them out before the links that are made here can be ended."""
    before = await _waited_for(work, case, step)
    await hold_seats(work, before)
    return [seat for seat in await _waited_for(work, case, step) if seat in before]
