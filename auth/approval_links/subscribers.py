"""Links are made as soon as somebody is waited for, and cleared once they are good for nothing."""

from __future__ import annotations

from auth.approval_links.links import clear_spent
from auth.approval_links.schemas import StepOpened
from auth.approval_links.service import make_links
from core.approvals.lifecycle import APPROVAL_MANAGE
from core.approvals.progress import STEP_OPENED
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.events.subscribers import Event, every, subscriber
from core.use_cases.execution import execute
from core.use_cases.work import Work


@subscriber(STEP_OPENED, kinds={"agency"}, permissions={APPROVAL_MANAGE})
async def link_deciders(ctx: Ctx, event: Event) -> None:
    """Make a link for each person whom the step waits for, unless the case has gone on meanwhile."""
    try:
        await execute(make_links, ctx, StepOpened(str(event.subject_id)), key=event.key)
    except Refused:
        return


@every(3_600, kinds={"agency"})
async def clear_links(ctx: Ctx) -> None:
    """Clear what is kept of links that can no longer be used: their secret, and what the case said."""
    async with tenant_session(ctx) as session:
        await clear_spent(Work(ctx, session, ctx.today, ctx.clock.now()))
