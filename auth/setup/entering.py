"""Who runs sign-in here and can come in through a provider: of these one must always be left."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select

from auth.claim_rules.models import ClaimRule
from auth.claim_rules.settling import CLAIM
from auth.models import Identity, IdentityProvider, IdentitySeat, RoleGrant, Seat
from auth.relying_party.identities import hold
from auth.roles import GONE, ROLES
from auth.scim.feeding import hold_directory
from auth.setup.lifecycle import PROVIDER_MANAGE
from core.context import ScopeKind
from core.database.sessions import identity_session
from core.personnel.models import Officer
from core.use_cases.work import Work


def managing(kind: ScopeKind) -> frozenset[str]:
    """Return the roles that run sign-in in a scope of ``kind``."""
    return frozenset(key for key, role in ROLES[kind].items() if PROVIDER_MANAGE in role.permissions)


async def hold_providers(work: Work) -> None:
    """Let nobody else change who can come in here until this transaction ends: no link, no role, no provider.

    Two administrators who each let go of one of two providers, or of a provider and of the only link
    at the other, at the same moment would leave none.
    """
    await hold(work.session, work.ctx.scope.id)
    await hold_directory(work)


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
