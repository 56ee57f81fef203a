"""Roles from claims: tried, added, given and ended at sign-in, and never mixed with those of other origins."""

from __future__ import annotations

import re
from dataclasses import replace
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from auth.claim_rules.schemas import EndRule, RuleIn, RuleTried
from auth.claim_rules.service import add_rule, end_rule, list_rules, try_rule
from auth.models import RoleGrant
from auth.schemas import GrantIn
from auth.service import SEAT_MANAGE, SEAT_READ, get_seat, grant_role
from auth.setup.service import list_providers
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Invalid, NotFound, Refused
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.hostile import sets
from tests.auth.rig import Rig
from tests.auth.test_people import TODAY

WHY = "as our directory has it"


async def administrator(rig: Rig, scope: Scope) -> Ctx:
    seat = await rig.seat(scope, "administrator", subject=f"administrator of {scope.slug}", name="Uriel Labonté")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def come(rig: Rig, scope: Scope, **claims: object) -> None:
    rig.hostile.claims = sets(**claims)
    rig.hostile.userinfo = sets(sub=claims.get("sub", "person-1"))
    assert (await rig.sign_in(rig.browser(), scope)).status_code == 303


async def roles(rig: Rig, ctx: Ctx, seat: UUID) -> list[str]:
    return (await execute(get_seat, ctx, ById(str(seat)))).seat.roles


def rule(value: str, role: str, claim: str = "groups") -> RuleIn:
    return RuleIn(claim=claim, value=value, role=role, reason=WHY)


async def test_each_sign_in_makes_the_roles_what_the_claims_say(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await execute(add_rule, ctx, rule("Peace operations", "coordinator"))
    await execute(add_rule, ctx, rule("Chiefs", "approver"))
    await execute(grant_role, ctx, GrantIn(id=str(seat), role="member", reason=WHY))
    assert await roles(rig, ctx, seat) == ["member"]
    await come(rig, scope, groups=["Peace operations", "Chiefs", "Golf"])
    assert await roles(rig, ctx, seat) == ["approver", "coordinator", "member"]
    await come(rig, scope, groups=["Chiefs"])
    assert await roles(rig, ctx, seat) == ["approver", "member"]
    await come(rig, scope, groups=["chiefs"])
    assert await roles(rig, ctx, seat) == ["member"]
    await come(rig, scope, groups=["Chiefs"])
    await come(rig, scope)
    assert await roles(rig, ctx, seat) == ["member"]


async def test_a_claim_that_no_database_holds_keeps_nobody_out_and_gives_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await execute(add_rule, ctx, rule("Chiefs", "approver"))
    await come(rig, scope, groups=["Chiefs\0", "\0"], roles="\0")
    assert await roles(rig, ctx, seat) == []
    await come(rig, scope, groups=["Chiefs", "\0"])
    assert await roles(rig, ctx, seat) == ["approver"]


async def test_where_a_role_comes_from_is_shown_and_kept_in_the_log(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await execute(add_rule, ctx, rule("Chiefs", "approver"))
    await come(rig, scope, groups=["Chiefs"])
    (grant,) = (await execute(get_seat, ctx, ById(str(seat)))).grants
    assert (grant.origin, grant.reason, grant.granted_by) == ("claim", "groups = Chiefs", "Uriel Labonté")
    async with tenant_session(rig.ctx(scope)) as session:
        lines = (await session.scalars(select(AuditLine).where(AuditLine.action == "seat.grant"))).all()
    assert [line.after["origin"] for line in lines if line.after] == ["claim"]


async def test_a_role_given_by_hand_outlives_the_claim_that_says_the_same(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await execute(grant_role, ctx, GrantIn(id=str(seat), role="approver", reason=WHY))
    (made,) = (await execute(add_rule, ctx, rule("Chiefs", "approver"))).rules
    await come(rig, scope, groups=["Chiefs"])
    await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))
    assert await roles(rig, ctx, seat) == ["approver"]
    assert (await execute(list_rules, ctx, Nothing())).rules == []


async def test_ending_a_rule_ends_what_it_gave_at_once(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    (made,) = (await execute(add_rule, ctx, rule("Chiefs", "approver"))).rules
    await come(rig, scope, groups=["Chiefs"])
    (made,) = (await execute(list_rules, ctx, Nothing())).rules
    assert made.people == 1
    await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))
    assert await roles(rig, ctx, seat) == []
    with pytest.raises(Refused, match="ended already"):
        await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))


