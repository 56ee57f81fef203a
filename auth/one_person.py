"""Which seats of a scope are one person's, as far as accounts tell: those that they open, and those that they did."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import ColumnElement, select, tuple_
from sqlalchemy.orm import aliased

from auth.models import Identity, IdentitySeat
from core.audit.models import AuditLine
from core.database.sessions import identity_session
from core.use_cases.work import Work

UNLINK = "identity.unlink"
"""The line of an account that opens a seat no longer."""
Account = tuple[str, str]
"""Issuer and subject."""
Place = tuple[UUID, UUID]
"""Scope and seat."""

_THERE = tuple_(IdentitySeat.scope_id, IdentitySeat.seat_id)
_KNOWN = tuple_(Identity.issuer, Identity.subject)
_LEFT = (AuditLine.before["issuer"].astext, AuditLine.before["subject"].astext)


async def seats_of_one(work: Work, seats: Collection[UUID]) -> frozenset[UUID]:
    """Return ``seats`` with all seats of the scope that the same person sits, or has sat, in.

    Two seats are one person's if one account opens both, or has opened one before it was unlinked there; and
    so are those that hang together by further accounts, of other scopes too. Accounts that nothing joins
    are two people's, whoever has both.
    """
    scope_id = work.ctx.scope.id
    found: set[Place] = {(scope_id, seat) for seat in seats}
    while True:
        accounts = await _accounts(work, found)
        more = await _seats(work, accounts) - found
        if not more:
            return frozenset(seat for scope, seat in found if scope == scope_id)
        found |= more


async def _accounts(work: Work, seats: Collection[Place]) -> set[Account]:
    """Return the accounts that open these seats, and those that have opened those of the scope.

    With each, those of which the issuer says that they are the same person's.
    """
    now = select(Identity.issuer, Identity.subject).join(IdentitySeat, IdentitySeat.identity_id == Identity.id)
    here = [seat for scope, seat in seats if scope == work.ctx.scope.id]
    before = select(*_LEFT).where(_unlinked(work), AuditLine.subject_id.in_(here))
    async with identity_session(work.ctx.database) as session:
        known = await session.execute(now.where(_THERE.in_(seats)))
        found = {(row[0], row[1]) for row in [*known, *await work.session.execute(before)]}
        mine, other = aliased(Identity), aliased(Identity)
        beside = select(other.issuer, other.subject).join(
            mine, (mine.issuer == other.issuer) & (mine.person == other.person)
        )
        named = await session.execute(beside.where(tuple_(mine.issuer, mine.subject).in_(found)))
        return found | {(row[0], row[1]) for row in named}


async def _seats(work: Work, accounts: Collection[Account]) -> set[Place]:
    """Return the seats that these accounts open, wherever, and those of the scope that they have opened."""
    now = select(IdentitySeat.scope_id, IdentitySeat.seat_id).join(Identity, Identity.id == IdentitySeat.identity_id)
    before = select(AuditLine.tenant_id, AuditLine.subject_id).where(_unlinked(work), tuple_(*_LEFT).in_(accounts))
    async with identity_session(work.ctx.database) as session:
        known = await session.execute(now.where(_KNOWN.in_(accounts)))
        return {(row[0], row[1]) for row in [*known, *await work.session.execute(before)]}


def _unlinked(work: Work) -> ColumnElement[bool]:
    return (AuditLine.tenant_id == work.ctx.scope.id) & (AuditLine.action == UNLINK)
