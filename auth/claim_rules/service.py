"""Use cases on rules that give roles: list and end them; try and add those from claims."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import aliased

from auth.claim_rules.following import DIRECTORY, GROUP, follow_groups
from auth.claim_rules.models import ClaimRule, SeenClaims
from auth.claim_rules.schemas import EndRule, Gain, GroupOut, GroupRuleIn, Preview, RuleIn, RuleList, RuleOut, RuleTried
from auth.claim_rules.settling import CLAIM, LOST, end, held
from auth.keeping import keep_without_rule
from auth.models import IdentityProvider, RoleGrant, Seat
from auth.reading import seats
from auth.relying_party.claims import UNDECIDING, decides
from auth.roles import MANAGES, ROLES
from auth.scim.holding import hold_directory
from auth.scim.models import ScimMember, ScimResource
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.setup.lifecycle import ON
from core.context import Ctx, ScopeKind
from core.errors import Fault, Invalid, Refused
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.output import shown
from core.use_cases.work import Work

RULED: frozenset[ScopeKind] = frozenset({"agency", "department"})
"""Where rules are: roles of the programme and of the operator are given by hand alone."""

PAGE = t("Add it on the page of rules.")


def wrong_in_rule(ctx: Ctx, given: Mapping[str, Any]) -> Iterator[Fault]:
    """Say what is wrong with the role of a rule, and with a claim that may decide nothing."""
    known = ROLES[ctx.scope.kind]
    if "claim" in given and not decides(given["claim"]):
        yield Fault("/claim", UNDECIDING)
    if "role" in given and given["role"] not in known:
        yield Fault("/role", t("Choose one of: %(choices)s.", choices=", ".join(known)))


@use_case(permission=SEAT_READ, input=Nothing, output=RuleList, scopes=RULED, reads=True)
async def list_rules(work: Work, data: Nothing) -> RuleList:
    """List the rules in force, and what sign-ins and the directory have brought so far."""
    maker = aliased(Seat)
    holding = (
        select(func.count())
        .where(
            RoleGrant.tenant_id == ClaimRule.tenant_id,
            RoleGrant.source_id == ClaimRule.id,
            RoleGrant.ends_on.is_(None),
        )
        .scalar_subquery()
    )
    chosen = (
        select(ClaimRule, maker.name, holding, ScimResource, IdentityProvider.name, IdentityProvider.state)
        .outerjoin(maker, (maker.tenant_id == ClaimRule.tenant_id) & (maker.id == ClaimRule.made_by))
        .outerjoin(
            ScimResource, (ScimResource.tenant_id == ClaimRule.tenant_id) & (ScimResource.id == ClaimRule.group_id)
        )
        .outerjoin(
            IdentityProvider,
            (IdentityProvider.tenant_id == ClaimRule.tenant_id) & (IdentityProvider.id == ClaimRule.provider_id),
        )
        .where(ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.ended_at.is_(None))
        .order_by(ClaimRule.id)
    )
    rules = [
        shown(
            RuleOut,
            rule,
            source=CLAIM if rule.group_id is None else DIRECTORY,
            group=None if group is None else group.name,
            provider=provider,
            provider_off=state == "off",
            made_by=name,
            people=people,
        )
        for rule, name, people, group, provider, state in await work.session.execute(chosen)
    ]
    return RuleList(rules, await _seen(work), await _groups(work))


@use_case(permission=SEAT_READ, input=RuleTried, output=Preview, scopes=RULED, reads=True, checks=wrong_in_rule)
async def try_rule(work: Work, data: RuleTried) -> Preview:
    """Say whom a rule would give its role, by what each brought at their last sign-in. Nothing is changed.

    Whoever has not signed in since the claim is looked at counts as unseen, not as somebody whom it does not fit.
    """
    refuse(wrong_in_rule(work.ctx, msgspec.structs.asdict(data)), RuleTried)
    people = {one.id: one for one in await seats(work)}
    rows = await work.session.scalars(select(SeenClaims).where(SeenClaims.tenant_id == work.ctx.scope.id))
    known = {row.seat_id: row for row in rows if data.provider_id in (None, str(row.provider_id))}
    gains = [
        Gain(id=seat.id, name=seat.name, seen_at=known[seat.id].seen_at, has=data.role in seat.roles)
        for seat in people.values()
        if seat.active and seat.id in known and data.value in known[seat.id].values.get(data.claim, ())
    ]
    looked_at = {row.seat_id for row in known.values() if data.claim in row.values}
    return Preview(gains, sum(seat.active and seat.id not in looked_at for seat in people.values()))


@use_case(
    permission=SEAT_MANAGE,
    input=RuleIn,
    output=RuleList,
    scopes=RULED,
    backdated=NOW,
    in_person=PAGE,
    checks=wrong_in_rule,
)
async def add_rule(work: Work, data: RuleIn) -> RuleList:
    """Add a rule. It gives its role at the next sign-in of each person whom it fits."""
    refuse(wrong_in_rule(work.ctx, msgspec.structs.asdict(data)), RuleIn)
    provider = await _provider(work, data.provider_id)
    await add(work, data, provider_id=provider, claim=data.claim, value=data.value)
    return await list_rules(work, Nothing())


@use_case(permission=SEAT_MANAGE, input=EndRule, output=RuleList, scopes=RULED, backdated=NOW)
async def end_rule(work: Work, data: EndRule) -> RuleList:
    """End a rule, and at once the roles that it gave.

    What another rule says too comes from that one: by a group at once, by a claim at the next sign-in.
    """
    # Before the rule is locked, as where the directory deletes a group.
    await hold_directory(work)
    rule: ClaimRule = await work.get(ClaimRule, data.id)
    work.check_version(rule)
    if rule.ended_at is not None:
        raise Refused(t("This rule has ended already."), t("Look at the list of rules."))
    grants = await held(work, CLAIM if rule.group_id is None else DIRECTORY, rule_id=rule.id)
    if grants and SEAT_MANAGE in ROLES[work.ctx.scope.kind][rule.role].permissions:
        await keep_without_rule(work, rule.id)
    for grant in grants:
        await end(work, grant)
        if rule.role == MANAGES.get(work.ctx.scope.kind):
            await work.emit(LOST, ("seat", grant.seat_id))
    rule.ended_at, rule.end_reason = work.now, data.reason
    await work.session.flush()
    before = await _told(work, rule)
    await work.audit("claim_rule.end", ("claim_rule", rule.id), before=before, reason=data.reason)
    await follow_groups(work)
    return await list_rules(work, Nothing())


async def add(work: Work, data: RuleIn | GroupRuleIn, **source: Any) -> None:
    """Add a rule that looks at ``source``. Raises ``Refused`` if one in force is the same."""
    same = {"tenant_id": work.ctx.scope.id, "role": data.role} | source
    chosen = select(ClaimRule.id).filter_by(**same, ended_at=None)
    if await work.session.scalar(chosen) is not None:
        raise Refused(t("This rule is there already."), t("Look at the list of rules."))
    rule = ClaimRule(**same, id=work.new_id(), reason=data.reason, made_by=work.ctx.actor.id, created_at=work.now)
    work.session.add(rule)
    await work.session.flush()
    after = await _told(work, rule)
    await work.audit("claim_rule.add", ("claim_rule", rule.id), after=after, reason=data.reason)


async def _told(work: Work, rule: ClaimRule) -> dict[str, str | None]:
    """Return what the log tells of a rule: its role, and where it looks."""
    if rule.group_id is None:
        return {"role": rule.role, "claim": rule.claim, "value": rule.value}
    group: ScimResource = await work.get(ScimResource, rule.group_id)
    return {"role": rule.role, "group": group.name}


async def _provider(work: Work, wanted: str | None) -> UUID:
    """Return the provider that a rule is for: one that is in force or being set up."""
    chosen = select(IdentityProvider.id, IdentityProvider.state).where(
        IdentityProvider.tenant_id == work.ctx.scope.id, IdentityProvider.state != "off"
    )
    states: dict[UUID, str] = {row.id: row.state for row in await work.session.execute(chosen)}
    in_force = [one for one, state in states.items() if state in ON]
    if not states:
        raise Refused(t("No sign-in service is set up here yet."), t("Set one up on the page “Sign-in” first."))
    if wanted is None and len(in_force) == 1:
        return in_force[0]
    for one in states:
        if str(one) == wanted:
            return one
    raise Invalid([Fault("/provider_id", t("Choose the sign-in service that says it."))])


async def _groups(work: Work) -> list[GroupOut]:
    """Return the groups of the directory by name; only an agency has one."""
    if work.ctx.scope.kind != "agency":
        return []
    members = (
        select(func.count())
        .where(ScimMember.tenant_id == ScimResource.tenant_id, ScimMember.group_id == ScimResource.id)
        .scalar_subquery()
    )
    chosen = (
        select(ScimResource, members)
        .where(ScimResource.tenant_id == work.ctx.scope.id, ScimResource.kind == GROUP)
        .order_by(ScimResource.name_key, ScimResource.id)
    )
    return [
        GroupOut(id=one.id, name=one.name, external_id=one.external_id, members=count)
        for one, count in await work.session.execute(chosen)
    ]


async def _seen(work: Work) -> dict[str, dict[str, int]]:
    counted: dict[str, Counter[str]] = {}
    for values in await work.session.scalars(
        select(SeenClaims.values).where(SeenClaims.tenant_id == work.ctx.scope.id)
    ):
        for claim, given in ((claim, given) for claim, given in values.items() if given):
            counted.setdefault(claim, Counter()).update(given)
    return {claim: dict(counted[claim].most_common(50)) for claim in sorted(counted)}
