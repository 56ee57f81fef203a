"""One press, and nothing lets anybody in: sessions, programs, directories, sign-ins and requests under way."""

from __future__ import annotations

import asyncio
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from auth.models import ApiToken, Session
from auth.red_button import pressing
from auth.red_button.models import SignInStop
from auth.red_button.schemas import PressIn, ResumeIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button, resume_sign_in
from auth.schemas import SeatIn
from auth.secrets import session_cookie
from auth.service import SEAT_MANAGE, add_seat
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, NotFound, Refused, Unauthenticated
from core.use_cases.execution import execute
from core.web.callers import Caller, Credential, StillIn
from tests.auth.red_button.scene import (
    WHY,
    call,
    changed,
    come,
    every_row,
    form_token,
    is_in,
    press,
    program,
    send,
    sign_in,
    told,
)
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.auth.test_backchannel import honest, signed

TO_STOP = "/api/v1/red-button"


async def stops(rig: Rig, scope: Scope) -> list[SignInStop]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(SignInStop).where(SignInStop.scope_id == scope.id)
        return list(await session.scalars(chosen.order_by(SignInStop.id)))


async def acting(rig: Rig, scope: Scope, *permissions: str, subject: str = "person-1") -> Ctx:
    seat = await rig.seat(scope, "administrator", subject=subject)
    ctx = rig.platform.ctx(scope, *permissions)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def test_nobody_and_no_program_comes_in_after_a_press_and_every_other_row_stays(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    seat = await rig.seat(scope, "administrator")
    officer = await rig.seat(scope, "privacy", subject="person-2", name="Alix Roy")
    await rig.seat(other, "administrator", subject="person-3")
    administrator, colleague, elsewhere = (
        await come(rig, scope),
        await come(rig, scope, "person-2"),
        await come(rig, other, "person-3"),
    )
    api, scim = await program(rig, scope, made_by=seat), await program(rig, scope, made_by=seat, kind="scim")
    theirs = await program(rig, other)
    before = await every_row(rig.platform.database)
    pressed = await press(administrator, scope)
    assert pressed.status_code == 200
    assert "It took effect at once" in pressed.text
    header = pressed.text.split("<header>")[1].split("</header>")[0]
    assert f"/en/{scope.slug}/" not in header.replace(f'href="/en/{scope.slug}/"', ""), "which leads nowhere now"
    assert 'id="seat"' not in header
    assert "only the operator of the platform can let people sign in again" in pressed.text
    assert "Come in by a break-glass account" not in pressed.text
    after = await every_row(rig.platform.database)
    found = changed(before, after)
    assert found.pop("session") == (0, 2, 0)
    assert found.pop("api_token") == (0, 2, 0)
    assert found.pop("sign_in_stop") == (1, 0, 0)
    assert found.pop("idempotency") == (1, 0, 0)
    assert all(removed == altered == 0 for _, altered, removed in found.values())
    assert found.keys() == {"audit_line", "audit_pending", "event", "job", "notification"}
    assert [await is_in(one, scope) for one in (administrator, colleague)] == [False, False]
    assert (await call(rig, api)).status_code == 401
    assert (await call(rig, scim, f"/t/{scope.slug}/scim/v2/Users")).status_code == 401
    refused = await sign_in(rig, rig.browser(), scope)
    assert refused.status_code == 403
    assert "Signing in to this service is stopped" in refused.text
    assert await is_in(elsewhere, other)
    assert (await call(rig, theirs)).status_code == 200
    assert await lines(rig, scope, "sign_in_stop.press") == [{"sessions_ended": 2, "tokens_ended": 2}]
    assert await told(rig, scope, officer) == ["%(by)s stopped all signing in to your service."]


async def test_a_sign_in_under_way_is_refused_at_its_return_with_one_line(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    administrator, late = await come(rig, scope), rig.browser()
    sent = await rig.begin(late, scope)
    await press(administrator, scope)
    refused = await rig.finish(late, scope, sent)
    assert refused.status_code == 403
    assert [line["why"] for line in await lines(rig, scope, "sign_in.refused")] == ["stopped"]
    french = await rig.start(rig.browser(), scope, language="fr")
    assert "La connexion à ce service est arrêtée" in french.text


async def test_the_providers_word_is_taken_no_more(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    await press(await come(rig, scope), scope)
    answer = await rig.browser().post(f"/t/{scope.slug}/auth/backchannel", {"logout_token": signed(rig, honest(rig))})
    assert (answer.status_code, answer.json()["error_description"]) == (400, "stopped")


async def test_a_request_under_way_fails_at_its_next_statement(rig: Rig) -> None:
    """The caller was found; then, while the body was still coming in, somebody pressed."""
    scope = await rig.agency()
    ctx = await acting(rig, scope, SEAT_MANAGE)
    slow = await come(rig, scope)
    credential = Credential("session", scope.slug, slow.cookies[session_cookie(scope.slug)])
    still = StillIn(rig.parts.callers, scope, credential, Caller(ctx.actor))
    person = SeatIn(name="Nour Haddad", language="fr", reason=WHY)
    await execute(add_seat, ctx, person, still=still)
    async with tenant_session(ctx) as open_before:
        await still(open_before)
        await press(await come(rig, scope), scope)
        with pytest.raises(Unauthenticated):
            await still(open_before)
    with pytest.raises(Unauthenticated):
        await execute(add_seat, ctx, person, still=still)
    assert len(await lines(rig, scope, "seat.add")) == 1


async def test_a_body_that_comes_in_slowly_is_worth_nothing_after_the_press(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    administrator = await come(rig, scope)
    token = await program(rig, scope)
    begun, pressed = asyncio.Event(), asyncio.Event()

    async def body() -> Any:
        begun.set()
        await pressed.wait()
        yield msgspec.json.encode({"name": "Eve", "language": "en", "reason": WHY})

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    calling = asyncio.create_task(rig.browser()._client.post("/api/v1/seats", content=body(), headers=headers))
    await begun.wait()
    await press(administrator, scope)
    pressed.set()
    assert (await calling).status_code == 401
    assert await lines(rig, scope, "seat.add") == []


async def test_what_a_request_under_way_still_writes_lets_nobody_in_even_once_the_stop_is_lifted(rig: Rig) -> None:
    """A session and a token that a second connection commits after the press are as dead as the rest."""
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    administrator, late = await come(rig, scope), await come(rig, scope)
    token = await program(rig, scope)
    await press(administrator, scope)
    rig.platform.clock.advance(timedelta(seconds=5))
    async with tenant_session(rig.ctx(scope)) as session:
        for row in (await session.scalars(select(Session).where(Session.tenant_id == scope.id))).all():
            row.ended_at = None
        for key in (await session.scalars(select(ApiToken).where(ApiToken.tenant_id == scope.id))).all():
            key.revoked_at = None
        (stop,) = (await session.scalars(select(SignInStop).where(SignInStop.scope_id == scope.id))).all()
        assert not await is_in(late, scope)
        stop.lifted_at = rig.platform.clock.now() + timedelta(seconds=5)
    rig.platform.clock.advance(timedelta(minutes=1))
    assert not await is_in(late, scope)
    assert (await call(rig, token)).status_code == 401
    assert await is_in(await come(rig, scope), scope)
    assert (await call(rig, await program(rig, scope))).status_code == 200


async def test_presses_at_the_same_moment_are_one(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    await rig.seat(scope, "administrator", subject="person-2")
    browsers = [await come(rig, scope), await come(rig, scope, "person-2")]
    token = await program(rig, scope)
    pages = [await one.get(f"/en/{scope.slug}/emergency/stop") for one in browsers]
    assert all("What will happen" in page.text for page in pages)
    answers = await asyncio.gather(
        *(press(one, scope) for one in browsers),
        call(rig, token, TO_STOP, reason=WHY, understood=True),
        return_exceptions=True,
    )
    assert len(await stops(rig, scope)) == 1, answers
    assert len(await lines(rig, scope, "sign_in_stop.press")) == 1
    assert [await is_in(one, scope) for one in browsers] == [False, False]


async def test_a_form_that_is_sent_twice_presses_once(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    other = await rig.seat(scope, "member", subject="person-2")
    browser = await come(rig, scope)
    path = f"/en/{scope.slug}/emergency/accounts/{other}/stop"
    page = await browser.get(path)
    form = {"_token": form_token(page), "reason": WHY, "understood": "true"}
    answers = [await browser.post(path, form) for _ in range(2)]
    assert [one.status_code for one in answers] == [303, 303]
    assert len(await stops(rig, scope)) == 1


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_one_account_is_stopped_and_nobody_else(rig: Rig, language: str) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    seat = await rig.seat(scope, "coordinator", subject="person-2", name="Alix Roy")
    administrator, theirs = await come(rig, scope), await come(rig, scope, "person-2")
    tokens = [await program(rig, scope, made_by=seat), await program(rig, scope, made_by=seat, kind="scim")]
    mine = await program(rig, scope)
    page = await send(
        administrator, scope, f"/emergency/accounts/{seat}/stop", language=language, reason=WHY, understood="true"
    )
    assert page.status_code == 303
    shown = await administrator.get(page.headers["location"])
    assert {"en": "Signing in to this account is stopped.", "fr": "La connexion à ce compte est arrêtée."}[
        language
    ] in shown.text
    assert [await is_in(one, scope) for one in (administrator, theirs)] == [True, False]
    assert (await call(rig, tokens[0])).status_code == 401
    assert (await call(rig, tokens[1], f"/t/{scope.slug}/scim/v2/Users")).status_code == 401
    assert (await call(rig, mine)).status_code == 200
    stopped = await sign_in(rig, rig.browser(), scope, "person-2")
    unknown = await sign_in(rig, rig.browser(), scope, "nobody")

    def plain(answer: Any) -> str:
        return str(answer.text).replace(answer.headers.get("x-request-id", "-"), "")

    assert stopped.status_code == unknown.status_code == 403
    assert plain(stopped) == plain(unknown), "whether the account exists is not told"
    assert [line["why"] for line in await lines(rig, scope, "sign_in.refused")] == ["account_stopped", "no_seat"]
    (row,) = await stops(rig, scope)
    again = await send(
        administrator, scope, f"/emergency/accounts/{seat}", f"/emergency/stops/{row.id}/resume", reason=WHY
    )
    assert again.status_code == 303
    assert not await is_in(theirs, scope), "what was ended stays ended"
    rig.platform.clock.advance(timedelta(seconds=1))
    assert await is_in(await come(rig, scope, "person-2"), scope)


async def test_a_foreign_id_stops_nobody(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    ctx = await acting(rig, scope, RED_BUTTON_PRESS)
    foreign = await rig.seat(other, "administrator", subject="person-2")
    for seat in (str(foreign), "nobody"):
        with pytest.raises(NotFound):
            await execute(press_red_button, ctx, PressIn(seat=seat, reason=WHY, understood=True))
    theirs = await acting(rig, other, RED_BUTTON_PRESS, subject="person-4")
    await execute(press_red_button, theirs, PressIn(seat=str(foreign), reason=WHY, understood=True))
    (row,) = await stops(rig, other)
    for text in (str(row.id), "nothing"):
        with pytest.raises(NotFound):
            await execute(resume_sign_in, ctx, ResumeIn(id=text, reason=WHY))
    assert (await stops(rig, other))[0].lifted_at is None
    assert await stops(rig, scope) == []


async def test_who_has_not_read_what_will_happen_or_may_not_presses_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    await acting(rig, scope, RED_BUTTON_PRESS)
    with pytest.raises(Forbidden):
        await execute(press_red_button, rig.platform.ctx(scope), PressIn(reason=WHY, understood=True))
    await rig.seat(scope, "coordinator", subject="person-2")
    assert (await (await come(rig, scope, "person-2")).get(f"/en/{scope.slug}/emergency/stop")).status_code == 403
    administrator = await come(rig, scope)
    for sent in ({}, {"understood": ""}, {"understood": "false"}):
        page = await send(administrator, scope, "/emergency/stop", reason=WHY, **sent)
        assert page.status_code == 422
        assert "Read what will happen, and tick the box." in page.text
    nothing = await send(administrator, scope, "/emergency/stop", reason="")
    assert re.findall(r'<li><a href="#f-(\w+)">', nothing.text) == ["reason", "understood"]
    assert await stops(rig, scope) == []


async def test_a_program_that_has_not_read_what_will_happen_presses_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    token = await program(rig, scope)
    for sent in ({}, {"understood": False}):
        answer = await call(rig, token, TO_STOP, reason=WHY, **sent)
        assert answer.status_code == 422
        assert [one["pointer"] for one in answer.json()["errors"]] == ["/understood"]
    assert await stops(rig, scope) == []


async def test_a_program_that_watches_presses_and_is_itself_out(rig: Rig) -> None:
    scope = await rig.agency()
    token = await program(rig, scope)
    assert (await call(rig, token, TO_STOP)).json()["reach"] == {"sessions": 0, "programs": 1, "directories": 0}
    answer = await call(rig, token, TO_STOP, reason=WHY, understood=True)
    assert answer.status_code == 201
    assert answer.json()["ended"] == {"sessions": 0, "programs": 1, "directories": 0}
    assert (await call(rig, token, TO_STOP)).status_code == 401


async def test_an_administrator_who_is_still_being_answered_lets_nobody_in_again(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await acting(rig, scope, RED_BUTTON_PRESS)
    await execute(press_red_button, ctx, PressIn(reason=WHY, understood=True))
    (row,) = await stops(rig, scope)
    with pytest.raises(Refused, match="break-glass"):
        await execute(resume_sign_in, ctx, ResumeIn(id=str(row.id), reason=WHY))
    with pytest.raises(Refused, match="already"):
        await execute(press_red_button, ctx, PressIn(reason=WHY, understood=True))
    assert pressing.PAGE == "/emergency"
