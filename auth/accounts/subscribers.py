"""What the worker does for programs: it tells which go on though their makers may let nobody in any more."""

from __future__ import annotations

from auth.claim_rules.settling import LOST
from auth.outliving import tell_outlived
from auth.roles import MANAGES
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, every, subscriber
from core.use_cases.work import Work

HOUR = 3600


@subscriber(LOST, kinds=MANAGES)
async def look_whose_programs(ctx: Ctx, event: Event) -> None:
    """Tell of the programs of somebody who has lost the role in which programs are let in."""
    async with tenant_session(ctx) as session:
        await tell_outlived(Work(ctx, session, ctx.today, ctx.clock.now()), event.subject_id)


@every(HOUR, kinds=MANAGES)
async def look_at_programs(ctx: Ctx) -> None:
    """Tell of every program whose maker may let nobody in: a role ends on its last day, too, by nobody’s doing."""
    async with tenant_session(ctx) as session:
        await tell_outlived(Work(ctx, session, ctx.today, ctx.clock.now()))
