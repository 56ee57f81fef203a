"""Challenges that a passkey signs: made for one browser or one seat, used once, within minutes."""

from __future__ import annotations

import secrets
from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.member.models import MemberChallenge
from core.context import Ctx
from core.ids import new_id
from core.tokens import digest

MINUTES = 15
BYTES = 32
KEPT = timedelta(days=1)


async def begin(
    session: AsyncSession, ctx: Ctx, *, browser: str | None = None, seat_id: UUID | None = None
) -> MemberChallenge:
    """Remember a new challenge: for ``browser`` to come in, or for a passkey to add to a seat. Old ones are cleared."""
    now = ctx.clock.now()
    old = delete(MemberChallenge).where(
        MemberChallenge.tenant_id == ctx.scope.id, MemberChallenge.expires_at < now - KEPT
    )
    await session.execute(old)
    row = MemberChallenge(
        tenant_id=ctx.scope.id,
        id=new_id(ctx.clock),
        seat_id=seat_id,
        browser_digest=None if browser is None else digest(browser),
        challenge=secrets.token_bytes(BYTES),
        created_at=now,
        expires_at=now + timedelta(minutes=MINUTES),
    )
    session.add(row)
    await session.flush()
    return row


async def claim(
    session: AsyncSession, ctx: Ctx, key: UUID, *, browser: str | None = None, seat_id: UUID | None = None
) -> bytes | None:
    """Use up the challenge of this browser, or seat, and return its bytes: of two who use it, one gets them."""
    now, in_browser = ctx.clock.now(), MemberChallenge.browser_digest == digest(browser or "")
    taken = (
        update(MemberChallenge)
        .where(
            in_browser if seat_id is None else MemberChallenge.seat_id == seat_id,
            MemberChallenge.tenant_id == ctx.scope.id,
            MemberChallenge.id == key,
            MemberChallenge.used_at.is_(None),
            MemberChallenge.expires_at > now,
        )
        .values(used_at=now)
    )
    found: bytes | None = await session.scalar(taken.returning(MemberChallenge.challenge))
    return found