async def test_the_rule_that_alone_gives_somebody_who_can_come_in_the_roles_to_give_is_not_ended(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE), await rig.seat(scope)
    maker = await administrator(rig, scope)
    (made,) = (await execute(add_rule, maker, rule("Chiefs", "administrator"))).rules
    await come(rig, scope, groups=["Chiefs"])
    async with tenant_session(rig.ctx(scope)) as session:
        by_hand = RoleGrant.origin == "manual"
        await session.execute(update(RoleGrant).where(RoleGrant.tenant_id == scope.id, by_hand).values(ends_on=TODAY))
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))
    assert await roles(rig, ctx, seat) == ["administrator"]
    await rig.seat(scope, "administrator", subject="person-3")
    await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))
    assert await roles(rig, ctx, seat) == []


async def test_a_rule_is_tried_on_what_sign_ins_brought_and_changes_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    await come(rig, scope, groups=["Chiefs"], email="maelle@example.org")
    found = await execute(try_rule, ctx, RuleTried(claim="groups", value="Chiefs", role="approver"))
    assert [(one.id, one.has) for one in found.people] == [(seat, False)]
    assert found.unseen == 1
    assert (await execute(try_rule, ctx, RuleTried(claim="groups", value="chiefs", role="approver"))).people == []
    assert await roles(rig, ctx, seat) == []
    assert (await execute(list_rules, ctx, Nothing())).claims == {"groups": {"Chiefs": 1}}


