"""Who sits where, and how accounts come to seats and leave them, many at once."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from datetime import datetime
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import Identity, IdentitySeat, Seat
from auth.relinking.comparing import Sitting
from auth.relying_party.identities import keep_touched
from core.ids import new_id
from core.personnel.models import Officer
from core.use_cases.work import Work

RELINK = "relink"
"""The origin of a link that comes from here."""


async def sittings(work: Work, session: AsyncSession, old: str, new: str) -> list[Sitting]:
    """Return the scope's seats by name, each with the subjects of both issuers that open it."""
    known: dict[str, dict[UUID, set[str]]] = {old: defaultdict(set), new: defaultdict(set)}
    joined = (
        select(Identity.issuer, Identity.subject, IdentitySeat.seat_id)
        .join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
        .where(IdentitySeat.scope_id == work.ctx.scope.id, Identity.issuer.in_([old, new]))
    )
    for issuer, subject, seat_id in await session.execute(joined):
        known[issuer][seat_id].add(subject)
    chosen = (
        select(Seat.id, Seat.name, Officer.employee_number)
        .outerjoin(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))
        .where(Seat.tenant_id == work.ctx.scope.id)
        .order_by(Seat.name, Seat.id)
    )
    return [
        Sitting(seat_id, name, number, frozenset(known[old][seat_id]), frozenset(known[new][seat_id]))
        for seat_id, name, number in await work.session.execute(chosen)
    ]


async def sit_down_all(work: Work, session: AsyncSession, issuer: str, subjects: Mapping[str, UUID]) -> set[str]:
    """Let each subject of ``issuer`` sit in its seat, and return those that were not in another seat of the scope."""
    if not subjects:
        return set()
    made = [
        {"id": new_id(work.ctx.clock), "issuer": issuer, "subject": subject, "created_at": work.now}
        for subject in subjects
    ]
    await session.execute(insert(Identity).on_conflict_do_nothing(), made)
    chosen = select(Identity.id, Identity.subject).where(Identity.issuer == issuer, Identity.subject.in_(subjects))
    names = {row.id: row.subject for row in await session.execute(chosen)}
    scope = work.ctx.scope.id
    joined = [
        {
            "identity_id": key,
            "scope_id": scope,
            "seat_id": subjects[subject],
            "origin": RELINK,
            "created_at": work.now,
        }
        for key, subject in names.items()
    ]
    await session.execute(insert(IdentitySeat).on_conflict_do_nothing(), joined)
    sits = select(IdentitySeat.identity_id, IdentitySeat.seat_id).where(
        IdentitySeat.scope_id == scope, IdentitySeat.identity_id.in_(names)
    )
    rows = await session.execute(sits)
    return {names[row.identity_id] for row in rows if row.seat_id == subjects[names[row.identity_id]]}


async def stand_up_all(
    work: Work, session: AsyncSession, issuer: str, seats: Mapping[UUID, str], *, until: datetime, same_issuer: bool
) -> list[tuple[UUID, str]]:
    """Let the accounts of ``issuer`` leave ``seats``, and return which left, as (seat, subject).

    ``seats`` maps each to the subject of its new account, which stays where old and new are of one issuer;
    so do links made after ``until``.
    """
    scope = work.ctx.scope.id
    chosen = (
        select(IdentitySeat.identity_id, IdentitySeat.seat_id, Identity.subject)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(
            IdentitySeat.scope_id == scope,
            Identity.issuer == issuer,
            IdentitySeat.seat_id.in_(seats),
            IdentitySeat.created_at <= until,
        )
    )
    rows = (await session.execute(chosen)).all()
    going = [row for row in rows if not (same_issuer and row.subject == seats[row.seat_id])]
    await _leave(session, scope, [row.identity_id for row in going])
    return [(row.seat_id, row.subject) for row in going]


async def _leave(session: AsyncSession, scope: UUID, identities: Sequence[UUID]) -> None:
    await keep_touched(session, scope, *identities)
    await session.execute(
        delete(IdentitySeat).where(IdentitySeat.scope_id == scope, IdentitySeat.identity_id.in_(identities))
    )
