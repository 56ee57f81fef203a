"""Identities: (issuer, subject), and the seats they lead to."""

from __future__ import annotations

from collections.abc import AsyncIterator, Collection
from contextlib import asynccontextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import CTE, Select, func, select, true, tuple_, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import aliased

from auth.models import Identity, IdentityProvider, IdentitySeat, Touched, TouchedBefore
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import Clock
from core.context import Ctx
from core.database.sessions import identity_session
from core.ids import new_id
from core.use_cases.work import Work


@asynccontextmanager
async def linking(ctx: Ctx) -> AsyncIterator[AsyncSession]:
    """Open the sign-in's own transaction around a scope's, in which nobody else links or unlinks there.

    What the scope keeps of it is committed first: a process that dies between the two leaves a line in its log.
    """
    async with identity_session(ctx.database, around=True) as session:
        await hold(session, ctx.scope.id)
        yield session


@asynccontextmanager
async def sitting(ctx: Ctx, identity_id: UUID, seat_id: UUID) -> AsyncIterator[AsyncSession]:
    """Open the sign-in's own transaction around a scope's, while which the account goes on opening the seat.

    Whoever unlinks it meanwhile waits, and then ends what was begun. Many sign in at once. Raises ``SignInRefused``.
    """
    async with identity_session(ctx.database, around=True) as session:
        await hold(session, ctx.scope.id, shared=True)
        if await seat_of(session, ctx.scope.id, identity_id) != seat_id:
            raise SignInRefused(Why.NO_SEAT, f"seat {seat_id} is not that of identity {identity_id} any more")
        yield session


@asynccontextmanager
async def identities(work: Work) -> AsyncIterator[AsyncSession]:
    """Give the sign-in's own transaction: the one that is open around ``work``'s, else one that ends with the block."""
    if isinstance(work.around, AsyncSession):
        yield work.around
        return
    async with identity_session(work.ctx.database) as session:
        yield session


async def keep_person(session: AsyncSession, identity_id: UUID, person: str | None) -> None:
    """Keep whose account it is for all clients of its issuer, where the provider has said so."""
    if person is not None:
        mine = update(Identity).where(Identity.id == identity_id, Identity.person.is_distinct_from(person))
        await session.execute(mine.values(person=person))


async def identity_of(session: AsyncSession, clock: Clock, issuer: str, subject: str) -> UUID:
    """Return the id of (issuer, subject), which is made when it comes for the first time. It gives no access."""
    chosen = select(Identity.id).where(Identity.issuer == issuer, Identity.subject == subject)
    found = (await session.execute(chosen)).scalar_one_or_none()
    if found is not None:
        return found
    made = insert(Identity).values(id=new_id(clock), issuer=issuer, subject=subject, created_at=clock.now())
    await session.execute(made.on_conflict_do_nothing())
    return (await session.execute(chosen)).scalar_one()


async def hold(session: AsyncSession, scope_id: UUID, *, shared: bool = False) -> None:
    """Let nobody else link or unlink in a scope until the transaction ends; ``shared``: many may hold it so at once.

    To be taken before any row of the scope is locked: those who do both would else wait for each other.
    """
    lock = func.pg_advisory_xact_lock_shared if shared else func.pg_advisory_xact_lock
    held: Any = select(lock(func.hashtextextended(f"identities of {scope_id}", 0)))
    await session.execute(held)


async def seat_of(session: AsyncSession, scope_id: UUID, identity_id: UUID) -> UUID | None:
    """Return the seat of a scope in which an identity sits."""
    chosen = select(IdentitySeat.seat_id).where(
        IdentitySeat.identity_id == identity_id, IdentitySeat.scope_id == scope_id
    )
    return (await session.execute(chosen)).scalar_one_or_none()


async def known_by(session: AsyncSession, scope_id: UUID, seat_id: UUID, issuer: str) -> bool:
    """Say whether somebody whom ``issuer`` knows sits in the seat."""
    return await count_known(session, scope_id, seat_id, issuer) > 0


async def count_known(session: AsyncSession, scope_id: UUID, seat_id: UUID, issuer: str) -> int:
    """Return how many accounts of ``issuer`` open the seat."""
    chosen = (
        select(func.count())
        .select_from(IdentitySeat)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(IdentitySeat.scope_id == scope_id, IdentitySeat.seat_id == seat_id, Identity.issuer == issuer)
    )
    return await session.scalar(chosen) or 0


async def known_elsewhere(session: AsyncSession, scope_id: UUID, issuer: str) -> bool:
    """Say whether another scope's people sign in at ``issuer``, or have accounts there; whose, nobody is told."""
    linked = (
        select(IdentitySeat.identity_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, IdentitySeat.scope_id != scope_id)
    )
    return bool(await session.scalar(select(linked.exists() | _elsewhere(scope_id, issuer).exists())))


