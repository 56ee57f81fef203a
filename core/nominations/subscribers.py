"""What follows from events: what is shared no more is gone where it had crossed, and plugins hear of nominations."""

from __future__ import annotations

from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.events.subscribers import Event, every, subscriber
from core.extensions.telling import tells
from core.hooks import specs, types
from core.nominations.describing import describe_nomination
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


@tells(specs.nomination_changed)
async def nomination_for_plugins(work: Work, id: UUID) -> types.Nomination | None:
    """Describe the nomination that has changed."""
    try:
        return await describe_nomination(work, id)
    except NotFound:
        return None
