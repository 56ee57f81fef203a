"""Use cases on rules from groups of the agency's directory to roles: try, add."""

from __future__ import annotations

from uuid import UUID

import msgspec
from sqlalchemy import select

from auth.claim_rules.following import GROUP, follow_groups, inside
from auth.claim_rules.schemas import Gain, GroupRuleIn, GroupRuleTried, Preview, RuleList
from auth.claim_rules.service import PAGE, add, list_rules, wrong_in_rule
from auth.reading import seats
from auth.scim.holding import hold_directory
from auth.scim.models import ScimResource
from auth.service import SEAT_MANAGE, SEAT_READ
from core.errors import Fault, Invalid
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.work import Work


@use_case(permission=SEAT_READ, input=GroupRuleTried, output=Preview, reads=True, checks=wrong_in_rule)
async def try_group_rule(work: Work, data: GroupRuleTried) -> Preview:
    """Say whom a rule would give its role, by who is in the group now. Nothing is changed."""
    refuse(wrong_in_rule(work.ctx, msgspec.structs.asdict(data)), GroupRuleTried)
    # What is no group has nobody in it.
    group = await _group(work, data.group_id)
    found = await inside(work, {group.id})
    accounts = {one.seat_id: one.account for one in reversed(found)}
    gains = [
        Gain(
            id=seat.id,
            name=seat.name,
            seen_at=seat.signed_in_at,
            has=data.role in seat.roles,
            account=accounts[seat.id],
        )
        for seat in await seats(work)
        if seat.id in accounts
    ]
    return Preview(gains, sum(one.seat_id is None for one in found))


@use_case(
    permission=SEAT_MANAGE, input=GroupRuleIn, output=RuleList, backdated=NOW, in_person=PAGE, checks=wrong_in_rule
)
async def add_group_rule(work: Work, data: GroupRuleIn) -> RuleList:
    """Add a rule. It gives its role at once to everybody in the group, and takes it from whoever leaves it."""
    refuse(wrong_in_rule(work.ctx, msgspec.structs.asdict(data)), GroupRuleIn)
    # Nobody deletes the group before the rule is there.
    group = await _group(work, data.group_id, held=True)
    if group.kind != GROUP:
        raise _unknown()
    await hold_directory(work)
    await add(work, data, group_id=group.id)
    await follow_groups(work)
    return await list_rules(work, Nothing())


async def _group(work: Work, group_id: str, *, held: bool = False) -> ScimResource:
    """Return a group of the scope's directory. Raises ``Invalid`` if there is none such."""
    try:
        key = UUID(group_id)
    except ValueError:
        raise _unknown() from None
    chosen = select(ScimResource).where(ScimResource.tenant_id == work.ctx.scope.id, ScimResource.id == key)
    if held:
        chosen = chosen.with_for_update(read=True, key_share=True)
    group = (await work.session.scalars(chosen)).one_or_none()
    if group is None:
        raise _unknown()
    return group


def _unknown() -> Invalid:
    return Invalid([Fault("/group_id", t("The directory has no such group: choose one of the list."))])
