"""What is left to do where a process died between the line that tells of an unlinking and the link itself."""

from __future__ import annotations

from sqlalchemy import delete

from auth.linking.service import UNLINKED
from auth.models import IdentitySeat
from auth.relying_party.identities import keep_touched, linking
from auth.service import EVERYWHERE
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import EventRow
from core.events.subscribers import Event, subscriber


@subscriber(UNLINKED, kinds=EVERYWHERE)
async def finish_unlinking(ctx: Ctx, event: Event) -> None:
    """Take the link away if it is still there; one that was made since is another."""
    async with linking(ctx) as session:
        async with tenant_session(ctx, read_only=True) as own:
            row = await own.get_one(EventRow, (ctx.scope.id, event.id))
        old = (
            IdentitySeat.scope_id == ctx.scope.id,
            IdentitySeat.identity_id == event.subject_id,
            IdentitySeat.created_at <= row.at,
        )
        await keep_touched(session, ctx.scope.id, event.subject_id)
        await session.execute(delete(IdentitySeat).where(*old))
