"""Which seats of a scope are one person's, as far as accounts tell: those that they open, and those that they did."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import Identity, IdentitySeat
from auth.relying_party.identities import same_person
from core.audit.models import AuditLine
from core.context import Ctx
from core.database.sessions import identity_session

UNLINK = "identity.unlink"
"""The line of an account that opens a seat no longer."""

_LEFT = (AuditLine.before["issuer"].astext, AuditLine.before["subject"].astext)


async def seats_of_one(session: AsyncSession, seats: Collection[UUID]) -> frozenset[UUID]:
    """Return ``seats`` with all seats of the scope that the same person sits, or has sat, in.

    Two seats are one person's if one account opens both, or has opened one before it was unlinked there; and
    so are those that hang together by further accounts, of other scopes too. Accounts that nothing joins
    are two people's, whoever has both.
    """
    ctx: Ctx = session.info["ctx"]
    scope_id, found = ctx.scope.id, frozenset(seats)
    unlinked = (AuditLine.tenant_id == scope_id) & (AuditLine.action == UNLINK)
    while True:
        lines = await session.execute(select(*_LEFT).where(unlinked, AuditLine.subject_id.in_(found)))
        left = {(issuer, subject) for issuer, subject in lines}
        theirs = select(same_person(scope_id, found, left).c.identity_id)
        known = select(Identity.issuer, Identity.subject).where(Identity.id.in_(theirs))
        now = select(IdentitySeat.seat_id).where(
            IdentitySeat.scope_id == scope_id, IdentitySeat.identity_id.in_(theirs)
        )
        async with identity_session(ctx.database) as identities:
            accounts = left | {(issuer, subject) for issuer, subject in await identities.execute(known)}
            more = set(await identities.scalars(now))
        before = select(AuditLine.subject_id).where(unlinked, tuple_(*_LEFT).in_(accounts))
        more |= set(await session.scalars(before))
        if more <= found:
            return found
        found |= more
