"""A passkey or a sheet of codes is made by whoever has just proved who they are, and by nobody who saw one code."""

from __future__ import annotations

import re
from datetime import timedelta

import httpx2
import pytest

from auth.member.service import print_codes
from auth.step_up.rules import MINUTES, STANDING
from auth.step_up.schemas import RuleIn
from auth.step_up.service import set_step_up
from core.database.sessions import tenant_session
from core.errors import StepUpNeeded
from core.tokens import read_token
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.step_up import OWN_ACCESS
from core.web.callers import Credential
from tests.auth.hostile import sets
from tests.auth.member.authenticator import Authenticator
from tests.auth.member.officers import Member, approach, selected
from tests.auth.member.test_pages import OWN, send
from tests.auth.member.test_session import caller_of, inside
from tests.auth.red_button.scene import program
from tests.auth.rig import Browser, Rig, sent_with
from tests.auth.test_people import WHY

TOO_LONG = timedelta(minutes=MINUTES, seconds=1)
PRINTED = re.compile(r"<code>([0-9A-Z-]{24})</code>")


async def at_work(member: Member, *, ago: int = 0) -> Browser:
    """Return the browser of the officer, signed in by a provider that says when they proved who they are."""
    vouch(member.rig, ago=ago)
    browser = member.rig.browser()
    assert (await member.rig.sign_in(browser, member.scope)).status_code == 303
    return browser


def vouch(rig: Rig, *, ago: int = 0) -> None:
    rig.hostile.claims = sets(auth_time=int(rig.platform.clock.now().timestamp()) - ago)


async def ask(member: Member, browser: Browser, path: str = f"{OWN}/codes") -> httpx2.Response:
    return await send(browser, f"/en/{member.scope.slug}", OWN, path)


async def by_code(member: Member, browser: Browser) -> None:
    """Come in by the next code, in a browser that may be in already."""
    door = await approach(member.rig, member.scope, browser)
    assert (await door.code(member.codes.pop())).status_code == 303


@pytest.mark.parametrize("path", [f"{OWN}/codes", f"{OWN}/passkeys"])
async def test_whoever_signed_in_long_ago_proves_it_anew_first(rig: Rig, path: str) -> None:
    member = await selected(rig)
    browser = await at_work(member, ago=MINUTES * 60 + 1)
    refused = await ask(member, browser, path)
    assert refused.status_code == 403
    assert "Prove once more who you are" in refused.text
    assert await member.lines("member_access.print") == []
    start = await browser.get(f"/t/{member.scope.slug}/auth/start?language=en&next=&action={OWN_ACCESS}")
    sent = sent_with(start)
    assert (sent["prompt"], sent["max_age"]) == ("login", str(MINUTES * 60))
    vouch(rig)
    await rig.finish(browser, member.scope, sent)
    done = await ask(member, browser, path)
    assert (done.status_code, bool(PRINTED.search(done.text))) in {(200, True), (303, False)}


async def test_the_line_keeps_how_it_was_proved(rig: Rig) -> None:
    member = await selected(rig)
    assert (await ask(member, await at_work(member))).status_code == 200
    (line,) = await member.lines("member_access.print")
    assert line.assurance is not None
    assert line.assurance["at"]


async def test_a_passkey_that_was_begun_is_not_added_once_the_proof_is_old(rig: Rig) -> None:
    member = await selected(rig)
    browser = await at_work(member, ago=MINUTES * 60 - 60)
    begun = await ask(member, browser, f"{OWN}/passkeys")
    path = begun.headers["location"].removeprefix(f"/en/{member.scope.slug}")
    rig.platform.clock.advance(timedelta(minutes=2))
    assert (await send(browser, f"/en/{member.scope.slug}", path, path, name="Mine", passkey="{}")).status_code == 403
    assert await member.lines("passkey.add") == []


async def test_one_code_lets_somebody_in_and_makes_no_other_way(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    browser = await inside(member)
    for path in (f"{OWN}/codes", f"{OWN}/passkeys"):
        assert (await ask(member, browser, path)).status_code == 403
    assert "You are in already." in (await browser.get(f"/t/{member.scope.slug}/member?language=en")).text
    await by_code(member, browser)
    assert PRINTED.search((await ask(member, browser)).text)


async def test_a_second_code_counts_in_the_same_browser_only_and_for_its_own_officer(rig: Rig) -> None:
    member = await selected(rig)
    other = await selected(rig, member.scope, subject="person-2", number="E-2")
    await member.print()
    await other.print()
    browser = await inside(member)
    assert (await ask(member, await inside(member))).status_code == 403
    await by_code(other, browser)
    assert (await ask(other, browser)).status_code == 403


async def test_of_the_last_code_nothing_more_is_asked_for_nothing_else_is_left(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    while len(member.codes) > 1:
        assert await member.enters()
    assert PRINTED.search((await ask(member, await inside(member))).text)


async def test_while_there_is_a_passkey_the_last_code_is_one_as_any_other(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    await member.add(device)
    await member.print()
    while len(member.codes) > 1:
        assert await member.enters()
    browser = await inside(member)
    assert (await ask(member, browser)).status_code == 403
    door = await approach(rig, member.scope, browser)
    assert (await door.passkey(device.sign(door.options))).status_code == 303
    assert PRINTED.search((await ask(member, browser)).text)


async def test_a_passkey_is_proof_enough_for_as_long_as_it_is_fresh(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    await member.add(device)
    door = await approach(rig, member.scope)
    await door.passkey(device.sign(door.options))
    assert (await ask(member, door.browser, f"{OWN}/passkeys")).status_code == 303
    rig.platform.clock.advance(TOO_LONG)
    assert (await ask(member, door.browser, f"{OWN}/passkeys")).status_code == 403


async def test_a_rule_of_the_service_names_other_minutes_or_asks_more(rig: Rig) -> None:
    member = await selected(rig)
    seat = await rig.seat(member.scope, subject="person-9")
    administrator = rig.platform.ctx(member.scope, "seat.read", "seat.manage", seat=seat)
    browser = await at_work(member, ago=MINUTES * 60 + 1)
    await execute(set_step_up, administrator, RuleIn(action=OWN_ACCESS, minutes=60, reason=WHY))
    assert (await ask(member, browser)).status_code == 200
    await execute(set_step_up, administrator, RuleIn(action=OWN_ACCESS, acr="high", reason=WHY))
    assert (await ask(member, browser)).status_code == 403
    browser = await at_work(member)
    assert (await ask(member, browser)).status_code == 403, "the rule asks for acr, and the minutes stay"


async def test_no_program_makes_one(rig: Rig) -> None:
    scope = await rig.agency()
    text = await program(rig, scope, "member")
    secret = read_token(text)
    assert secret is not None
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        caller = await rig.parts.callers.caller(session, scope, Credential("token", *secret))
    assert caller is not None
    ctx = rig.platform.ctx(scope).acting_as(caller.actor)
    with pytest.raises(StepUpNeeded):
        await execute(print_codes, ctx, Nothing())


async def test_it_is_asked_of_everybody_and_met_by_who_signed_in_just_now(rig: Rig) -> None:
    member = await selected(rig)
    caller = await caller_of(rig, member.scope, await at_work(member))
    assert caller is not None
    assert caller.actor.ruled == STANDING.keys() == caller.actor.meets