async def named_otherwise(session: AsyncSession, scope_id: UUID, issuer: str, person_claim: str) -> bool:
    """Say whether another scope whose people sign in at ``issuer`` names them by another claim; whose, nobody is told.

    What one claim holds is compared with what the other does: nobody is then found to be one person.
    """
    other = _elsewhere(scope_id, issuer).where(IdentityProvider.person_claim != person_claim)
    return bool(await session.scalar(select(other.exists())))


def _elsewhere(scope_id: UUID, issuer: str) -> Select[UUID]:
    """Select what the sign-in sees of the providers of other scopes at ``issuer``: those that are on."""
    chosen = select(IdentityProvider.tenant_id)
    return chosen.where(IdentityProvider.issuer == issuer, IdentityProvider.tenant_id != scope_id)


async def sit_down(  # noqa: PLR0917 - the two that come together, and how
    session: AsyncSession, clock: Clock, identity_id: UUID, scope_id: UUID, seat_id: UUID, origin: str
) -> bool:
    """Let an identity that has no seat in the scope sit in this one, and say whether it had none."""
    made = insert(IdentitySeat).values(
        identity_id=identity_id, scope_id=scope_id, seat_id=seat_id, origin=origin, created_at=clock.now()
    )
    done = await session.execute(made.on_conflict_do_nothing().returning(IdentitySeat.seat_id))
    return done.first() is not None


async def keep_touched(session: AsyncSession, scope_id: UUID, *identities: UUID) -> None:
    """Remember what identities had to do with in their seats of a scope, before they leave the seats."""
    there = select(IdentitySeat.identity_id, Touched.case_id).join(
        Touched, (IdentitySeat.scope_id == Touched.scope_id) & (IdentitySeat.seat_id == Touched.seat_id)
    )
    there = there.where(IdentitySeat.identity_id.in_(identities), IdentitySeat.scope_id == scope_id)
    kept = insert(TouchedBefore).from_select(["identity_id", "case_id"], there)
    await session.execute(kept.on_conflict_do_nothing())


async def give_seat(session: AsyncSession, clock: Clock, identity_id: UUID, scope_id: UUID, seat_id: UUID) -> None:
    """Let an identity sit in a seat; it leaves the seat it had in that scope."""
    await keep_touched(session, scope_id, identity_id)
    made = insert(IdentitySeat).values(
        identity_id=identity_id, scope_id=scope_id, seat_id=seat_id, origin="command", created_at=clock.now()
    )
    changed = {"seat_id": seat_id, "origin": "command", "created_at": clock.now()}
    await session.execute(made.on_conflict_do_update(index_elements=["identity_id", "scope_id"], set_=changed))


def same_person(scope_id: UUID, seats: Collection[UUID], accounts: Collection[tuple[str, str]] = ()) -> CTE:
    """Return as a query the accounts (``identity_id``) of whoever sits in ``seats``, at whichever providers.

    ``accounts``, by issuer and subject, are theirs, too. A seat is one person's. So all accounts that open it are, and
    all that open another seat which one of them opens; and so are accounts of one issuer of which it says that they
    are (``Identity.person``).
    """
    joined, beside, known, other = aliased(IdentitySeat), aliased(IdentitySeat), aliased(Identity), aliased(Identity)
    sitting = select(IdentitySeat.identity_id).where(IdentitySeat.scope_id == scope_id, IdentitySeat.seat_id.in_(seats))
    named = select(Identity.id).where(tuple_(Identity.issuer, Identity.subject).in_(accounts))
    first = select(Identity.id.label("identity_id")).where(Identity.id.in_(sitting.union(named)))
    same = first.cte("same_person", recursive=True)
    by_seat = (
        select(beside.identity_id)
        .join(joined, (joined.scope_id == beside.scope_id) & (joined.seat_id == beside.seat_id))
        .where(joined.identity_id == same.c.identity_id)
    )
    by_person = (
        select(other.id)
        .join(known, (known.issuer == other.issuer) & (known.person == other.person))
        .where(known.id == same.c.identity_id)
    )
    found = by_seat.union(by_person).lateral()
    return same.union(select(found.c.identity_id).select_from(same.join(found, true())))


async def seats_beside(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> list[tuple[UUID, UUID]]:
    """Return the other seats, as (scope, seat), of whoever sits in this one."""
    mine = select(same_person(scope_id, [seat_id]).c.identity_id)
    chosen = select(IdentitySeat.scope_id, IdentitySeat.seat_id).where(
        IdentitySeat.identity_id.in_(mine), IdentitySeat.scope_id != scope_id
    )
    return list(dict.fromkeys((row.scope_id, row.seat_id) for row in await session.execute(chosen)))
