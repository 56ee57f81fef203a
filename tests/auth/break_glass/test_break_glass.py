"""Both halves, once, for an hour; wrong ones say nothing; and the way back into a service where sign-in is stopped."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from sqlalchemy import select

from auth.break_glass.gates import break_glass_ready
from auth.break_glass.halves import new_half, read_half
from auth.break_glass.schemas import ChangeIn, CustodianIn, DrawIn
from auth.break_glass.service import (
    add_break_glass,
    draw_half,
    end_break_glass,
    list_break_glass,
    renew_break_glass,
)
from auth.models import BREAK_GLASS, IdentityProvider, Session
from auth.red_button.models import SignInStop
from auth.schemas import GrantIn, SwitchSeat
from auth.secrets import session_cookie
from auth.service import SEAT_MANAGE, grant_role, switch_seat
from auth.setup.gates import ENFORCING
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, NotFound, Refused
from core.limits.policies import BREAK_GLASS as TRIES
from core.tokens import digest
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.web.callers import Credential
from tests.auth.break_glass.accounts import managing, ready, rows
from tests.auth.red_button.scene import (
    WHY,
    came_in,
    come,
    drawn,
    enter,
    halves,
    is_in,
    press,
    send,
    told,
    work_off,
)
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.rig import Browser, Rig


def plain(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.text.replace(answer.headers.get("x-request-id", "-"), "")


async def test_both_halves_let_one_person_in_while_the_provider_is_down_and_everybody_hears_it(rig: Rig) -> None:
    scope, operator = await rig.agency(), rig.platform.operator
    administrator = await rig.seat(scope, "administrator")
    privacy = await rig.seat(scope, "privacy", subject="person-2")
    await work_off(rig, operator)  # What other services left to do is told to nobody who comes later.
    watch = await rig.seat(operator, "operator", subject=f"watch of {scope.slug}")
    first, second = await halves(rig, await come(rig, scope), scope)
    (kept,) = await rows(rig, scope)
    assert (kept.first_digest, kept.second_digest) == (digest(read_half(first) or ""), digest(read_half(second) or ""))
    assert await ready(rig, scope)
    await change_provider(rig, scope, state="off")
    browser = await came_in(rig, scope, second.lower().replace("-", " "), first)
    page = await browser.get(f"/en/{scope.slug}/people")
    assert page.status_code == 200
    assert "Break-glass: Administrator" in page.text
    assert (await browser.get(f"/fr/{scope.slug}/session")).status_code == 200
    assert (await browser.get(f"/en/{scope.slug}/officers")).status_code in {403, 404}, "an administrator's rights only"
    assert await lines(rig, scope, "break_glass.enter") == [{"custodian": "Alix Roy"}]
    alarm = "Alarm: the break-glass account of %(custodian)s was used just now."
    assert [(await told(rig, scope, seat))[-1:] for seat in (administrator, privacy)] == [[alarm], [alarm]]
    await work_off(rig, operator)
    assert (await told(rig, operator, watch))[-1] == "Alarm: a break-glass account of %(service)s was used."
    assert not await ready(rig, scope), "each use needs new halves"
    assert (await enter(rig, scope, first, second)).status_code == 403


async def test_the_session_lasts_an_hour_whatever_is_done_in_it(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = await came_in(rig, scope, *(await halves(rig, await come(rig, scope), scope)))
    for _ in range(5):
        rig.platform.clock.advance(timedelta(minutes=10))
        assert await is_in(browser, scope)
        await rig.parts.renewals.write(rig.platform.database)
    rig.platform.clock.advance(timedelta(minutes=9, seconds=59))
    assert await is_in(browser, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert not await is_in(browser, scope)


async def test_signing_out_of_it_leads_to_the_chooser(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = await came_in(rig, scope, *(await halves(rig, await come(rig, scope), scope)))
    answer = await send_out(browser, scope)
    assert (answer.status_code, answer.headers["location"]) == (303, "/en/")
    assert not await is_in(browser, scope)


async def send_out(browser: Browser, scope: Scope) -> httpx2.Response:
    page = await browser.get(f"/en/{scope.slug}/session")
    token = page.text.split('name="_token" value="')[-1].split('"')[0]
    return await browser.post(f"/t/{scope.slug}/auth/logout?language=en", {"_token": token})


async def test_it_lets_people_sign_in_again_where_signing_in_was_stopped(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    administrator = await come(rig, scope)
    secret = await halves(rig, administrator, scope)
    await press(administrator, scope)
    rig.platform.clock.advance(timedelta(minutes=3))
    browser = await came_in(rig, scope, *secret)
    page = await browser.get(f"/en/{scope.slug}/emergency")
    assert "All signing in is stopped" in page.text
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        stop = (await session.scalars(select(SignInStop).where(SignInStop.scope_id == scope.id))).one()
    done = await send(browser, scope, "/emergency", f"/emergency/stops/{stop.id}/resume", reason="the door is closed")
    assert done.status_code == 303
    assert await told(rig, scope, seat) == [
        "%(by)s stopped all signing in to your service.",
        "Alarm: the break-glass account of %(custodian)s was used just now.",
        "%(by)s lets people sign in to your service again.",
    ]
    assert await is_in(browser, scope)
    assert not await is_in(administrator, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert await is_in(await come(rig, scope), scope)
    assert await lines(rig, scope, "sign_in_stop.resume") == [{}]


async def test_whoever_pressed_by_it_stays_and_another_press_ends_it(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    administrator = await come(rig, scope)
    mine = await came_in(rig, scope, *(await halves(rig, administrator, scope)))
    thiefs = await came_in(rig, scope, *(await halves(rig, administrator, scope, "Nour Haddad")))
    rig.platform.clock.advance(timedelta(seconds=1))
    assert (await press(mine, scope)).status_code == 200
    assert [await is_in(one, scope) for one in (mine, thiefs, administrator)] == [True, False, False]


async def test_wrong_halves_say_nothing(rig: Rig) -> None:
    scope, bare = await rig.agency(), await rig.agency()
    seat = await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    first, second = await halves(rig, browser, scope)
    other_first, _ = await halves(rig, browser, scope, "Nour Haddad")
    used = await halves(rig, browser, scope, "Used")
    await came_in(rig, scope, *used)
    said = [
        plain(await enter(rig, where, *pair))
        for where, pair in (
            (scope, (new_half(), new_half())),
            (scope, (first, new_half())),
            (scope, (other_first, second)),
            (scope, (first, first)),
            (scope, used),
        )
    ]
    assert len(set(said)) == 1
    assert said[0][0] == 403
    elsewhere = plain(await enter(rig, bare, first, second))
    assert elsewhere[0] == 403
    assert "These two halves do not open this service." in elsewhere[1]
    assert len(await lines(rig, scope, "break_glass.refused")) == 4, (
        "who has one half is in the log, who guesses is not"
    )
    assert await lines(rig, bare, "break_glass.refused") == []
    assert "Somebody tried to enter with one half of the break-glass account of %(custodian)s." in await told(
        rig, scope, seat
    )
    assert await ready(rig, scope), "and the halves are still good"
    assert (await enter(rig, scope, first, second)).status_code == 303


@pytest.mark.parametrize(
    ("language", "words"), [("en", "was not typed as it is printed"), ("fr", "n’a pas été saisie telle")]
)
async def test_a_slip_is_told_at_its_field_and_nothing_typed_is_shown_again(
    rig: Rig, language: str, words: str
) -> None:
    scope = await rig.agency()
    made = new_half()
    answer = await rig.browser().post(
        f"/t/{scope.slug}/auth/break-glass?language={language}", {"first": made, "second": made[:-1]}
    )
    assert answer.status_code == 422
    said = answer.text.split('<form class="form"')[1]
    assert said.split('class="err" id="f-second-error"')[1].split("</p>")[0].count(words) == 1
    assert 'href="#f-second"' in said, "and above the form, as at every other"
    assert "f-first-error" not in said
    assert made not in answer.text


@pytest.mark.parametrize(("language", "words"), [("en", "Fill this in."), ("fr", "Remplissez ce champ.")])
async def test_a_half_that_was_left_empty_is_asked_for(rig: Rig, language: str, words: str) -> None:
    scope = await rig.agency()
    answer = await rig.browser().post(f"/t/{scope.slug}/auth/break-glass?language={language}", {"first": " "})
    assert answer.status_code == 422
    for name in ("first", "second"):
        assert words in answer.text.split(f'id="f-{name}-error"')[1].split("</p>")[0]


async def test_tries_have_an_end_at_one_address_and_others_go_on(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    secret = await halves(rig, await come(rig, scope), scope)
    guesser = rig.browser()
    said = [(await enter(rig, scope, new_half(), new_half(), guesser)).status_code for _ in range(TRIES.quota + 1)]
    assert said == [403] * TRIES.quota + [429]
    assert (await enter(rig, scope, *secret, guesser)).status_code == 429
    assert (await enter(rig, scope, *secret)).status_code == 303


async def test_the_same_halves_at_the_same_moment_let_one_in(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    secret = await halves(rig, await come(rig, scope), scope)
    answers = await asyncio.gather(*(enter(rig, scope, *secret) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [303, 403, 403, 403]
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(Session).where(Session.tenant_id == scope.id, Session.kind == BREAK_GLASS)
        assert len((await session.scalars(chosen)).all()) == 1


async def test_a_form_of_another_site_lets_nobody_in(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    first, second = await halves(rig, await come(rig, scope), scope)
    address = f"/t/{scope.slug}/auth/break-glass"
    sent = {"first": first, "second": second}
    answer = await rig.browser().post(address, sent, sec_fetch_site="cross-site")
    assert answer.status_code == 403
    assert (await rig.browser().get(f"{address}?first={first}&second={second}")).status_code == 200
    assert await ready(rig, scope)


async def test_the_last_one_stays_while_a_provider_is_in_force(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await managing(rig, scope)
    browser = await come(rig, scope, "person-9")
    await halves(rig, browser, scope, "One")
    one = (await rows(rig, scope))[0]
    with pytest.raises(Refused, match="No other break-glass account"):
        await execute(end_break_glass, ctx, ChangeIn(id=str(one.id), reason=WHY))
    await halves(rig, browser, scope, "Two")
    both = [str(row.id) for row in await rows(rig, scope)]
    another = await managing(rig, scope, "person-8")
    done = await asyncio.gather(
        execute(end_break_glass, ctx, ChangeIn(id=both[0], reason=WHY)),
        execute(end_break_glass, another, ChangeIn(id=both[1], reason=WHY)),
        return_exceptions=True,
    )
    assert sum(isinstance(answer, Refused) for answer in done) == 1, "two who end one each leave one"
    assert await ready(rig, scope)
    await change_provider(rig, scope, state="off")
    (left,) = (await execute(list_break_glass, ctx, Nothing())).accounts
    assert (await execute(end_break_glass, ctx, ChangeIn(id=str(left.id), reason=WHY))).accounts == []


async def test_programs_hand_out_nothing_and_another_services_account_is_not_there(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    ctx, theirs = await managing(rig, scope), await managing(rig, other, "person-7")
    (account,) = (await execute(add_break_glass, theirs, CustodianIn(custodian="Safe", reason=WHY))).accounts
    token = replace(theirs, actor=msgspec.structs.replace(theirs.actor, kind="token"))
    key = str(account.id)
    calls: list[tuple[Any, Any]] = [
        (draw_half, DrawIn(id=key, half="first")),
        (renew_break_glass, ChangeIn(id=key, reason=WHY)),
        (end_break_glass, ChangeIn(id=key, reason=WHY)),
    ]
    for case, data in calls:
        with pytest.raises(NotFound):
            await execute(case, ctx, data)
        with pytest.raises(Refused):
            await execute(case, token, data)
        with pytest.raises(Forbidden):
            await execute(case, rig.platform.ctx(other), data)
    assert (await execute(list_break_glass, ctx, Nothing())).accounts == []


async def test_its_seat_signs_in_by_no_provider_and_decides_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    secret = await halves(rig, await come(rig, scope), scope)
    (row,) = await rows(rig, scope)
    ctx = rig.platform.ctx(scope)
    async with tenant_session(ctx, read_only=True) as session:
        assert row.seat_id not in {one.id for one in await ctx.people.holders(session, "administrator")}
    browser = await came_in(rig, scope, *secret)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        credential = Credential("session", scope.slug, browser.cookies[session_cookie(scope.slug)])
        caller = await rig.parts.callers.caller(session, scope, credential)
    assert caller is not None
    assert (caller.actor.id, caller.actor.roles, caller.actor.officer_id) == (
        row.seat_id,
        frozenset({"administrator"}),
        None,
    )


async def test_its_seat_is_not_let_in_for_every_day_nor_given_a_role(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    await halves(rig, await come(rig, scope), scope)
    (row,) = await rows(rig, scope)
    ctx = rig.platform.ctx(scope, SEAT_MANAGE)
    let_in = SwitchSeat(id=str(row.seat_id), active=True, reason=WHY)
    given = GrantIn(id=str(row.seat_id), role="approver", reason=WHY)
    with pytest.raises(Refused, match="break-glass"):
        await execute(switch_seat, ctx, let_in)
    with pytest.raises(Refused, match="break-glass"):
        await execute(grant_role, ctx, given)


async def test_an_account_has_one_session_and_new_halves_end_a_thiefs(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    administrator = await come(rig, scope)
    thief = await came_in(rig, scope, *(await halves(rig, administrator, scope)))
    custodian = await came_in(rig, scope, *(await drawn(rig, administrator, scope)))
    assert [await is_in(one, scope) for one in (thief, custodian)] == [False, True]
    (row,) = await rows(rig, scope)
    await drawn(rig, administrator, scope)
    path = f"/people/break-glass/{row.id}/renew"
    assert (await send(administrator, scope, "/people/break-glass", path, reason=WHY)).status_code == 303
    assert not await is_in(custodian, scope)


async def test_a_commanders_mission_has_no_such_entrance(rig: Rig) -> None:
    mission = await rig.platform.scope("mission")
    assert (await rig.browser().get(f"/t/{mission.slug}/auth/break-glass")).status_code == 404


async def test_no_provider_is_put_in_force_without_one(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    ctx = rig.platform.ctx(scope)
    async with tenant_session(ctx, read_only=True) as session:
        row = (await session.scalars(select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id))).one()
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        assert break_glass_ready in ENFORCING
        assert not (await break_glass_ready(work, row)).met
        await halves(rig, browser, scope)
        assert (await break_glass_ready(work, row)).met


@pytest.mark.parametrize(("language", "other"), [("en", "fr"), ("fr", "en")])
async def test_the_entrance_leads_to_itself_in_the_other_language(rig: Rig, language: str, other: str) -> None:
    scope = await rig.agency()
    page = await rig.browser().get(f"/t/{scope.slug}/auth/break-glass?language={language}")
    there = f"/t/{scope.slug}/auth/break-glass?language={other}"
    assert f'{there}" lang="{other}"' in page.text
    assert f'<html lang="{other}' in (await rig.browser().get(there)).text
