"""What follows from a change of the sharing contract: what is shared no more is gone where it had crossed."""

from __future__ import annotations

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, every, subscriber
from core.nominations.release import withdraw_unshared
from core.use_cases.work import Work

DAY = 86_400


@subscriber("contract_accepted", kinds={"agency"})
async def narrow(ctx: Ctx, event: Event) -> None:
    """Hold what was released to a contract that is in force at once."""
    await keep_contract(ctx)


@every(DAY, kinds={"agency"})
async def keep_contract(ctx: Ctx) -> None:
    """Hold what was released to a contract whose day has come."""
    async with tenant_session(ctx) as session:
        await withdraw_unshared(Work(ctx, session, ctx.today, ctx.clock.now()))
