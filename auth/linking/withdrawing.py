"""Links by which somebody comes to a seat, withdrawn where whoever made them, or is meant, comes in no more."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ColumnElement, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.linking.models import SeatInvitation
from core.context import Scope


async def withdraw_open(session: AsyncSession, scope: Scope, which: ColumnElement[bool], now: datetime) -> int:
    """Withdraw the links of the scope that nobody has used yet and of which ``which`` is true; say how many."""
    chosen = update(SeatInvitation).where(
        SeatInvitation.tenant_id == scope.id,
        SeatInvitation.used_at.is_(None),
        SeatInvitation.withdrawn_at.is_(None),
        which,
    )
    withdrawn = await session.execute(chosen.values(withdrawn_at=now).returning(SeatInvitation.expires_at))
    return sum(expires_at > now for expires_at in withdrawn.scalars())
