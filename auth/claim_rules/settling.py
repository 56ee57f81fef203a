"""At each sign-in: the roles that come from claims become what the claims say, and no other role is touched."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from auth.claim_rules.models import ClaimRule, SeenClaims
from auth.claim_rules.rules import kept, matching
from auth.models import RoleGrant
from auth.roles import ROLES
from core.use_cases.work import Work

CLAIM = "claim"
"""The origin of a grant that comes from here."""


async def settle(work: Work, seat_id: UUID, provider_id: UUID, claims: Mapping[str, Any]) -> None:
    """Give and end the seat's roles of origin ``claim`` by the rules of the provider it came through.

    Roles given by hand or by other systems stay as they are. Each change has its line in the log.
    """
    rules = await rules_of(work, provider_id)
    wanted = {rule.role: rule for rule in matching(claims, rules) if _may_give(work, rule, seat_id)}
    held = {grant.role: grant for grant in await _held(work, seat_id)}
    for role in held.keys() - wanted.keys():
        await end(work, held[role])
    for role in sorted(wanted.keys() - held.keys()):
        await _give(work, seat_id, wanted[role])
    await _keep(work, seat_id, provider_id, kept(claims, rules))


async def rules_of(work: Work, provider_id: UUID) -> Sequence[ClaimRule]:
    """Return the rules in force for sign-ins through a provider."""
    chosen = select(ClaimRule).where(
        ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.provider_id == provider_id, ClaimRule.ended_at.is_(None)
    )
    return (await work.session.scalars(chosen.order_by(ClaimRule.id))).all()


async def end(work: Work, grant: RoleGrant) -> None:
    """End a grant that came from a claim, today: the claim or the rule says so no longer."""
    before = {"role": grant.role, "ends_on": grant.ends_on}
    grant.ends_on = max(work.ctx.today, grant.starts_on)
    await work.session.flush()
    after = {"role": grant.role, "origin": CLAIM, "ends_on": grant.ends_on}
    await work.audit("seat.revoke", ("seat", grant.seat_id), before=before, after=after)


def _may_give(work: Work, rule: ClaimRule, seat_id: UUID) -> bool:
    """Say whether the rule gives its role here; nobody gives one that is set apart to themselves, by a rule either."""
    role = ROLES[work.ctx.scope.kind].get(rule.role)
    return role is not None and not (role.apart and rule.made_by == seat_id)


async def _held(work: Work, seat_id: UUID) -> Sequence[RoleGrant]:
    chosen = select(RoleGrant).where(
        RoleGrant.tenant_id == work.ctx.scope.id,
        RoleGrant.seat_id == seat_id,
        RoleGrant.origin == CLAIM,
        RoleGrant.ends_on.is_(None),
    )
    return (await work.session.scalars(chosen)).all()


async def _give(work: Work, seat_id: UUID, rule: ClaimRule) -> None:
    today = work.ctx.today
    work.session.add(
        RoleGrant(
            tenant_id=work.ctx.scope.id,
            id=work.new_id(),
            seat_id=seat_id,
            role=rule.role,
            origin=CLAIM,
            source_id=rule.id,
            starts_on=today,
            reason=f"{rule.claim} = {rule.value}",
            granted_by=rule.made_by,
            created_at=work.now,
        )
    )
    await work.session.flush()
    after = {"role": rule.role, "origin": CLAIM, "starts_on": today, "ends_on": None}
    await work.audit("seat.grant", ("seat", seat_id), after=after)


async def _keep(work: Work, seat_id: UUID, provider_id: UUID, values: dict[str, list[str]]) -> None:
    new = {"provider_id": provider_id, "values": values, "seen_at": work.now}
    row = insert(SeenClaims).values(tenant_id=work.ctx.scope.id, seat_id=seat_id, **new)
    await work.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "seat_id"], set_=new))
