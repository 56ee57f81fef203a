"""Approval links: whom they let in, how often, and that all others are one page."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import text

from auth.approval_links.links import LASTS
from auth.red_button.schemas import PressIn, ResumeIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button, resume_sign_in
from auth.schemas import SwitchSeat
from auth.secrets import link_cookie, session_cookie
from auth.service import SEAT_MANAGE, switch_seat
from auth.sessions import find_session
from core.approvals.decisions import decide as decide_here
from core.approvals.lifecycle import APPROVAL_DECIDE, APPROVAL_READ
from core.approvals.schemas import DecideIn
from core.database.sessions import tenant_session
from core.tokens import new_secret
from core.use_cases.execution import execute
from tests.auth.approval_links.desk import Desk, decide, make_desk
from tests.auth.hostile import OTHER_ISSUER, sets
from tests.auth.rig import sent_with


async def test_the_provider_is_asked_to_let_the_person_prove_it_now(desk: Desk) -> None:
    start = await desk.start(desk.rig.browser(), await desk.secret())
    assert "prompt=login" in start.headers["location"]
    assert "max_age=0" in start.headers["location"]


async def test_while_two_providers_are_on_the_link_goes_on_through_the_one_that_is_chosen(desk: Desk) -> None:
    await desk.rig.accept(desk.scope, issuer=OTHER_ISSUER, name="The one before", state="retiring")
    browser = desk.rig.browser()
    which = await desk.start(browser, await desk.secret())
    assert which.status_code == 200
    ways = re.findall(r'href="http://localhost:8000(/t/[^"]+provider=[^"]+)"', which.text)
    assert len(ways) == 2
    sent = sent_with(await browser.get(unescape(ways[0])))
    assert (sent["prompt"], sent["max_age"]) == ("login", "0")
    desk.rig.hostile.claims = sets(auth_time=int(desk.rig.platform.clock.now().timestamp()))
    came = await desk.rig.finish(browser, desk.scope, sent)
    assert (await browser.get(came.headers["location"])).status_code == 200


async def test_a_link_ends_with_its_person_and_is_not_good_again_when_they_are_let_in(desk: Desk) -> None:
    secret, ctx = await desk.secret(), desk.ctx(SEAT_MANAGE)
    for active in (False, True):
        await execute(switch_seat, ctx, SwitchSeat(id=str(desk.seat), active=active, reason="They are away."))
    where = f"/en/{desk.scope.slug}/decide/"
    assert (await desk.rig.browser().get(where + secret)).status_code == 404
    shut, _ = await desk.lines("seat.switch")
    assert (shut.after or {})["approval_links_ended"] == 1
    assert [row.secret_sealed for row in await desk.links()] == [None]
    assert (await desk.rig.browser().get(where + await desk.secret())).status_code == 200, "they have another one"


async def test_a_link_from_before_an_emergency_stop_is_not_good_after_it(desk: Desk) -> None:
    secret = await desk.secret()
    presser = desk.rig.platform.ctx(desk.scope, RED_BUTTON_PRESS, seat=await desk.rig.seat(desk.scope, subject="p-9"))
    pressed = await execute(press_red_button, presser, PressIn(seat=str(desk.seat), reason="a thief", understood=True))
    where = f"/en/{desk.scope.slug}/decide/"
    assert (await desk.rig.browser().get(where + secret)).status_code == 404
    await execute(resume_sign_in, presser, ResumeIn(id=str(pressed.stop.id), reason="it was a mistake"))
    assert (await desk.rig.browser().get(where + secret)).status_code == 404
    desk.rig.platform.clock.advance(timedelta(seconds=1))
    assert (await desk.rig.browser().get(where + await desk.secret())).status_code == 200


async def test_what_fetches_the_link_without_a_person_changes_nothing(desk: Desk) -> None:
    secret = await desk.secret()
    before = await rows(desk)
    browser = desk.rig.browser()
    for language in ("en", "fr"):
        for _ in range(10):
            assert (await browser.get(f"/{language}/{desk.scope.slug}/decide/{secret}")).status_code == 200
            head = await browser._client.head(f"/{language}/{desk.scope.slug}/decide/{secret}")
            assert (head.status_code, head.content) == (200, b"")
            assert (await browser.post(f"/{language}/{desk.scope.slug}/decide/{secret}", {})).status_code == 405
    assert await rows(desk) == before
    assert browser.cookies == {}
    assert (await desk.page(browser, secret)).status_code == 200


async def rows(desk: Desk) -> dict[str, int]:
    """Return how many rows of the scope each table of interest has."""
    tables = ("approval_link", "session", "audit_line", "approval_decision", "notification", "event", "idempotency")
    async with tenant_session(desk.ctx(), read_only=True) as session:
        found = {name: await session.scalar(text(f"SELECT count(*) FROM {name}")) for name in tables}
        used = await session.scalar(text("SELECT count(*) FROM approval_link WHERE used_at IS NOT NULL"))
    return {name: count or 0 for name, count in found.items()} | {"used": used or 0}


async def test_opening_the_case_does_not_use_the_link_up(desk: Desk) -> None:
    secret = await desk.secret()
    for _ in range(3):
        assert (await desk.page(desk.rig.browser(), secret)).status_code == 200
    assert await desk.decisions() == []


DEAD: dict[str, Callable[[Desk], Awaitable[str]]] = {}


def dead(make: Callable[[Desk], Awaitable[str]]) -> Callable[[Desk], Awaitable[str]]:
    """Note a way to come by a link that opens nothing."""
    DEAD[make.__name__] = make
    return make


@dead
async def unknown(desk: Desk) -> str:
    return new_secret()


@dead
async def malformed(desk: Desk) -> str:
    return "not-even-one"


@dead
async def tampered(desk: Desk) -> str:
    secret = await desk.secret()
    return ("B" if secret[0] == "A" else "A") + secret[1:]


@dead
async def expired(desk: Desk) -> str:
    secret = await desk.secret()
    desk.rig.platform.clock.advance(LASTS)
    return secret


@dead
async def foreign(desk: Desk) -> str:
    return await (await make_desk(desk.rig)).secret()


@dead
async def used(desk: Desk) -> str:
    secret = await desk.secret()
    browser = desk.rig.browser()
    assert (await decide(browser, await desk.page(browser, secret))).status_code == 303
    return secret


@dead
async def decided_by_another(desk: Desk) -> str:
    other = await desk.rig.seat(desk.scope, "approver", subject="person-2", name="Alix Roy")
    secret = await desk.secret()
    ctx = desk.rig.platform.ctx(desk.scope, APPROVAL_READ, APPROVAL_DECIDE, seat=other)
    await execute(decide_here, ctx, DecideIn(id=desk.case, verdict="approve"))
    return secret


@dead
async def of_somebody_shut_out(desk: Desk) -> str:
    secret = await desk.secret()
    await desk.rig.seat(desk.scope, "administrator", subject="person-3", name="Noor Khan")
    ctx = desk.ctx(SEAT_MANAGE)
    await execute(switch_seat, ctx, SwitchSeat(id=str(desk.seat), active=False, reason="a test"))
    return secret


@dead
async def replaced(desk: Desk) -> str:
    secret = await desk.secret()
    desk.rig.platform.clock.advance(LASTS)
    assert await desk.secret() != secret
    return secret


@pytest.mark.parametrize("how", DEAD)
async def test_a_link_that_opens_nothing_is_one_page_whatever_is_wrong_with_it(desk: Desk, how: str) -> None:
    secret = await DEAD[how](desk)
    browser = desk.rig.browser()
    page = await browser.get(f"/en/{desk.scope.slug}/decide/{secret}")
    other = await browser.get(f"/en/{desk.scope.slug}/decide/{new_secret()}")
    assert (page.status_code, page.content) == (404, other.content)
    assert secret not in page.text
    start = await browser.get(f"/t/{desk.scope.slug}/auth/start?language=en&link={secret}")
    assert start.status_code == 403
    assert "opens nothing any more" in start.text
    assert browser.cookies == {}


async def test_another_persons_link_lets_nobody_in_and_leaves_a_line(desk: Desk) -> None:
    await desk.rig.seat(desk.scope, "approver", "administrator", subject="person-2", name="Alix Roy")
    browser = desk.rig.browser()
    for subject in ("person-2", "nobody-here"):
        refused = await desk.come(browser, await desk.secret(), sub=subject)
        assert refused.status_code == 403
        assert "sent to somebody else" in refused.text
    assert [line.after["why"] for line in await desk.lines("sign_in.refused") if line.after] == ["other_addressee"] * 2
    assert link_cookie(desk.scope.slug) not in browser.cookies
    assert await desk.lines("session.begin") == []


@pytest.mark.parametrize("claims", [{"ago": 3600}, {"auth_time": None}])
async def test_who_has_not_just_proved_who_they_are_does_not_come_in(desk: Desk, claims: dict[str, Any]) -> None:
    refused = await desk.come(desk.rig.browser(), await desk.secret(), **claims)
    assert refused.status_code == 403
    assert [line.after["why"] for line in await desk.lines("sign_in.refused") if line.after] == ["authentication_time"]


async def test_the_session_of_the_browser_stays_beside_the_links(desk: Desk) -> None:
    browser = desk.rig.browser()
    await desk.rig.sign_in(browser, desk.scope)
    mine = browser.cookies[session_cookie(desk.scope.slug)]
    page = await desk.page(browser, await desk.secret())
    assert browser.cookies[session_cookie(desk.scope.slug)] == mine
    own = await browser.get(f"/en/{desk.scope.slug}/session")
    assert "for one decision, by a link" in own.text
    link = browser.cookies.pop(link_cookie(desk.scope.slug))
    gone = await browser.get(str(page.url))
    assert gone.status_code == 401
    assert "open the link once more" in gone.text
    browser.cookies[link_cookie(desk.scope.slug)] = mine
    assert (await browser.get(str(page.url))).status_code == 401
    browser.cookies = {session_cookie(desk.scope.slug): link}
    assert (await browser.get(f"/en/{desk.scope.slug}/session")).status_code == 303


async def test_a_links_session_in_the_place_of_a_seats_is_nobodys(desk: Desk) -> None:
    browser = desk.rig.browser()
    await desk.page(browser, await desk.secret())
    secret, now = browser.cookies[link_cookie(desk.scope.slug)], desk.rig.platform.clock.now()
    async with tenant_session(desk.ctx(), read_only=True) as session:
        assert await find_session(session, desk.scope, secret, now) is None
        assert await find_session(session, desk.scope, secret, now, by_link=True) is not None


async def test_a_links_session_ends_after_an_hour(desk: Desk) -> None:
    browser = desk.rig.browser()
    page = await desk.page(browser, await desk.secret())
    for _ in range(3):
        desk.rig.platform.clock.advance(timedelta(minutes=19))
        assert (await browser.get(str(page.url))).status_code == 200
    desk.rig.platform.clock.advance(timedelta(minutes=3))
    assert (await decide(browser, page)).status_code == 401
