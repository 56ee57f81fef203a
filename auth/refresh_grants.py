"""The refresh tokens of sessions, kept sealed: which are due, who is asking with them, and what came of it.

Many providers take each token once, and take one that comes twice for stolen: they then end all that
came of it. So one process at a time leases a token, and stores the next one before anything else.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Update, delete, or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import RefreshGrant, Seat, Session
from auth.red_button.stops import session_stopped
from auth.relying_party.party import Proof
from core.context import Ctx
from core.database.sealing import seal, unseal

EVERY = timedelta(minutes=5)
"""How often a provider is asked whether it still stands behind a session."""
LEASE = timedelta(seconds=60)
"""For which nobody else asks: longer than any answer is waited for."""
AT_ONCE = 50
LONGEST_PAUSE = timedelta(minutes=10)


class Kept(msgspec.Struct, frozen=True):
    """What is sealed: a refresh token, and of which subject it is."""

    token: str
    subject: str


class Leased(msgspec.Struct, frozen=True):
    """A token that this process alone asks with, ``until`` then; ``generation`` says which of the session's it is."""

    session_id: UUID
    seat_id: UUID
    provider_id: UUID
    generation: int
    attempts: int
    until: datetime
    sealed: bytes


async def keep_refresh_token(ctx: Ctx, session: AsyncSession, session_id: UUID, proof: Proof) -> None:
    """Keep what the provider gave with the sign-in, if it gave it and is to be asked again."""
    if proof.refresh_token is None:
        return
    row = RefreshGrant(
        tenant_id=ctx.scope.id,
        id=session_id,
        sealed=_sealed(ctx, session_id, Kept(proof.refresh_token, proof.subject)),
        due_at=ctx.clock.now() + EVERY,
    )
    session.add(row)
    await session.flush()


async def drop_ended(session: AsyncSession, scope_id: UUID, now: datetime) -> None:
    """Drop the tokens of sessions that have come to their limit, at which nobody was there to end them."""
    over = or_(Session.ended_at.is_not(None), Session.idle_until <= now, Session.expires_at <= now, session_stopped())
    ended = select(RefreshGrant.id).join(Session, _its_session()).where(RefreshGrant.tenant_id == scope_id, over)
    ended = ended.with_for_update(of=RefreshGrant, skip_locked=True)
    await session.execute(delete(RefreshGrant).where(RefreshGrant.tenant_id == scope_id, RefreshGrant.id.in_(ended)))


async def lease(ctx: Ctx, session: AsyncSession) -> list[Leased]:
    """Take the tokens that are due and that nobody is asking with, in one statement: any number of processes may."""
    now, scope_id = ctx.clock.now(), ctx.scope.id
    due = (
        select(RefreshGrant.id)
        .where(
            RefreshGrant.tenant_id == scope_id,
            RefreshGrant.due_at <= now,
            or_(RefreshGrant.leased_until.is_(None), RefreshGrant.leased_until < now),
        )
        .order_by(RefreshGrant.due_at)
        .limit(AT_ONCE)
        .with_for_update(skip_locked=True)
    )
    taken = (
        update(RefreshGrant)
        .where(RefreshGrant.tenant_id == scope_id, RefreshGrant.id.in_(due.scalar_subquery()), _its_session())
        .values(leased_until=now + LEASE, attempts=RefreshGrant.attempts + 1)
        .returning(
            RefreshGrant.id.label("session_id"),
            Session.seat_id,
            Session.provider_id,
            RefreshGrant.generation,
            RefreshGrant.attempts,
            RefreshGrant.leased_until.label("until"),
            RefreshGrant.sealed,
        )
    )
    # Only a session that was begun at a provider has a token, so none of these is without one.
    return [msgspec.convert(dict(row), Leased) for row in (await session.execute(taken)).mappings()]


def opened(ctx: Ctx, leased: Leased) -> Kept:
    """Return what is sealed there."""
    return msgspec.json.decode(unseal(ctx, RefreshGrant, leased.session_id, leased.sealed), type=Kept)


async def store_next(ctx: Ctx, session: AsyncSession, leased: Leased, kept: Kept) -> Leased | None:
    """Put the next token in the place of the one that was asked with; ``None`` if that place is no longer ours.

    The lease lasts: what the provider said besides is still to be read.
    """
    sealed, generation = _sealed(ctx, leased.session_id, kept), leased.generation + 1
    stored = _mine(ctx, leased).values(sealed=sealed, generation=generation).returning(RefreshGrant.id)
    if await session.scalar(stored) is None:
        return None
    return msgspec.structs.replace(leased, generation=generation, sealed=sealed)


async def hold(ctx: Ctx, session: AsyncSession, leased: Leased) -> bool:
    """Hold the seat, its session and the token until the transaction ends, and say whether all is still as leased.

    In this order, as whoever shuts somebody out or signs out has it: else the two could wait for each other.
    """
    scope_id = ctx.scope.id
    await session.execute(
        select(Seat.id).where(Seat.tenant_id == scope_id, Seat.id == leased.seat_id).with_for_update()
    )
    lasting = select(Session.id).where(
        Session.tenant_id == scope_id,
        Session.id == leased.session_id,
        Session.ended_at.is_(None),
        ~session_stopped(),
    )
    if await session.scalar(lasting.with_for_update()) is None:
        return False
    mine = select(RefreshGrant.id).where(
        RefreshGrant.tenant_id == scope_id,
        RefreshGrant.id == leased.session_id,
        RefreshGrant.generation == leased.generation,
        RefreshGrant.leased_until >= ctx.clock.now(),
    )
    return await session.scalar(mine.with_for_update()) is not None


async def give_back(ctx: Ctx, session: AsyncSession, leased: Leased, *, answered: bool) -> None:
    """End the lease: ask again as usual, or after a pause that grows as long as nothing comes of it."""
    pause = EVERY if answered else min(LONGEST_PAUSE, timedelta(seconds=30) * 2 ** min(leased.attempts - 1, 10))
    values = {"due_at": ctx.clock.now() + pause, "leased_until": None}
    await session.execute(_mine(ctx, leased).values(**values | ({"attempts": 0} if answered else {})))


def _mine(ctx: Ctx, leased: Leased) -> Update:
    return update(RefreshGrant).where(
        RefreshGrant.tenant_id == ctx.scope.id,
        RefreshGrant.id == leased.session_id,
        RefreshGrant.generation == leased.generation,
        RefreshGrant.leased_until >= ctx.clock.now(),
    )


def _its_session() -> ColumnElement[bool]:
    return (Session.tenant_id == RefreshGrant.tenant_id) & (Session.id == RefreshGrant.id)


def _sealed(ctx: Ctx, session_id: UUID, kept: Kept) -> bytes:
    return seal(ctx, RefreshGrant, session_id, msgspec.json.encode(kept))
