"""Links are made as soon as somebody is waited for, sent by a channel, and cleared once they are spent."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from auth.approval_links.links import clear_spent, usable_link
from auth.approval_links.messages import write_message
from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import StepOpened
from auth.approval_links.service import LINK_MADE, SUBJECT, make_links
from core.approvals.lifecycle import APPROVAL_MANAGE
from core.approvals.models import ApprovalCase
from core.approvals.progress import STEP_OPENED
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.events.subscribers import Event, every, subscriber
from core.extensions.messages import written
from core.extensions.models import Delivery
from core.extensions.notifying import address_for, put_for
from core.extensions.telling import delivers
from core.hooks.specs import deliver_notification
from core.use_cases.execution import execute
from core.use_cases.work import Work


@subscriber(STEP_OPENED, kinds={"agency"}, permissions={APPROVAL_MANAGE})
async def link_deciders(ctx: Ctx, event: Event) -> None:
    """Make a link for each person whom the step waits for, unless the case has gone on meanwhile."""
    try:
        await execute(make_links, ctx, StepOpened(str(event.subject_id)), key=event.key)
    except Refused:
        return


@subscriber(LINK_MADE, kinds={"agency"})
async def send_link(ctx: Ctx, event: Event) -> None:
    """Send the link at once to whoever is told by a channel, however often they want to be told of the rest."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        link = await session.get(ApprovalLink, (ctx.scope.id, event.subject_id))
        if link is not None:
            await put_for(work, link.seat_id, event.name, (SUBJECT, link.id), event_id=event.id, rhythm=None)


async def read_link(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
    """Write the message with the link, at the moment it is sent."""
    link = await usable_link(work.session, work.ctx.scope.id, delivery.subject_id, work.now)
    to = await address_for(work, link.seat_id, delivery.plugin) if link is not None else None
    if link is None or to is None:
        return None
    address, person = to
    case: ApprovalCase = await work.get(ApprovalCase, link.case_id)
    said = write_message(work.ctx, work.ctx.database.settings.address, link, case, person)
    return written(delivery, address, "fr" if person.language == "fr" else "en", said.subject, said.text)


async def note_link(work: Work, delivery: Delivery, _: None) -> None:
    """Leave a line once the message has gone, as handing it out by hand does."""
    link = await work.session.get(ApprovalLink, (work.ctx.scope.id, delivery.subject_id))
    if link is not None:
        after = {"case_id": link.case_id, "seat": link.seat_id}
        await work.audit("approval_link.hand_out", (SUBJECT, link.id), after=after)


delivers(deliver_notification, SUBJECT, read_link, done=note_link)


@every(3_600, kinds={"agency"})
async def clear_links(ctx: Ctx) -> None:
    """Clear what is kept of links that can no longer be used: their secret, and what the case said."""
    async with tenant_session(ctx) as session:
        await clear_spent(Work(ctx, session, ctx.today, ctx.clock.now()))
