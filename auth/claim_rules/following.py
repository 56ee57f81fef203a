"""Roles that come from groups of the agency's directory: they follow what it says, in the transaction in which it does.

Whoever is in a group is in the groups that it is in, too. An account counts while the directory has it open.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Sequence
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from auth.claim_rules.models import ClaimRule
from auth.claim_rules.settling import bring, held
from auth.models import RoleGrant, Seat
from auth.scim.holding import hold_directory
from auth.scim.models import ScimMember, ScimResource
from core.personnel.models import Officer
from core.text import t
from core.use_cases.work import Work

DIRECTORY = "directory"
"""The origin of a grant that comes from here."""
GROUP = "Group"
ROLE = "administrator"
PAGE = "/people/rules"


class Inside(NamedTuple):
    """An open account in a group, and whose it is here, if it is anybody's."""

    group_id: UUID
    account: str
    seat_id: UUID | None


async def follow_groups(work: Work) -> None:
    """Let everybody's roles of origin ``directory`` be those that rules give to the groups they are in.

    An account that is nobody's gives nobody anything.
    """
    if work.ctx.scope.kind != "agency":
        return
    await hold_directory(work)
    rules, grants = await _rules(work), await held(work, DIRECTORY)
    if not rules and not grants:
        return
    by_group: dict[UUID | None, list[tuple[ClaimRule, str]]] = defaultdict(list)
    for rule, group in rules:
        by_group[rule.group_id].append((rule, group.name))
    fitting: dict[UUID, dict[UUID, tuple[ClaimRule, str]]] = defaultdict(dict)
    for one in await inside(work, {group.id for _, group in rules}):
        if one.seat_id is not None:
            fitting[one.seat_id] |= {rule.id: (rule, name) for rule, name in by_group[one.group_id]}
    has: dict[UUID, list[RoleGrant]] = defaultdict(list)
    for grant in grants:
        has[grant.seat_id].append(grant)
    for seat_id in sorted(fitting.keys() | has.keys()):
        found = [fitting[seat_id][key] for key in sorted(fitting[seat_id])]
        await bring(work, seat_id, DIRECTORY, found, has[seat_id])


async def end_rules_of(work: Work, group_id: UUID, name: str) -> None:
    """End the rules of a group that the directory has deleted: one of the same name would be another group."""
    if work.ctx.scope.kind != "agency":
        return
    await hold_directory(work)
    chosen = select(ClaimRule).where(
        ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.group_id == group_id, ClaimRule.ended_at.is_(None)
    )
    rules = (await work.session.scalars(chosen.order_by(ClaimRule.id))).all()
    for rule in rules:
        rule.ended_at = work.now
        await work.session.flush()
        before, after = {"group": name, "role": rule.role}, {"cause": "group_removed"}
        await work.audit("claim_rule.end", ("claim_rule", rule.id), before=before, after=after)
    if rules:
        told = t(
            "The directory has deleted the group %(name)s: its rules have ended, with the roles they gave.", name=name
        )
        await work.notify(told, link=PAGE, role=ROLE)


async def inside(work: Work, groups: Collection[UUID]) -> Sequence[Inside]:
    """Return who is in ``groups``, directly or in a group that is in them, each account once for each, by its name."""
    if not groups:
        return []
    tenant = work.ctx.scope.id
    member = (
        select(ScimMember.group_id, ScimMember.member_id)
        .where(ScimMember.tenant_id == tenant, ScimMember.group_id.in_(groups))
        .cte("member", recursive=True)
    )
    member = member.union(
        select(member.c.group_id, ScimMember.member_id).where(
            ScimMember.tenant_id == tenant, ScimMember.group_id == member.c.member_id
        )
    )
    number = func.coalesce(ScimResource.linked_number, ScimResource.employee_number)
    chosen = (
        select(member.c.group_id, ScimResource.name_key, func.coalesce(ScimResource.linked_seat_id, Seat.id))
        .join(ScimResource, (ScimResource.tenant_id == tenant) & (ScimResource.id == member.c.member_id))
        .outerjoin(Officer, (Officer.tenant_id == tenant) & (Officer.employee_number == number))
        .outerjoin(Seat, (Seat.tenant_id == tenant) & (Seat.officer_id == Officer.id))
        .where(ScimResource.kind == "User", ScimResource.active)
        .order_by(ScimResource.name_key, ScimResource.id)
    )
    return [Inside(*row) for row in await work.session.execute(chosen)]


async def _rules(work: Work) -> Sequence[tuple[ClaimRule, ScimResource]]:
    """Return the rules in force, each with its group, as it is called now."""
    chosen = (
        select(ClaimRule, ScimResource)
        .join(ScimResource, (ScimResource.tenant_id == ClaimRule.tenant_id) & (ScimResource.id == ClaimRule.group_id))
        .where(ClaimRule.tenant_id == work.ctx.scope.id, ClaimRule.ended_at.is_(None))
        .order_by(ClaimRule.id)
    )
    return [(row[0], row[1]) for row in await work.session.execute(chosen)]
