"""The id token of a session, kept sealed until the session ends: some providers want it back at sign-out.

Okta requires ``id_token_hint`` there ("The purpose of id_token_hint in the /logout API"); without
it others ask the person whether to sign out, or do not lead back.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import Session
from core.context import Ctx
from core.database.sealing import seal, unseal

LONGEST = 4096
"""Characters of an id token that are given back: it goes in an address, and servers refuse long ones."""
_COLUMN = "id_token_sealed"


async def keep_id_token(ctx: Ctx, session: AsyncSession, session_id: UUID, raw: str) -> None:
    """Keep the token with its session, unless it is too long to be given back."""
    if len(raw) > LONGEST:
        return
    sealed = seal(ctx, Session, session_id, raw.encode(), column=_COLUMN)
    chosen = update(Session).where(Session.tenant_id == ctx.scope.id, Session.id == session_id)
    await session.execute(chosen.values(id_token_sealed=sealed))


async def read_id_token(ctx: Ctx, session: AsyncSession, session_id: UUID) -> str | None:
    """Return the token of a session that is still on, if it was kept."""
    chosen = select(Session.id_token_sealed).where(Session.tenant_id == ctx.scope.id, Session.id == session_id)
    sealed = await session.scalar(chosen)
    return None if sealed is None else unseal(ctx, Session, session_id, sealed, column=_COLUMN).decode()
