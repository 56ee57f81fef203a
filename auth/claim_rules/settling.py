"""Roles that come from rules become what the rules give, and no other role is touched: at a sign-in, by its claims."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert

from auth.claim_rules.models import ClaimRule, SeenClaims
from auth.claim_rules.rules import kept, matching
from auth.models import RoleGrant
from auth.roles import MANAGES, ROLES
from core.use_cases.work import Work

CLAIM = "claim"
"""The origin of a grant that comes from what a provider says at a sign-in."""
LOST = "role_lost"
"""The event: a seat has lost the role of whoever answers for access, taken back or given by no rule any longer."""


async def settle(work: Work, seat_id: UUID, provider_id: UUID, claims: Mapping[str, Any]) -> None:
    """Give and end the seat's roles of origin ``claim`` by the rules of the provider it came through."""
    rules = await rules_of(work, provider_id)
    fitting = [(rule, f"{rule.claim} = {rule.value}") for rule in matching(claims, rules)]
    await bring(work, seat_id, CLAIM, fitting, await held(work, CLAIM, seat_id))
    await _keep(work, seat_id, provider_id, kept(claims, rules))


async def rules_of(work: Work, provider_id: UUID) -> Sequence[ClaimRule]:
    """Return the rules in force for sign-ins through a provider."""
    chosen = select(ClaimRule).where(
        ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.provider_id == provider_id, ClaimRule.ended_at.is_(None)
    )
    return (await work.session.scalars(chosen.order_by(ClaimRule.id))).all()


async def held(work: Work, origin: str, *seats: UUID, rule_id: UUID | None = None) -> Sequence[RoleGrant]:
    """Return the grants of an origin that have no end; of these ``seats`` alone, or of one rule."""
    chosen = select(RoleGrant).where(
        RoleGrant.tenant_id == work.ctx.scope.id, RoleGrant.origin == origin, RoleGrant.ends_on.is_(None)
    )
    if seats:
        chosen = chosen.where(RoleGrant.seat_id.in_(seats))
    if rule_id is not None:
        chosen = chosen.where(RoleGrant.source_id == rule_id)
    return (await work.session.scalars(chosen.order_by(RoleGrant.id))).all()


async def bring(
    work: Work, seat_id: UUID, origin: str, fitting: Sequence[tuple[ClaimRule, str]], grants: Sequence[RoleGrant]
) -> None:
    """Let the seat's ``grants``, all of ``origin``, become those of the ``fitting`` rules, each with why it fits.

    A role stays while the rule that gave it fits; if another one does instead, it comes from that one.
    Roles of other origins stay as they are. Each change has its line in the log.
    """
    wanted: dict[str, dict[UUID, tuple[ClaimRule, str]]] = {}
    for rule, why in fitting:
        if _may_give(work, rule, seat_id):
            wanted.setdefault(rule.role, {})[rule.id] = rule, why
    stays = {grant.role for grant in grants if grant.source_id in wanted.get(grant.role, ())}
    for grant in grants:
        if grant.role not in stays:
            await end(work, grant)
            if grant.role not in wanted and grant.role == MANAGES.get(work.ctx.scope.kind):
                await work.emit(LOST, ("seat", seat_id))
    for role in sorted(wanted.keys() - stays):
        rule, why = next(iter(wanted[role].values()))
        await _give(work, seat_id, origin, rule, why)


async def end(work: Work, grant: RoleGrant) -> None:
    """End a grant that came from a rule, today: nothing says so any longer."""
    before = {"role": grant.role, "ends_on": grant.ends_on}
    grant.ends_on = max(work.ctx.today, grant.starts_on)
    await work.session.flush()
    after = {"role": grant.role, "origin": grant.origin, "ends_on": grant.ends_on}
    await work.audit("seat.revoke", ("seat", grant.seat_id), before=before, after=after)


def _may_give(work: Work, rule: ClaimRule, seat_id: UUID) -> bool:
    """Say whether the rule gives its role here; nobody gives one that is set apart to themselves, by a rule either."""
    role = ROLES[work.ctx.scope.kind].get(rule.role)
    return role is not None and not (role.apart and rule.made_by == seat_id)


async def _give(work: Work, seat_id: UUID, origin: str, rule: ClaimRule, why: str) -> None:
    today = work.ctx.today
    work.session.add(
        RoleGrant(
            tenant_id=work.ctx.scope.id,
            id=work.new_id(),
            seat_id=seat_id,
            role=rule.role,
            origin=origin,
            source_id=rule.id,
            starts_on=today,
            reason=why,
            granted_by=rule.made_by,
            created_at=work.now,
        )
    )
    await work.session.flush()
    after = {"role": rule.role, "origin": origin, "starts_on": today, "ends_on": None}
    await work.audit("seat.grant", ("seat", seat_id), after=after)


async def _keep(work: Work, seat_id: UUID, provider_id: UUID, values: dict[str, list[str]]) -> None:
    new = {"provider_id": provider_id, "values": values, "seen_at": work.now}
    row = insert(SeenClaims).values(tenant_id=work.ctx.scope.id, seat_id=seat_id, **new)
    await work.session.execute(row.on_conflict_do_update(index_elements=["tenant_id", "seat_id"], set_=new))
