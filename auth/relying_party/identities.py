"""Identities: (issuer, subject), and the seats they lead to."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import Identity, IdentitySeat
from core.clock import Clock
from core.ids import new_id


async def identity_of(session: AsyncSession, clock: Clock, issuer: str, subject: str) -> UUID:
    """Return the id of (issuer, subject), which is made when it comes for the first time. It gives no access."""
    chosen = select(Identity.id).where(Identity.issuer == issuer, Identity.subject == subject)
    found = (await session.execute(chosen)).scalar_one_or_none()
    if found is not None:
        return found
    made = insert(Identity).values(id=new_id(clock), issuer=issuer, subject=subject, created_at=clock.now())
    await session.execute(made.on_conflict_do_nothing())
    return (await session.execute(chosen)).scalar_one()


async def give_seat(session: AsyncSession, clock: Clock, identity_id: UUID, scope_id: UUID, seat_id: UUID) -> None:
    """Let an identity sit in a seat; it leaves the seat it had in that scope."""
    made = insert(IdentitySeat).values(
        identity_id=identity_id, scope_id=scope_id, seat_id=seat_id, created_at=clock.now()
    )
    changed = {"seat_id": seat_id, "created_at": clock.now()}
    await session.execute(made.on_conflict_do_update(index_elements=["identity_id", "scope_id"], set_=changed))


async def seats_beside(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the other seats, as (scope, seat), of whoever sits in this one."""
    mine = select(IdentitySeat.identity_id).where(IdentitySeat.scope_id == scope_id, IdentitySeat.seat_id == seat_id)
    chosen = select(IdentitySeat.scope_id, IdentitySeat.seat_id).where(
        IdentitySeat.identity_id.in_(mine), IdentitySeat.scope_id != scope_id
    )
    return list(dict.fromkeys((row.scope_id, row.seat_id) for row in await session.execute(chosen)))
