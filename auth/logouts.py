"""Logouts that a provider has told of: each counts once, and no sign-in that was under way outlives its own."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import LogoutSeen
from auth.relying_party.logout_token import LoggedOut
from auth.relying_party.party import Proof
from auth.relying_party.refusals import SignInRefused, Why
from core.tokens import digest

KEPT = timedelta(days=1)


async def was_taken(session: AsyncSession, scope_id: UUID, said: LoggedOut, now: datetime) -> bool:
    """Say whether this logout token has done its work before, and forget those that are old."""
    old = delete(LogoutSeen).where(LogoutSeen.tenant_id == scope_id, LogoutSeen.seen_at < now - KEPT)
    await session.execute(old)
    return await session.get(LogoutSeen, (scope_id, _token(said))) is not None


async def keep_taken(session: AsyncSession, scope_id: UUID, said: LoggedOut, now: datetime) -> None:
    """Keep that this logout token has done its work: it counts once."""
    row = insert(LogoutSeen).values(tenant_id=scope_id, token_digest=_token(said), seen_at=now)
    await session.execute(row.on_conflict_do_nothing())


async def keep_logout(session: AsyncSession, scope_id: UUID, said: LoggedOut, now: datetime) -> None:
    """Keep who has signed out, before their sessions end: whoever opens one meanwhile waits, and then sees it."""
    named = [_of("sid", said.issuer, said.sid), _of("sub" if said.sid is None else "alone", said.issuer, said.subject)]
    keys = [one for one in named if one is not None]
    await _hold(session, scope_id, keys)
    rows = insert(LogoutSeen).values([{"tenant_id": scope_id, "token_digest": key, "seen_at": now} for key in keys])
    again = {"seen_at": rows.excluded.seen_at}
    await session.execute(rows.on_conflict_do_update(index_elements=["tenant_id", "token_digest"], set_=again))


async def check_logouts(session: AsyncSession, scope_id: UUID, proof: Proof, began: datetime) -> None:
    """Raise ``SignInRefused`` if the provider has told since ``began`` that this very sign-in has ended there."""
    named = [
        _of("sub", proof.issuer, proof.subject),
        _of("alone", proof.issuer, proof.subject) if proof.sid is None else _of("sid", proof.issuer, proof.sid),
    ]
    keys = [one for one in named if one is not None]
    await _hold(session, scope_id, keys)
    chosen = select(LogoutSeen.token_digest).where(
        LogoutSeen.tenant_id == scope_id, LogoutSeen.token_digest.in_(keys), LogoutSeen.seen_at > began
    )
    if await session.scalar(chosen.limit(1)) is not None:
        raise SignInRefused(Why.LOGGED_OUT, "the provider has told meanwhile that this sign-in has ended there")


def _token(said: LoggedOut) -> str:
    return digest(f"{said.issuer} {said.token_id}")


def _of(kind: str, issuer: str, name: str | None) -> str | None:
    """Return the digest by which a logout is found: of a session, a person, or their nameless sessions."""
    return None if name is None else digest(f"{kind} {issuer} {name}")


async def _hold(session: AsyncSession, scope_id: UUID, keys: Iterable[str]) -> None:
    """Let a logout and the sign-in that it ends not pass each other; in one order, so that no two wait in a circle."""
    for key in sorted(keys):
        held: Any = select(func.pg_advisory_xact_lock(func.hashtextextended(f"logout {scope_id} {key}", 0)))
        await session.execute(held)
