"""What follows from a stop: the scope's lists are set right where the operator pressed, and people are told."""

from __future__ import annotations

from sqlalchemy import select

from auth.red_button.models import SignInStop
from auth.red_button.operator import RESUMED
from auth.red_button.pressing import PAGE, STOPPED, SUBJECT, end_all, ended_values, tell_answerable
from core.audit.models import AuditLine
from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event, subscriber
from core.text import t
from core.use_cases.work import Work


@subscriber(STOPPED)
async def follow_operator(ctx: Ctx, event: Event) -> None:
    """End the rows of what the operator stopped, keep it in the scope's own log, and tell who answers for it."""
    if event.writer_id == event.owner_id:
        return
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        row = await session.get(SignInStop, event.subject_id)
        if row is None or await _known(work, row, "sign_in_stop.press"):
            return
        ended = await end_all(work)
        await work.audit("sign_in_stop.press", (SUBJECT, row.id), after=ended_values(ended), reason=row.reason)
        told = t("The operator of the platform stopped all signing in to your service: %(reason)s", reason=row.reason)
        await tell_answerable(work, told)


@subscriber(RESUMED)
async def follow_resumption(ctx: Ctx, event: Event) -> None:
    """Keep in the scope's own log that the operator lets people sign in again, and tell who answers for it."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        row = await session.get(SignInStop, event.subject_id)
        if row is None or await _known(work, row, "sign_in_stop.resume"):
            return
        await work.audit("sign_in_stop.resume", (SUBJECT, row.id), reason=row.lift_reason)
        await tell_answerable(work, t("The operator of the platform lets people sign in to your service again."))


@subscriber(STOPPED, side="platform")
async def tell_operator(ctx: Ctx, event: Event) -> None:
    """Tell the operator where a scope's own people stopped signing in; whose account it was is theirs to know."""
    if event.writer_id == ctx.scope.id:
        return
    scope = await ctx.database.scope_by_id(event.owner_id)
    async with tenant_session(ctx) as session:
        row = await session.get(SignInStop, event.subject_id)
        if scope is None or row is None:
            return
        told = t("Signing in to %(service)s is stopped.", service=scope.slug)
        if row.seat_id is not None:
            told = t("Signing in to one account of %(service)s is stopped.", service=scope.slug)
        work = Work(ctx, session, event.on, ctx.clock.now())
        await work.notify(told, link=f"{PAGE}/services", role="operator")


async def _known(work: Work, row: SignInStop, action: str) -> bool:
    """Say whether the log has it already: a job may come twice."""
    chosen = select(AuditLine.id).where(
        AuditLine.tenant_id == work.ctx.scope.id, AuditLine.action == action, AuditLine.subject_id == row.id
    )
    return await work.session.scalar(chosen.limit(1)) is not None
