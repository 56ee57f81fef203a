"""The operator hears of every use of a break-glass account, wherever it is."""

from __future__ import annotations

from auth.break_glass.entering import USED
from auth.red_button.pressing import PAGE
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.text import t
from core.use_cases.work import Work


@subscriber(USED, side="platform")
async def alarm_operator(ctx: Ctx, event: Event) -> None:
    """Tell the operator in which scope it was; who keeps the secret there is that scope's to know."""
    scope = await ctx.database.scope_by_id(event.owner_id)
    if scope is None or scope.id == ctx.scope.id:
        return
    async with tenant_session(ctx) as session:
        told = t("Alarm: a break-glass account of %(service)s was used.", service=scope.slug)
        await Work(ctx, session, event.on, ctx.clock.now()).notify(told, link=f"{PAGE}/services", role="operator")
