"""Roles from groups of the directory: they follow it in the transaction in which it speaks, and nothing else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sqlalchemy import select, update

from auth.claim_rules.following import follow_groups, inside
from auth.claim_rules.groups import add_group_rule, try_group_rule
from auth.claim_rules.schemas import EndRule, GroupRuleIn, GroupRuleTried
from auth.claim_rules.service import end_rule, list_rules
from auth.linking.directory import link_account, link_seat_account
from auth.linking.schemas import LinkAccount, SeatAccount
from auth.models import RoleGrant
from auth.roles import ROLES
from auth.schemas import GrantIn, LinkOfficer
from auth.scim.models import ScimMember, ScimResource
from auth.service import SEAT_MANAGE, SEAT_READ, get_seat, grant_role, link_officer
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.events.models import NotificationRow
from core.ids import new_id
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.claim_rules.test_sign_in_by_claims import administrator
from tests.auth.red_button.scene import told as told_to
from tests.auth.red_button.scene import work_off
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, GROUP, PATCH, USER, Directory, directory_of, token_of
from tests.auth.test_people import TODAY, WHY, link, officer

NUMBER = "E-4711"


@dataclass
class Agency:
    """An agency with an administrator, an officer with a seat, and a directory that knows the officer."""

    rig: Rig
    scope: Scope
    ctx: Ctx
    seat: UUID
    directory: Directory
    account: dict[str, Any]

    async def group(self, name: str, *members: dict[str, Any]) -> dict[str, Any]:
        body = {"schemas": [GROUP], "displayName": name, "members": [{"value": one["id"]} for one in members]}
        made = await self.directory.send("POST", "/Groups", body)
        assert made.status_code == 201, made.text
        told: dict[str, Any] = made.json()
        return told

    async def change(self, group: dict[str, Any], op: str, path: str, value: Any = None) -> None:
        body = {"schemas": [PATCH], "Operations": [{"op": op, "path": path} | ({"value": value} if value else {})]}
        answer = await self.directory.send("PATCH", f"/Groups/{group['id']}", body)
        assert answer.status_code == 200, answer.text

    async def rule(self, group: dict[str, Any], role: str = "approver") -> UUID:
        listed = await execute(add_group_rule, self.ctx, GroupRuleIn(group_id=group["id"], role=role, reason=WHY))
        return listed.rules[-1].id

    async def roles(self, seat: UUID | None = None) -> list[str]:
        return (await execute(get_seat, self.ctx, ById(str(seat or self.seat)))).seat.roles

    async def lines(self, action: str) -> list[AuditLine]:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == action)
            return list(await session.scalars(chosen.order_by(AuditLine.id)))


@pytest.fixture
async def agency(rig: Rig) -> Agency:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await link(rig, scope, seat, await officer(rig, scope, NUMBER))
    directory = await directory_of(rig, scope)
    account = await directory.add("maelle", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"employeeNumber": NUMBER}})
    return Agency(rig, scope, ctx, seat, directory, account)


OFF, ON = {"op": "Replace", "path": "active", "value": "False"}, {"op": "Replace", "path": "active", "value": "True"}


async def test_who_comes_into_a_group_has_its_roles_at_once_and_who_leaves_it_has_not(agency: Agency) -> None:
    group = await agency.group("Chiefs")
    await agency.rule(group)
    await execute(grant_role, agency.ctx, GrantIn(id=str(agency.seat), role="member", reason=WHY))
    assert await agency.roles() == ["member"]
    await agency.change(group, "add", "members", [{"value": agency.account["id"]}])
    assert await agency.roles() == ["approver", "member"]
    await agency.change(group, "remove", f'members[value eq "{agency.account["id"]}"]')
    assert await agency.roles() == ["member"]
    given, taken = await agency.lines("seat.grant"), await agency.lines("seat.revoke")
    assert [(one.actor_kind, (one.after or {})["origin"]) for one in given[-1:] + taken] == [("token", "directory")] * 2


async def test_a_new_rule_holds_at_once_and_an_ended_one_no_longer(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    rule = await agency.rule(group)
    assert await agency.roles() == ["approver"]
    (listed,) = (await execute(list_rules, agency.ctx, Nothing())).rules
    assert (listed.source, listed.group, listed.people, listed.claim) == ("directory", "Chiefs", 1, None)
    await execute(end_rule, agency.ctx, EndRule(id=str(rule), reason=WHY))
    assert await agency.roles() == []
    (line,) = await agency.lines("claim_rule.end")
    assert line.before == {"group": "Chiefs", "role": "approver"}


@pytest.mark.parametrize("how", ["closed", "deleted", "number", "renumbered by hand", "officer file", "group deleted"])
async def test_whatever_takes_somebody_out_of_the_group_takes_the_role(agency: Agency, how: str) -> None:
    group = await agency.group("Chiefs", agency.account)
    await agency.rule(group)
    assert await agency.roles() == ["approver"]
    where = f"/Users/{agency.account['id']}"
    if how == "closed":
        await agency.directory.patch(agency.account, OFF)
    elif how == "deleted":
        await agency.directory.send("DELETE", where)
    elif how == "number":
        await agency.directory.patch(agency.account, {"op": "remove", "path": f"{ENTERPRISE}:employeeNumber"})
    elif how == "renumbered by hand":
        await officer(agency.rig, agency.scope, "E-9", family_name="Other", folded="other")
        await execute(link_account, agency.ctx, LinkAccount(id=agency.account["id"], employee_number="E-9", reason=WHY))
    elif how == "officer file":
        await execute(link_officer, agency.ctx, LinkOfficer(id=str(agency.seat), employee_number=None, reason=WHY))
    else:
        assert (await agency.directory.send("DELETE", f"/Groups/{group['id']}")).status_code == 204
    assert await agency.roles() == []


async def test_an_account_that_is_opened_again_or_linked_by_hand_has_the_role(agency: Agency) -> None:
    spare = await agency.directory.add("adm-maelle")
    group = await agency.group("Chiefs", agency.account, spare)
    await agency.rule(group)
    await agency.directory.patch(agency.account, OFF)
    assert await agency.roles() == []
    await agency.directory.patch(agency.account, ON)
    assert await agency.roles() == ["approver"]
    other = await agency.rig.seat(agency.scope, subject="person-3", name="Cyprien Abran")
    await execute(link_seat_account, agency.ctx, SeatAccount(id=spare["id"], seat_id=str(other), reason=WHY))
    assert await agency.roles(other) == ["approver"]


async def test_a_group_keeps_its_rule_under_another_name_and_the_page_says_which(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    await agency.rule(group)
    await agency.change(group, "replace", "displayName", "Executive")
    assert await agency.roles() == ["approver"]
    (grant,) = (await execute(get_seat, agency.ctx, ById(str(agency.seat)))).grants
    assert (grant.origin, grant.reason, grant.group, grant.granted_by) == (
        "directory",
        "Chiefs",
        "Executive",
        "Uriel Labonté",
    )
    # Whoever takes the name that is free now is in another group.
    other = await agency.directory.add("other", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"employeeNumber": "E-9"}})
    seat = await agency.rig.seat(agency.scope, subject="person-3")
    await link(agency.rig, agency.scope, seat, await officer(agency.rig, agency.scope, "E-9"))
    await agency.group("Chiefs", other)
    assert await agency.roles(seat) == []


async def test_a_deleted_group_takes_its_rule_along_and_says_so(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    rule = await agency.rule(group)
    await agency.directory.send("DELETE", f"/Groups/{group['id']}")
    assert (await execute(list_rules, agency.ctx, Nothing())).rules == []
    (line,) = await agency.lines("claim_rule.end")
    assert (line.subject_id, line.actor_kind, line.after) == (rule, "token", {"cause": "group_removed"})
    async with tenant_session(agency.rig.ctx(agency.scope), read_only=True) as session:
        told = (
            await session.scalars(select(NotificationRow).where(NotificationRow.seat_id == agency.ctx.actor.id))
        ).all()
    assert any("Chiefs" in str(one.params) for one in told)
    await agency.group("Chiefs", agency.account)
    assert await agency.roles() == []
    with pytest.raises(Refused, match="ended already"):
        await execute(end_rule, agency.ctx, EndRule(id=str(rule), reason=WHY))


async def test_whoever_is_in_a_group_within_the_group_is_in_it_and_a_circle_ends(agency: Agency) -> None:
    inner = await agency.group("Duty chiefs", agency.account)
    outer = await agency.group("Chiefs", inner)
    await agency.change(inner, "add", "members", [{"value": outer["id"]}])
    await agency.rule(outer)
    assert await agency.roles() == ["approver"]
    await agency.change(inner, "remove", f'members[value eq "{agency.account["id"]}"]')
    assert await agency.roles() == []


async def test_a_role_that_another_group_gives_too_stays_and_comes_from_that_one(agency: Agency) -> None:
    first, second = await agency.group("Chiefs", agency.account), await agency.group("Board", agency.account)
    rule = await agency.rule(first)
    await agency.rule(second)
    await agency.change(first, "remove", f'members[value eq "{agency.account["id"]}"]')
    assert await agency.roles() == ["approver"]
    held = [one for one in (await execute(get_seat, agency.ctx, ById(str(agency.seat)))).grants if one.ends_on is None]
    assert [one.reason for one in held] == ["Board"]
    await agency.change(first, "add", "members", [{"value": agency.account["id"]}])
    await agency.change(second, "remove", f'members[value eq "{agency.account["id"]}"]')
    await execute(end_rule, agency.ctx, EndRule(id=str(rule), reason=WHY))
    assert await agency.roles() == []


async def test_roles_of_other_origins_stay_and_a_sign_in_takes_none_of_a_group(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    rule = await agency.rule(group)
    await execute(grant_role, agency.ctx, GrantIn(id=str(agency.seat), role="approver", reason=WHY))
    assert (await agency.rig.sign_in(agency.rig.browser(), agency.scope)).status_code == 303
    async with tenant_session(agency.rig.ctx(agency.scope), read_only=True) as session:
        chosen = select(RoleGrant.origin).where(RoleGrant.seat_id == agency.seat, RoleGrant.ends_on.is_(None))
        assert sorted(await session.scalars(chosen)) == ["directory", "manual"]
    await execute(end_rule, agency.ctx, EndRule(id=str(rule), reason=WHY))
    assert await agency.roles() == ["approver"]


async def test_the_preview_counts_who_has_it_who_would_and_whose_account_is_nobodys(agency: Agency) -> None:
    unknown, closed = await agency.directory.add("nobody"), await agency.directory.add("closed", active=False)
    group = await agency.group("Chiefs", agency.account, unknown, closed)
    asked = GroupRuleTried(group_id=group["id"], role="approver")
    preview = await execute(try_group_rule, agency.ctx, asked)
    assert [(one.id, one.account, one.has) for one in preview.people] == [(agency.seat, "maelle", False)]
    assert preview.unseen == 1
    assert await agency.roles() == []
    await agency.rule(group)
    assert [one.has for one in (await execute(try_group_rule, agency.ctx, asked)).people] == [True]


async def test_no_group_gives_a_role_of_another_kind_of_scope_nor_makes_its_maker_healths(agency: Agency) -> None:
    group = await agency.group("Doctors", agency.account)
    for role in ({*ROLES["program"], *ROLES["platform"], *ROLES["mission"]} - ROLES["agency"].keys()) | {"nonsense"}:
        with pytest.raises(Invalid):
            await agency.rule(group, role)
    await agency.rule(group, "health")
    assert await agency.roles() == ["health"]
    with pytest.raises(Refused, match="there already"):
        await agency.rule(group, "health")
    await link(agency.rig, agency.scope, agency.seat)
    link_own = LinkOfficer(id=str(agency.ctx.actor.id), employee_number=NUMBER, reason=WHY)
    await execute(link_officer, agency.ctx, link_own)
    assert await agency.roles(agency.ctx.actor.id) == ["administrator"]
    assert await agency.roles() == []


async def test_a_rule_needs_a_person_the_permission_and_a_group_of_ones_own(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    asked = GroupRuleIn(group_id=group["id"], role="approver", reason=WHY)
    elsewhere = await agency.rig.agency()
    for foreign in (group["id"], agency.account["id"], "nonsense", str(new_id(agency.rig.platform.clock))):
        ctx = await administrator(agency.rig, elsewhere) if foreign == group["id"] else agency.ctx
        with pytest.raises(Invalid):
            await execute(add_group_rule, ctx, GroupRuleIn(group_id=foreign, role="approver", reason=WHY))
        if foreign != agency.account["id"]:
            with pytest.raises(Invalid):
                await execute(try_group_rule, ctx, GroupRuleTried(group_id=foreign, role="approver"))
    program = replace(agency.ctx, actor=msgspec.structs.replace(agency.ctx.actor, kind="token"))
    with pytest.raises(Refused, match="A person does this"):
        await execute(add_group_rule, program, asked)
    with pytest.raises(Forbidden):
        await execute(add_group_rule, agency.rig.platform.ctx(agency.scope, SEAT_READ), asked)
    with pytest.raises(NotFound):
        await execute(add_group_rule, agency.rig.platform.ctx(agency.rig.platform.program, SEAT_MANAGE), asked)


async def test_the_same_group_of_another_agency_gives_nothing_here(agency: Agency) -> None:
    rig, elsewhere = agency.rig, await agency.rig.agency()
    await rig.seat(elsewhere, "administrator", subject="person-9")
    directory = Directory((await directory_of(rig, elsewhere)).client, await token_of(rig, elsewhere))
    account = await directory.add("maelle", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"employeeNumber": NUMBER}})
    await agency.rule(await agency.group("Chiefs"))
    body = {"schemas": [GROUP], "displayName": "Chiefs", "members": [{"value": account["id"]}]}
    assert (await directory.send("POST", "/Groups", body)).status_code == 201
    assert await agency.roles() == []


async def test_when_the_last_administrators_group_lets_them_go_the_alarm_is_raised(agency: Agency) -> None:
    group = await agency.group("Chiefs", agency.account)
    await agency.rule(group, "administrator")
    async with tenant_session(agency.rig.ctx(agency.scope)) as session:
        by_hand = (RoleGrant.tenant_id == agency.scope.id) & (RoleGrant.origin == "manual")
        await session.execute(update(RoleGrant).where(by_hand).values(ends_on=TODAY))
    (rule,) = (await execute(list_rules, agency.ctx, Nothing())).rules
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(end_rule, agency.ctx, EndRule(id=str(rule.id), reason=WHY))
    privacy = await agency.rig.seat(agency.scope, "privacy", subject="person-4", name="Anouk")
    await agency.change(group, "remove", f'members[value eq "{agency.account["id"]}"]')
    assert await agency.roles() == []
    await work_off(agency.rig, agency.scope)
    assert any("nobody is left" in one for one in await told_to(agency.rig, agency.scope, privacy))


@pytest.mark.parametrize(
    ("language", "words", "origin"),
    [
        ("en", "Would get the role: 1", "from a group of the directory"),
        ("fr", "Recevraient le rôle", "d’un groupe de l’annuaire"),
    ],
)
async def test_the_page_tries_adds_and_names_the_group(agency: Agency, language: str, words: str, origin: str) -> None:
    group = await agency.group("Chefs de garde", agency.account)
    agency.rig.hostile.claims = agency.rig.hostile.userinfo = lambda told: told.update(
        sub=f"administrator of {agency.scope.slug}"
    )
    browser = agency.rig.browser()
    assert (await agency.rig.sign_in(browser, agency.scope)).status_code == 303
    address = f"/{language}/{agency.scope.slug}/people/rules"
    page = await browser.get(f"{address}?group_id={group['id']}&role=approver")
    assert page.status_code == 200, page.text
    assert words in page.text
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    wrong = await browser.post(
        f"{address}/groups", {"_token": token, "group_id": "", "role": "approver", "reason": WHY}
    )
    assert wrong.status_code == 422, wrong.text
    sent = {"_token": token, "group_id": group["id"], "role": "approver", "reason": WHY}
    assert (await browser.post(f"{address}/groups", sent)).status_code == 303
    listed = await browser.get(address)
    assert "Chefs de garde" in listed.text.split('id="rules"')[1].split("</section>")[0]
    person = await browser.get(f"/{language}/{agency.scope.slug}/people/{agency.seat}")
    assert origin in person.text
    assert "Chefs de garde" in person.text


Edges = st.lists(st.tuples(st.integers(0, 3), st.integers(0, 6)), max_size=12)


async def test_who_is_inside_is_whoever_can_be_reached(agency: Agency) -> None:
    """Compared with a walk in Python, over graphs of four groups and three accounts."""
    ctx, clock = agency.rig.ctx(agency.scope), agency.rig.platform.clock

    @given(edges=Edges)
    def drawn(edges: list[tuple[int, int]]) -> None:
        graphs.append(edges)

    graphs: list[list[tuple[int, int]]] = []
    drawn()
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, clock.now())
        for edges in graphs[:25]:
            nodes = [new_id(clock) for _ in range(7)]
            for place, key in enumerate(nodes):
                kind = "Group" if place < 4 else "User"
                session.add(
                    ScimResource(
                        tenant_id=agency.scope.id,
                        id=key,
                        kind=kind,
                        name_key=key.hex,
                        keys=[],
                        body={},
                        active=True,
                        created_at=clock.now(),
                        changed_at=clock.now(),
                    )
                )
            await session.flush()
            for group, member in set(edges):
                session.add(
                    ScimMember(
                        tenant_id=agency.scope.id, id=new_id(clock), group_id=nodes[group], member_id=nodes[member]
                    )
                )
            await session.flush()
            found = {(one.group_id, one.account) for one in await inside(work, nodes[:4])}
            assert found == {
                (nodes[top], nodes[end].hex) for top in range(4) for end in reached(set(edges), top) if end >= 4
            }
        await follow_groups(work)


def reached(edges: set[tuple[int, int]], top: int) -> set[int]:
    found: set[int] = set()
    left = [top]
    while left:
        here = left.pop()
        for group, member in edges:
            if group == here and member not in found:
                found.add(member)
                left.append(member)
    return found
