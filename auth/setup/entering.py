"""Who runs sign-in here and can come in through a provider: of these one must always be left."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, or_, select
from sqlalchemy.dialects.postgresql import insert

from auth.claim_rules.models import ClaimRule
from auth.claim_rules.settling import CLAIM
from auth.models import Identity, IdentityProvider, IdentitySeat, RoleGrant, Seat
from auth.relying_party.identities import identity_of
from auth.roles import GONE, ROLES
from auth.setup.lifecycle import PROVIDER_MANAGE
from core.context import ScopeKind
from core.database.sessions import identity_session
from core.errors import Refused
from core.personnel.models import Officer
from core.text import t
from core.use_cases.work import Work


def managing(kind: ScopeKind) -> frozenset[str]:
    """Return the roles that run sign-in in a scope of ``kind``."""
    return frozenset(key for key, role in ROLES[kind].items() if PROVIDER_MANAGE in role.permissions)


async def hold_providers(work: Work) -> None:
    """Let nobody else change who can come in here until this transaction ends.

    Two administrators who each let go of one of two providers at the same moment would leave none.
    It is the lock under which the last who may give roles is kept.
    """
    locked: Any = select(func.pg_advisory_xact_lock(work.ctx.scope.id.int & (2**62 - 1)))
    await work.session.execute(locked)


async def who_can_enter(work: Work, providers: Iterable[IdentityProvider]) -> set[UUID]:
    """Return the seats that run sign-in and are linked to an account at one of ``providers``.

    A role that a claim rule gave counts only for the provider whose rule it is: at a sign-in
    through another one it would end.
    """
    found: set[UUID] = set()
    for provider in providers:
        linked = await _linked(work, provider.issuer)
        if linked:
            found |= linked & await _managers(work, provider.id)
    return found


async def linked_seat(work: Work, issuer: str, subject: str) -> UUID | None:
    """Return the seat here in which an account sits; nothing is made for one that never came."""
    chosen = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, Identity.subject == subject, IdentitySeat.scope_id == work.ctx.scope.id)
    )
    async with identity_session(work.ctx.database) as session:
        found: UUID | None = await session.scalar(chosen)
    return found


async def link_account(work: Work, issuer: str, subject: str, seat_id: UUID) -> None:
    """Link an account that leads into no seat here to one; raises ``Refused`` if it does by now.

    The last thing that a use case does: it is written by the sign-in's own login, apart from the rest.
    """
    async with identity_session(work.ctx.database) as session:
        identity = await identity_of(session, work.ctx.clock, issuer, subject)
        made = insert(IdentitySeat).values(
            identity_id=identity, scope_id=work.ctx.scope.id, seat_id=seat_id, created_at=work.now
        )
        kept = await session.execute(made.on_conflict_do_nothing().returning(IdentitySeat.seat_id))
        if kept.first() is None:
            raise Refused(t("This account leads into a seat here by now."), t("Test again to see whose it is."))


async def _linked(work: Work, issuer: str) -> set[UUID]:
    chosen = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, IdentitySeat.scope_id == work.ctx.scope.id)
    )
    async with identity_session(work.ctx.database) as session:
        return set(await session.scalars(chosen))


async def _managers(work: Work, provider_id: UUID) -> set[UUID]:
    rules = select(ClaimRule.id).where(
        ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.provider_id == provider_id, ClaimRule.ended_at.is_(None)
    )
    chosen = (
        select(Seat.id)
        .join(RoleGrant, (RoleGrant.tenant_id == Seat.tenant_id) & (RoleGrant.seat_id == Seat.id))
        .where(
            Seat.tenant_id == work.ctx.scope.id,
            Seat.active,
            RoleGrant.role.in_(managing(work.ctx.scope.kind)),
            RoleGrant.starts_on <= work.ctx.today,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > work.ctx.today),
            or_(RoleGrant.origin != CLAIM, RoleGrant.source_id.in_(rules)),
        )
    )
    if work.ctx.scope.kind == "agency":
        gone = select(Officer.id).where(Officer.tenant_id == work.ctx.scope.id, Officer.status.in_(GONE))
        chosen = chosen.where(or_(Seat.officer_id.is_(None), Seat.officer_id.not_in(gone)))
    return set(await work.session.scalars(chosen))
