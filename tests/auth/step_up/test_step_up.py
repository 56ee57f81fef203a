"""Fresh sign-in before an action: asked by the agency, of the same person, at their provider, and of nobody else."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any
from urllib.parse import quote, urlsplit
from uuid import UUID

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from auth.accounts.schemas import AccountIn
from auth.accounts.service import TOKEN_MANAGE, add_account
from auth.models import Session
from auth.secrets import session_cookie
from auth.service import SEAT_MANAGE, SEAT_READ
from auth.step_up.rules import STANDING
from auth.step_up.schemas import EndRule, RuleIn, RuleOut
from auth.step_up.service import end_step_up, list_step_up, set_step_up
from core.audit.models import AuditLine
from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Invalid, NotFound, StepUpNeeded
from core.tokens import read_token
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.step_up import ACTIONS, APPROVE, EXPORT, OWN_ACCESS, require_step_up
from core.web.callers import Credential
from tests.auth.hostile import sets
from tests.auth.rig import Browser, Rig, sent_with

WHY = "as our security officer has it"
WAY = re.compile(r'class="btn p" href="http://localhost:8000(/t/[^"]+)"')


async def administrator(rig: Rig, scope: Scope) -> Ctx:
    """Return the context of whoever sets rules, and make the provider tell when people prove who they are."""
    seat = await rig.seat(scope, "administrator")
    vouch(rig)
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE, TOKEN_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


def vouch(rig: Rig, *, ago: int = 0, **claims: Any) -> None:
    at = int(rig.platform.clock.now().timestamp()) - ago
    rig.hostile.claims = sets(**({"auth_time": at} | claims))


async def ask(ctx: Ctx, action: str = EXPORT, **demand: Any) -> RuleOut:
    found = await execute(set_step_up, ctx, RuleIn(action=action, reason=WHY, **(demand or {"minutes": 15})))
    return next(one for one in found.rules if one.action == action)


async def signed_in(rig: Rig, scope: Scope) -> Browser:
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return browser


async def export(browser: Browser, scope: Scope) -> httpx2.Response:
    return await browser.get(f"/en/{scope.slug}/people?role=administrator&format=csv")


async def actor(rig: Rig, scope: Scope, browser: Browser) -> Actor:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        credential = Credential("session", scope.slug, browser.cookies[session_cookie(scope.slug)])
        caller = await rig.parts.callers.caller(session, scope, credential)
    assert caller is not None
    return caller.actor


async def lines(rig: Rig, scope: Scope, action: str) -> list[dict[str, Any]]:
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine.after).where(AuditLine.tenant_id == scope.id, AuditLine.action == action)
        return [after or {} for after in await session.scalars(chosen.order_by(AuditLine.id))]


async def test_whoever_proved_it_too_long_ago_is_led_to_their_provider_and_back_to_the_list(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await ask(ctx)
    browser = await signed_in(rig, scope)
    assert (await export(browser, scope)).status_code == 200
    rig.platform.clock.advance(timedelta(minutes=16))
    refused = await export(browser, scope)
    assert refused.status_code == 403
    assert "text/html" in refused.headers["content-type"]
    before = browser.cookies[session_cookie(scope.slug)]
    way = WAY.search(refused.text)
    assert way is not None
    sent = sent_with(await browser.get(unescape(way[1])))
    assert (sent["prompt"], sent["max_age"]) == ("login", "900")
    vouch(rig)
    back = await rig.finish(browser, scope, sent)
    assert back.headers["location"] == f"/en/{scope.slug}/people?role=administrator"
    assert browser.cookies[session_cookie(scope.slug)] != before
    assert (await export(browser, scope)).status_code == 200
    stale = rig.browser()
    stale.cookies[session_cookie(scope.slug)] = before
    assert (await stale.get(f"/en/{scope.slug}/people")).status_code == 303
    assert [line.get("step_up") for line in await lines(rig, scope, "session.begin")] == [None, "export"]
    assert [line["list"] for line in await lines(rig, scope, "list.export")] == ["/people?role=administrator"] * 2
    proofs = select(AuditLine.assurance).where(AuditLine.tenant_id == scope.id, AuditLine.action == "list.export")
    async with tenant_session(rig.ctx(scope)) as session:
        first, second = (await session.scalars(proofs.order_by(AuditLine.id))).all()
    assert first["at"] < second["at"]


async def test_a_form_that_was_open_before_is_good_afterwards_and_no_other_persons_is(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await ask(ctx)
    browser = await signed_in(rig, scope)
    page = await browser.get(f"/en/{scope.slug}/people/new")
    token = unescape(re.findall(r'name="_token" value="([^"]+)"', page.text)[-1])
    for _ in range(2):
        await step_up(rig, browser, scope)
    form = {"_token": token, "name": "Alix Roy", "language": "en", "unit": "", "reason": WHY}
    assert (await browser.post(f"/en/{scope.slug}/people/new", form)).status_code == 303
    afresh = await signed_in(rig, scope)
    assert (await afresh.post(f"/en/{scope.slug}/people/new", form)).status_code == 403


async def step_up(rig: Rig, browser: Browser, scope: Scope, action: str = EXPORT, **changes: str) -> httpx2.Response:
    wanted = quote(f"/en/{scope.slug}/people")
    start = await browser.get(f"/t/{scope.slug}/auth/start?language=en&next={wanted}&action={action}")
    return await rig.finish(browser, scope, sent_with(start), **changes)


async def test_somebody_else_cannot_prove_it_and_the_session_stays_as_it_was(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await rig.seat(scope, "administrator", subject="person-2", name="Alix Roy")
    await ask(ctx, acr="high")
    browser = await signed_in(rig, scope)
    for subject in ("person-2", "nobody-here"):
        vouch(rig, sub=subject, acr="high")
        rig.hostile.userinfo = sets(sub=subject)
        refused = await step_up(rig, browser, scope)
        assert refused.status_code == 403
        assert "Somebody else signed in" in refused.text
        assert f'href="http://localhost:8000/en/{scope.slug}/"' in refused.text
    assert [line["why"] for line in await lines(rig, scope, "sign_in.refused")] == ["other_person"] * 2
    assert (await browser.get(f"/en/{scope.slug}/people")).status_code == 200
    assert (await export(browser, scope)).status_code == 403


@pytest.mark.parametrize(
    ("demand", "said", "why"),
    [
        ({"minutes": 5}, {"ago": 301}, "authentication_time"),
        ({"minutes": 5}, {"auth_time": None}, "authentication_time"),
        ({"acr": "2 3"}, {"acr": "1"}, "assurance"),
        ({"acr": "2 3"}, {}, "assurance"),
        ({"amr": "mfa hwk"}, {"amr": ["mfa"]}, "assurance"),
        ({"acrs": "c1"}, {"acrs": ["c2"]}, "assurance"),
    ],
)
async def test_a_provider_that_does_not_vouch_for_it_changes_nothing(
    rig: Rig, demand: dict[str, Any], said: dict[str, Any], why: str
) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    vouch(rig, ago=3600)
    browser = await signed_in(rig, scope)
    await ask(ctx, **demand)
    vouch(rig, **said)
    refused = await step_up(rig, browser, scope)
    assert refused.status_code == 403
    assert "You have not signed in anew" in refused.text
    assert [line["why"] for line in await lines(rig, scope, "sign_in.refused")] == [why]
    assert (await browser.get(f"/en/{scope.slug}/people")).status_code == 200
    assert (await export(browser, scope)).status_code == 403
    assert (await actor(rig, scope, browser)).meets == frozenset()


async def test_the_provider_is_asked_for_what_the_rule_wants(rig: Rig) -> None:
    scope = await rig.agency(assurance={"amr_all": ["mfa"], "max_age": 600})
    ctx = await administrator(rig, scope)
    await ask(ctx, minutes=60, acr="2 3", acrs="c1")
    start = await rig.browser().get(f"/t/{scope.slug}/auth/start?language=en&action=export")
    sent = sent_with(start)
    assert (sent["acr_values"], sent["max_age"], sent["prompt"]) == ("2 3", "600", "login")
    assert msgspec.json.decode(sent["claims"])["id_token"]["acrs"]["value"] == "c1"


@pytest.mark.parametrize("action", ["approve", "no such thing", "'; --", ""])
async def test_an_action_without_a_rule_is_a_sign_in_as_any_other(rig: Rig, action: str) -> None:
    scope = await rig.agency()
    await ask(await administrator(rig, scope))
    start = await rig.browser().get(f"/t/{scope.slug}/auth/start?language=en&action={quote(action)}")
    assert not {"prompt", "max_age"} & sent_with(start).keys()


async def test_asking_for_a_weaker_action_opens_no_stronger_one(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await ask(ctx, EXPORT, acr="high")
    await ask(ctx, APPROVE, minutes=60)
    browser = await signed_in(rig, scope)
    assert (await step_up(rig, browser, scope, APPROVE)).status_code == 303
    assert (await actor(rig, scope, browser)).meets == {APPROVE, OWN_ACCESS}
    assert (await export(browser, scope)).status_code == 403


async def test_the_way_there_and_back_does_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await ask(ctx)
    browser = await signed_in(rig, scope)
    count = len(await lines(rig, scope, "seat.add"))
    for _ in range(10):
        await browser.get(f"/t/{scope.slug}/auth/start?language=en&action=export")
    async with tenant_session(rig.ctx(scope)) as session:
        assert len((await session.scalars(select(Session).where(Session.tenant_id == scope.id))).all()) == 1
    assert len(await lines(rig, scope, "seat.add")) == count
    assert (await browser.get(f"/en/{scope.slug}/session/proved")).status_code == 200


async def test_a_program_is_held_to_the_rule_and_another_service_is_not(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    ctx, theirs = await administrator(rig, scope), await administrator_elsewhere(rig, other)
    await ask(ctx, APPROVE)
    for at, ruled in ((ctx, {APPROVE}), (theirs, set())):
        program = AccountIn(name="Export", kind="api", role="administrator", days=30, reason=WHY)
        made = await execute(add_account, at, program)
        async with tenant_session(rig.ctx(at.scope), read_only=True) as session:
            token = read_token(made.text)
            assert token is not None
            caller = await rig.parts.callers.caller(session, at.scope, Credential("token", *token))
        assert caller is not None
        assert caller.actor.ruled - STANDING.keys() == ruled
        if ruled:
            with pytest.raises(StepUpNeeded):
                require_step_up(caller.actor, APPROVE)


async def administrator_elsewhere(rig: Rig, scope: Scope) -> Ctx:
    seat = await rig.seat(scope, "administrator", subject="person-7", name="Nour Haddad")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE, TOKEN_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def test_the_caller_is_still_found_in_one_statement(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await ask(ctx)
    browser = await signed_in(rig, scope)
    asked: list[object] = []
    credential = Credential("session", scope.slug, browser.cookies[session_cookie(scope.slug)])
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        with session.info["driver"].query_logger(asked.append):
            await rig.parts.callers.caller(session, scope, credential)
            await asyncio.sleep(0)
    assert len(asked) == 1


async def test_a_rule_is_set_replaced_and_ended_with_its_lines(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    ctx, theirs = await administrator(rig, scope), await administrator_elsewhere(rig, other)
    first = await ask(ctx)
    second = await ask(ctx, amr="mfa  hwk", minutes=5)
    assert (second.id, second.amr, second.minutes, second.version) == (first.id, ["mfa", "hwk"], 5, first.version + 1)
    assert (await execute(list_step_up, theirs, Nothing())).rules == []
    with pytest.raises(NotFound):
        await execute(end_step_up, theirs, EndRule(id=str(first.id), reason=WHY))
    await execute(end_step_up, ctx, EndRule(id=str(first.id), reason=WHY))
    assert (await execute(list_step_up, ctx, Nothing())).rules == []
    told = [line["assurance"] for line in await lines(rig, scope, "step_up_rule.set")]
    assert told == ["max_age=900", "amr_all=mfa|hwk max_age=300"]
    assert len(await lines(rig, scope, "step_up_rule.end")) == 1


async def test_an_empty_rule_and_an_unknown_action_are_refused_together(rig: Rig) -> None:
    ctx = await administrator(rig, await rig.agency())
    with pytest.raises(Invalid) as refused:
        await execute(set_step_up, ctx, RuleIn(action="vote", reason=WHY))
    assert [fault.pointer for fault in refused.value.faults] == ["/action", "/minutes"]


async def test_the_page_sets_a_rule_and_shows_what_the_readers_own_sign_in_would_do(rig: Rig) -> None:
    scope = await rig.agency()
    await administrator(rig, scope)
    vouch(rig, amr=["pwd", "mfa"])
    browser = await signed_in(rig, scope)
    page = await browser.get(f"/fr/{scope.slug}/people/step-up")
    assert "amr=pwd|mfa" in page.text
    assert "Votre identité prouvée le" in page.text
    assert all(f'value="{action}"' in page.text for action in ACTIONS)
    token = unescape(re.findall(r'name="_token" value="([^"]+)"', page.text)[-1])
    form = {"_token": token, "action": "plugin", "minutes": "30", "acr": "", "amr": "mfa", "acrs": "", "reason": WHY}
    sent = await browser.post(f"/fr/{scope.slug}/people/step-up", form)
    assert sent.status_code == 303
    shown = await browser.get(urlsplit(sent.headers["location"]).path)
    assert "Votre connexion suffit en ce moment" in shown.text
    assert UUID(re.findall(r"/people/step-up/([0-9a-f-]{36})/end", shown.text)[0])