async def test_of_a_claim_that_no_rule_has_named_yet_nothing_is_known_rather_than_nobody_fits(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, seat = await administrator(rig, scope), await rig.seat(scope)
    tried = RuleTried(claim="department", value="police", role="approver")
    await come(rig, scope, department="police")
    found = await execute(try_rule, ctx, tried)
    assert (found.people, found.unseen) == ([], 2), "neither has signed in since it is looked at"
    await execute(add_rule, ctx, RuleIn(claim="department", value="fire", role="approver", reason=WHY))
    await come(rig, scope, department="police")
    found = await execute(try_rule, ctx, tried)
    assert ([one.id for one in found.people], found.unseen) == ([seat], 1)
    elsewhere = msgspec.structs.replace(tried, provider_id=str(seat))
    found = await execute(try_rule, ctx, elsewhere)
    assert (found.people, found.unseen) == ([], 2), "another provider has said nothing of anybody"
    await come(rig, scope)
    found = await execute(try_rule, ctx, tried)
    assert (found.people, found.unseen) == ([], 1), "now it is known to say nothing"


async def test_no_rule_gives_a_role_of_another_kind_of_scope_nor_makes_itself_healths(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    for role in ("planner", "operator", "commander", "nonsense"):
        with pytest.raises(Invalid):
            await execute(add_rule, ctx, rule("Chiefs", role))
    with pytest.raises(NotFound):
        await execute(add_rule, rig.platform.ctx(rig.platform.program, SEAT_MANAGE), rule("Chiefs", "planner"))
    await execute(add_rule, ctx, rule("Doctors", "health"))
    with pytest.raises(Refused, match="there already"):
        await execute(add_rule, ctx, rule("Doctors", "health"))
    seat = await rig.seat(scope)
    await come(rig, scope, groups=["Doctors"])
    assert await roles(rig, ctx, seat) == ["health"]
    await come(rig, scope, groups=["Doctors"], sub=f"administrator of {scope.slug}")
    assert await roles(rig, ctx, ctx.actor.id) == ["administrator"]


async def test_another_service_s_rules_are_not_there(rig: Rig) -> None:
    mine, other = await rig.agency(), await rig.agency()
    ctx, theirs = await administrator(rig, mine), await administrator(rig, other)
    (made,) = (await execute(add_rule, theirs, rule("Chiefs", "approver"))).rules
    with pytest.raises(NotFound):
        await execute(end_rule, ctx, EndRule(id=str(made.id), reason=WHY))
    seat = await rig.seat(mine)
    await come(rig, mine, groups=["Chiefs"])
    assert await roles(rig, ctx, seat) == []
    async with tenant_session(rig.ctx(mine)) as session:
        assert (await session.scalars(select(RoleGrant.role).where(RoleGrant.origin == "claim"))).all() == []


@pytest.mark.parametrize(("language", "words"), [("en", "Would get it"), ("fr", "Le recevrait")])
async def test_the_page_tries_adds_and_ends(rig: Rig, language: str, words: str) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    rig.hostile.claims = sets(groups=["Chiefs"])
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/rules"
    page = await browser.get(f"{address}?claim=groups&value=Chiefs&role=approver")
    assert page.status_code == 200, page.text
    assert words in page.text
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "claim": "groups", "value": "Chiefs", "role": "approver", "reason": WHY}
    added = await browser.post(address, sent)
    assert added.status_code == 303, added.text
    listed = await browser.get(address)
    assert "groups" in listed.text.split('id="rules"')[1].split("</section>")[0]


@pytest.mark.parametrize(("language", "words"), [("en", "Fill this in."), ("fr", "Remplissez ce champ.")])
async def test_what_cannot_be_tried_is_told_at_the_form_with_what_was_typed(
    rig: Rig, language: str, words: str
) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    address = f"/{language}/{scope.slug}/people/rules"
    empty = await browser.get(f"{address}?claim=&value=&role=")
    assert empty.status_code == 422
    assert re.findall(r'href="#f-(\w+)"', empty.text) == ["claim", "value", "role"]
    assert empty.text.count(words) == 6, "each above the form and at its field"
    partly = (await browser.get(f"{address}?claim=email&value=Watch&role=")).text
    assert re.findall(r'href="#f-(\w+)"', partly) == ["claim", "role"]
    assert 'id="f-value" name="value" value="Watch"' in partly
    strange = (await browser.get(f"{address}?claim=groups&value=Watch&role=admiral")).text
    assert re.findall(r'href="#f-(\w+)"', strange) == ["role"]


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_with_two_providers_the_page_asks_whose_claims_are_meant_and_says_whose_each_rule_is(
    rig: Rig, language: str
) -> None:
    scope = await rig.agency(name="Old directory")
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    await rig.accept(scope, name="New directory", client_id="another")
    address = f"/{language}/{scope.slug}/people/rules"
    page = (await browser.get(address)).text
    offered = dict(re.findall(r'name="provider_id" value="([^"]+)"[^>]*> <span>(\w+ \w+)', page))
    assert set(offered.values()) == {"Old directory", "New directory"}
    token = page.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "claim": "groups", "value": "Chiefs", "role": "approver", "reason": WHY}
    refused = await browser.post(address, sent)
    assert refused.status_code == 422
    assert '<a href="#f-add-provider_id">' in refused.text
    new = next(key for key, name in offered.items() if name == "New directory")
    assert (await browser.post(address, sent | {"provider_id": new})).status_code == 303
    rules = (await browser.get(address)).text.split('id="rules"')[1].split("</section>")[0]
    assert "New directory" in rules
    assert "Old directory" not in rules


async def test_rules_are_prepared_for_a_provider_that_is_being_set_up_and_for_none_that_is_switched_off(
    rig: Rig,
) -> None:
    scope = await rig.agency()
    await rig.accept(scope, name="Draft", client_id="another", state="draft")
    await rig.accept(scope, name="Gone", client_id="a third", state="off")
    ctx = await administrator(rig, scope)
    found = {one.name: str(one.id) for one in (await execute(list_providers, ctx, Nothing())).providers}
    wanted = msgspec.structs.replace(rule("Chiefs", "approver"), provider_id=found["Draft"])
    (made,) = (await execute(add_rule, ctx, wanted)).rules
    assert made.provider == "Draft"
    assert [one.provider for one in (await execute(add_rule, ctx, rule("Chiefs", "approver"))).rules] == [
        "Draft",
        "Example",
    ]
    for wrong in (found["Gone"], str(scope.id), "nowhere"):
        with pytest.raises(Invalid) as refused:
            await execute(add_rule, ctx, msgspec.structs.replace(rule("All", "approver"), provider_id=wrong))
        assert [fault.pointer for fault in refused.value.faults] == ["/provider_id"]


async def test_without_any_provider_a_rule_is_refused_with_what_to_do_first(rig: Rig) -> None:
    scope = await rig.agency(state="off")
    with pytest.raises(Refused, match="No sign-in service is set up"):
        await execute(add_rule, await administrator(rig, scope), rule("Chiefs", "approver"))
