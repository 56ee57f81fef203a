"""Which break-glass accounts could be used now: what set-up, the red button and the last one's end ask."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.break_glass.models import BreakGlass
from auth.sessions import end_sessions_of
from core.audit.models import AuditLine
from core.use_cases.work import Work

SUBJECT = "break_glass"
SHOWN = "break_glass.show"
"""The line of a half that was shown, and to whom."""

READY = BreakGlass.ended_at.is_(None) & BreakGlass.first_digest.is_not(None) & BreakGlass.second_digest.is_not(None)
"""Both halves were handed out, and not used yet."""


async def has_break_glass(session: AsyncSession, scope_id: UUID) -> bool:
    """Say whether somebody could enter the scope without its provider: to be asked before one is enforced."""
    return await ready_count(session, scope_id) > 0


async def ready_count(session: AsyncSession, scope_id: UUID) -> int:
    """Return how many break-glass accounts of the scope could be used now."""
    return await session.scalar(select(func.count()).where(BreakGlass.tenant_id == scope_id, READY)) or 0


async def is_break_glass(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> bool:
    """Say whether a seat is that of a break-glass account."""
    chosen = select(BreakGlass.id).where(BreakGlass.tenant_id == scope_id, BreakGlass.seat_id == seat_id)
    return await session.scalar(chosen.limit(1)) is not None


async def end_secrets_seen_by(work: Work, seat_id: UUID, reason: str) -> None:
    """Make both halves worthless of each account of which one person was shown both, and end the session it has.

    Who acts by such an account themselves keeps it.
    """
    seen: dict[tuple[UUID, str], UUID] = {}
    shown = select(AuditLine.subject_id, AuditLine.after["half"].astext, AuditLine.seat_id).where(
        AuditLine.tenant_id == work.ctx.scope.id, AuditLine.action == SHOWN
    )
    for key, half, to in await work.session.execute(shown.order_by(AuditLine.id)):
        seen[key, half] = to
    chosen = select(BreakGlass).where(
        BreakGlass.tenant_id == work.ctx.scope.id,
        BreakGlass.ended_at.is_(None),
        BreakGlass.seat_id != work.ctx.actor.id,
        BreakGlass.id.in_([key for key, half in seen if half == "first"]),
    )
    for row in (await work.session.scalars(chosen.with_for_update())).all():
        if seen[row.id, "first"] != seat_id or seen.get((row.id, "second")) != seat_id:
            continue
        row.first_digest = row.second_digest = None
        await work.session.flush()
        await end_sessions_of(work.session, work.ctx.scope, row.seat_id, work.now)
        await work.audit("break_glass.renew", (SUBJECT, row.id), after={"custodian": row.custodian}, reason=reason)
