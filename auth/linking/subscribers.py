"""What is left to do where a process died between the line that tells of an unlinking and the link itself."""

from __future__ import annotations

from sqlalchemy import delete

from auth.linking.service import UNLINKED
from auth.models import IdentitySeat
from auth.relying_party.identities import keep_touched, linking
from auth.service import EVERYWHERE
from auth.sessions import end_sessions_of
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import EventRow
from core.events.subscribers import Event, subscriber
from core.use_cases.work import Work


@subscriber(UNLINKED, kinds=EVERYWHERE)
async def finish_unlinking(ctx: Ctx, event: Event) -> None:
    """Take the link away if it is still there, and end what was begun by it; one that was made since is another."""
    async with linking(ctx) as session:
        async with tenant_session(ctx, read_only=True) as own:
            row = await own.get_one(EventRow, (ctx.scope.id, event.id))
        old = (
            IdentitySeat.scope_id == ctx.scope.id,
            IdentitySeat.identity_id == event.subject_id,
            IdentitySeat.created_at <= row.at,
        )
        await keep_touched(session, ctx.scope.id, event.subject_id)
        gone = await session.scalars(delete(IdentitySeat).where(*old).returning(IdentitySeat.seat_id))
        for seat_id in gone.all():
            async with tenant_session(ctx) as own:
                work = Work(ctx, own, ctx.today, ctx.clock.now())
                ended = await end_sessions_of(own, ctx.scope, seat_id, work.now)
                after = {"cause": "unlinked", "sessions_ended": ended}
                await work.audit("session.end", ("seat", seat_id), after=after)
