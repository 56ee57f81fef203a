"""Which break-glass accounts could be used now: what set-up, the red button and the last one's end ask."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.break_glass.models import BreakGlass

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
