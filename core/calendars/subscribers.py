"""What comes round by itself: addresses that are of no use any more end."""

from __future__ import annotations

from core.calendars.ending import sweep_addresses
from core.calendars.service import BOTH
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import every
from core.use_cases.work import Work

DAY = 86_400


@every(DAY, kinds=BOTH)
async def end_unused_addresses(ctx: Ctx) -> None:
    """End the addresses whose maker is gone, and those that no calendar fetches."""
    async with tenant_session(ctx) as session:
        await sweep_addresses(Work(ctx, session, ctx.today, ctx.clock.now()))
