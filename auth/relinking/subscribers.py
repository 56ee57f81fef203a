"""What is left to do where a process died between the lines that tell of a change of provider and its links."""

from __future__ import annotations

from auth.relinking.completing import link_rest, unlink_old
from auth.relinking.models import Relink
from auth.relying_party.identities import linking
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import EventRow
from core.events.subscribers import Event, subscriber
from core.use_cases.work import Work


@subscriber("relink_changed", kinds={"agency"}, deadline=300.0)
async def complete(ctx: Ctx, event: Event) -> None:
    """Link and unlink what the change wrote lines for and did not come to do; what was linked since stays."""
    async with linking(ctx) as session, tenant_session(ctx, read_only=True) as own:
        work = Work(ctx, own, ctx.today, ctx.clock.now())
        relink: Relink = await work.get(Relink, event.subject_id)
        if relink.applied_at is None:
            return
        await link_rest(work, session, relink)
        if relink.state == "finished":
            row = await own.get_one(EventRow, (ctx.scope.id, event.id))
            await unlink_old(work, session, relink, row.at)
