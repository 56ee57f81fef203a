"""Who runs sign-in here and can come in through a provider: of these one must always be left."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.claim_rules.models import ClaimRule
from auth.claim_rules.settling import CLAIM
from auth.models import Identity, IdentityProvider, IdentitySeat, RoleGrant, Seat, Session
from auth.red_button.stops import is_account_stopped
from auth.relying_party.identities import count_known, hold, identities
from auth.roles import GONE, ROLES
from auth.scim.holding import hold_directory
from auth.setup.configuration import fingerprint
from auth.setup.lacks import OTHER_SEAT, UNLINKED
from auth.setup.lifecycle import PROVIDER_MANAGE
from auth.setup.models import ProviderTest
from core.context import ScopeKind
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


async def who_can_enter(
    work: Work, providers: Iterable[IdentityProvider], *, without_rule: UUID | None = None
) -> set[UUID]:
    """Return the seats that run sign-in and come in through one of ``providers``.

    They are linked to an account of its issuer. Where the scope has another registration (client) there,
    which may know people by other subjects, that does not tell whose account it is: those count who have
    come through this one, in a test or in a sign-in. A role that a claim rule gave counts only for the
    provider whose rule it is: at a sign-in through another one it would end; that of ``without_rule`` counts for none.
    """
    found: set[UUID] = set()
    for provider in providers:
        able = await _linked(work, provider.issuer)
        if able:
            able &= await managers(work, provider.id, without_rule=without_rule)
        if able and len(await registrations(work, provider.issuer)) > 1:
            able &= await _come_through(work, provider)
        found |= able
    return found


async def registrations(work: Work, issuer: str) -> set[str]:
    """Return the clients as which the scope is, was or may become registered at an issuer."""
    chosen = select(IdentityProvider.client_id).where(
        IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.issuer == issuer
    )
    return set(await work.session.scalars(chosen))


async def has_room(work: Work, session: AsyncSession, seat_id: UUID, issuer: str) -> bool:
    """Say whether one more account of an issuer may be linked to a seat by somebody who says whose it is.

    As many may as the scope has registrations there: each may know the same person by another subject
    (pairwise, OpenID Connect Core, section 8.1). ``session`` is the sign-in's own.
    """
    return await count_known(session, work.ctx.scope.id, seat_id, issuer) < len(await registrations(work, issuer))


def shows_own(test: ProviderTest) -> bool:
    """Say whether a test passed with an account that led into the seat it had to: its maker's, where they have one."""
    return test.why is None and {UNLINKED, OTHER_SEAT}.isdisjoint(test.missing)


async def linked_seat(work: Work, issuer: str, subject: str) -> UUID | None:
    """Return the seat here in which an account sits; nothing is made for one that never came."""
    chosen = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, Identity.subject == subject, IdentitySeat.scope_id == work.ctx.scope.id)
    )
    async with identities(work) as session:
        found: UUID | None = await session.scalar(chosen)
    return found


async def _linked(work: Work, issuer: str) -> set[UUID]:
    chosen = (
        select(IdentitySeat.seat_id)
        .join(Identity, Identity.id == IdentitySeat.identity_id)
        .where(Identity.issuer == issuer, IdentitySeat.scope_id == work.ctx.scope.id)
    )
    async with identities(work) as session:
        return set(await session.scalars(chosen))


async def _come_through(work: Work, provider: IdentityProvider) -> set[UUID]:
    """Return the seats of those who have come through this very set-up, by their own test or session."""
    tests = select(ProviderTest).where(
        ProviderTest.tenant_id == provider.tenant_id,
        ProviderTest.provider_id == provider.id,
        ProviderTest.configuration == fingerprint(provider),
    )
    made = (await work.session.scalars(tests)).all()
    sessions = select(Session.seat_id).where(
        Session.tenant_id == provider.tenant_id, Session.provider_id == provider.id
    )
    if made:
        # What came before may have come through another client, which the provider had then.
        sessions = sessions.where(Session.created_at >= min(test.created_at for test in made))
    return {test.led_to for test in made if test.led_to is not None and shows_own(test)} | set(
        await work.session.scalars(sessions.distinct())
    )


async def managers(
    work: Work, provider_id: UUID | None = None, *, without_rule: UUID | None = None, withdrawn: bool = False
) -> set[UUID]:
    """Return the seats that run sign-in without an end: a role that ends tomorrow keeps nothing open.

    ``provider_id``: of the roles that claim rules gave, only those of this provider's count.
    ``withdrawn``: those, too, whom the directory, the worker file or a stop of their account has shut out.
    """
    chosen = (
        select(Seat.id)
        .join(RoleGrant, (RoleGrant.tenant_id == Seat.tenant_id) & (RoleGrant.seat_id == Seat.id))
        .where(
            Seat.tenant_id == work.ctx.scope.id,
            RoleGrant.role.in_(managing(work.ctx.scope.kind)),
            RoleGrant.starts_on <= work.ctx.today,
            RoleGrant.ends_on.is_(None),
        )
    )
    if provider_id is not None:
        rules = select(ClaimRule.id).where(
            ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.provider_id == provider_id, ClaimRule.ended_at.is_(None)
        )
        chosen = chosen.where(or_(RoleGrant.origin != CLAIM, RoleGrant.source_id.in_(rules)))
    if without_rule is not None:
        chosen = chosen.where(RoleGrant.source_id.is_distinct_from(without_rule))
    if not withdrawn:
        chosen = chosen.where(Seat.active, ~is_account_stopped(Seat.tenant_id, Seat.id))
        if work.ctx.scope.kind == "agency":
            gone = select(Officer.id).where(Officer.tenant_id == work.ctx.scope.id, Officer.status.in_(GONE))
            chosen = chosen.where(or_(Seat.officer_id.is_(None), Seat.officer_id.not_in(gone)))
    return set(await work.session.scalars(chosen))
