"""Coming in by member access: what opens it, once, in one browser, at one service; and what never does."""

from __future__ import annotations

import asyncio
import json
import re
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from auth.member.codes import digest_of, new_code
from auth.member.models import MemberCode
from core.database.sessions import tenant_session
from core.errors import TooMany
from core.web.problems import TITLES
from tests.auth.member.authenticator import Authenticator, raw, text
from tests.auth.member.officers import Entrance, approach, read_entrance, selected
from tests.auth.rig import Rig


async def test_a_printed_code_opens_once(rig: Rig) -> None:
    member = await selected(rig)
    code = (await member.print())[0]
    assert await member.enters(code)
    assert not await member.enters(code)
    assert await member.refusals() == ["used"]


async def test_of_sheets_printed_at_the_same_moment_one_is_good(rig: Rig) -> None:
    member = await selected(rig)
    await member.print()
    sheets = await asyncio.gather(*(member.print() for _ in range(4)))
    async with tenant_session(member.ctx, read_only=True) as session:
        chosen = select(MemberCode.digest).where(MemberCode.tenant_id == member.scope.id)
        good = set(await session.scalars(chosen))
    assert good in [{digest_of(code) for code in sheet} for sheet in sheets]


@pytest.mark.parametrize("typed", [str.lower, lambda code: code.replace("-", " "), lambda code: f" {code}\n"])
async def test_a_code_may_be_typed_in_any_way(rig: Rig, typed: Callable[[str], str]) -> None:
    member = await selected(rig)
    assert await member.enters(typed((await member.print())[0]))


async def test_a_passkey_opens_again_and_again(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    await member.add(device)
    for _ in range(3):
        door = await approach(rig, member.scope)
        answer = await door.passkey(device.sign(door.options))
        assert (answer.status_code, answer.headers["location"]) == (303, f"/en/{member.scope.slug}/")
        assert (await door.browser.get(f"/en/{member.scope.slug}/my/access")).status_code == 200
    assert [line.after["way"] for line in await member.lines("session.begin") if line.after] == ["passkey"] * 3


async def test_a_passkey_that_does_not_count_opens_too(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator(counts=False)
    await member.add(device)
    for _ in range(2):
        door = await approach(rig, member.scope)
        assert (await door.passkey(device.sign(door.options))).status_code == 303


async def test_of_two_who_use_one_code_at_once_one_gets_in(rig: Rig) -> None:
    member = await selected(rig)
    code = (await member.print())[0]
    doors = [await approach(rig, member.scope) for _ in range(4)]
    answers = await asyncio.gather(*(door.code(code) for door in doors))
    assert sorted(answer.status_code for answer in answers) == [303, 403, 403, 403]


async def test_of_two_answers_to_one_challenge_one_gets_in(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator(counts=False)
    await member.add(device)
    door = await approach(rig, member.scope)
    answer = device.sign(door.options)
    answers = await asyncio.gather(*(door.passkey(answer) for _ in range(4)))
    assert sorted(one.status_code for one in answers) == [303, 403, 403, 403]


async def test_a_count_that_goes_back_is_refused_and_said_in_the_log(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator(count=40)
    await member.add(device)
    copied = Authenticator(key=device.key, id=device.id, handle=device.handle, count=39)
    door = await approach(rig, member.scope)
    assert (await door.passkey(device.sign(door.options))).status_code == 303
    door = await approach(rig, member.scope)
    assert (await door.passkey(copied.sign(door.options))).status_code == 403
    assert await member.refusals() == ["counted_back"]
    door = await approach(rig, member.scope)
    assert (await door.passkey(device.sign(door.options))).status_code == 303, "the first one still counts on"


Fault = Callable[[Authenticator, dict[str, Any]], str]


def _tampered(device: Authenticator, options: dict[str, Any]) -> str:
    sent = json.loads(device.sign(options))
    data = bytearray(raw(sent["response"]["authenticatorData"]))
    data[-1] ^= 1
    sent["response"]["authenticatorData"] = text(bytes(data))
    return json.dumps(sent)


FAULTS: dict[str, Fault] = {
    "another challenge": lambda device, options: device.sign(options | {"challenge": text(bytes(32))}),
    "another origin": lambda device, options: _as(device, origin="https://contingent.example").sign(options),
    "the same origin without its port": lambda device, options: _as(device, origin="http://localhost").sign(options),
    "another relying party": lambda device, options: _as(device, host="contingent.example").sign(options),
    "nobody unlocked the device": lambda device, options: _as(device, verifies=False).sign(options),
    "another key": lambda device, options: _as(device, key=Authenticator().key).sign(options),
    "somebody else's passkey": lambda device, options: _as(device, handle=bytes(16)).sign(options),
    "a count that was written over": _tampered,
    "no signature": lambda device, options: device.sign(options, signature=""),
    "what makes a passkey": lambda device, options: _as(device).make(options | {"user": {"id": text(device.handle)}}),
}
"""Answers of a known passkey that prove nothing."""


def _as(device: Authenticator, **changes: Any) -> Authenticator:
    same: dict[str, Any] = {"key": device.key, "id": device.id, "handle": device.handle, "count": device.count}
    return Authenticator(**same | changes)


@pytest.mark.parametrize("fault", FAULTS)
async def test_an_answer_that_proves_nothing_opens_nothing(rig: Rig, fault: str) -> None:
    member, device = await selected(rig), Authenticator()
    await member.add(device)
    door = await approach(rig, member.scope)
    answer = await door.passkey(FAULTS[fault](device, door.options))
    assert answer.status_code == 403
    assert await member.lines("session.begin") == []
    assert f"__Host-{member.scope.slug}" not in door.browser.cookies
    door = await approach(rig, member.scope)
    assert (await door.passkey(device.sign(door.options))).status_code == 303, "the honest one is as good as before"


NONSENSE = [
    "", "{}", "[]", "null", "\x00", "{" * 5000, '{"id":"a"}',
    '{"id":"é","rawId":"é","type":"public-key","response":{}}',
    json.dumps({"id": "AAAA", "rawId": "AAAA", "type": "public-key", "response": {
        "clientDataJSON": "AAAA", "authenticatorData": "AAAA", "signature": "AAAA"}}),
    "x" * 20_000,
]  # fmt: skip


@pytest.mark.parametrize("sent", NONSENSE, ids=range(len(NONSENSE)))
async def test_nonsense_is_refused_and_fills_no_log(rig: Rig, sent: str) -> None:
    member = await selected(rig)
    for by_passkey in (True, False):
        door = await approach(rig, member.scope)
        answer = await (door.passkey(sent) if by_passkey else door.code(sent))
        assert answer.status_code == 403
    assert await member.refusals() == []


async def test_a_challenge_is_used_up_by_a_failure_too(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    codes = await member.print()
    await member.add(device)
    door = await approach(rig, member.scope)
    assert (await door.code(new_code())).status_code == 403
    again = await door.passkey(device.sign(door.options))
    assert again.status_code == 403
    assert "was used already" in again.text
    fresh = read_entrance(door.browser, door.address, again.text)
    assert (await fresh.code(codes[0])).status_code == 303, "the page that says so holds a fresh one"


async def test_a_challenge_is_good_in_the_browser_that_was_shown_it_alone(rig: Rig) -> None:
    member, device = await selected(rig), Authenticator()
    code = (await member.print())[0]
    await member.add(device)
    door, other = await approach(rig, member.scope), await approach(rig, member.scope)
    elsewhere = Entrance(other.browser, door.address, door.hidden, door.options)
    assert (await elsewhere.passkey(device.sign(door.options))).status_code == 403
    assert (await elsewhere.code(code)).status_code == 403
    nowhere = Entrance(rig.browser(), door.address, door.hidden, door.options)
    assert (await nowhere.code(code)).status_code == 403, "as another site would have it sent"
    assert (await door.code(code)).status_code == 303, "nobody else used it up"


async def test_a_challenge_lasts_minutes(rig: Rig) -> None:
    member = await selected(rig)
    code = (await member.print())[0]
    door = await approach(rig, member.scope)
    rig.platform.clock.advance(timedelta(minutes=16))
    assert "open for too long" in (await door.code(code)).text
    assert await member.enters(code), "the code is not used up by that"


async def test_nothing_of_one_service_opens_another(rig: Rig) -> None:
    member, other = await selected(rig), await selected(rig, number="E-2", subject="person-2")
    device = Authenticator()
    code = (await member.print())[0]
    await member.add(device)
    door = await approach(rig, other.scope)
    assert (await door.code(code)).status_code == 403
    door = await approach(rig, other.scope)
    assert (await door.passkey(device.sign(door.options))).status_code == 403
    door = await approach(rig, member.scope)
    carried = Entrance(door.browser, f"/t/{other.scope.slug}/member", door.hidden, door.options)
    assert (await carried.passkey(device.sign(door.options))).status_code == 403
    assert await other.refusals() == await member.refusals() == []
    assert await member.enters(code)


async def test_nothing_tells_whether_somebody_has_an_access(rig: Rig) -> None:
    member, empty = await selected(rig), await rig.agency()
    device, nobodys = Authenticator(), Authenticator(handle=bytes(16))
    codes = await member.print()
    await member.add(device)
    assert await member.enters(codes[0])
    pages = [
        await (await approach(rig, member.scope)).code(codes[0]),
        await (await approach(rig, member.scope)).code(new_code()),
        await (await approach(rig, member.scope)).code("1"),
    ]
    for one in (device, nobodys):
        door = await approach(rig, member.scope)
        pages.append(await door.passkey(_as(one, verifies=False).sign(door.options)))
    await member.switch(opened=False)
    pages.append(await (await approach(rig, member.scope)).code(codes[1]))
    said = {_without_what_differs(answer.text) for answer in pages}
    assert [answer.status_code for answer in pages] == [403] * 6
    assert len(said) == 1
    nobody = await (await approach(rig, empty)).code(new_code())
    assert said == {_without_what_differs(nobody.text).replace(empty.slug, member.scope.slug)}


def _without_what_differs(page: str) -> str:
    return re.sub(r'(name="challenge" value|data-options)="[^"]*"', "", page)


async def test_guessing_is_limited_as_signing_in_is(rig: Rig) -> None:
    scope, browser = await rig.agency(), rig.browser()
    statuses = [(await browser.get(f"/t/{scope.slug}/member")).status_code for _ in range(241)]
    assert statuses == [200] * 240 + [429]
    refused = await browser.post(f"/t/{scope.slug}/member/code", {"code": new_code()})
    assert refused.status_code == 429
    assert TITLES[TooMany.slug].id in refused.text
    assert refused.headers["ratelimit-policy"].startswith('"sign-in"')


async def test_only_a_service_has_an_entrance(rig: Rig) -> None:
    browser = rig.browser()
    for scope in (rig.platform.program, await rig.platform.scope("department")):
        assert (await browser.get(f"/t/{scope.slug}/member")).status_code == 404
        assert (await browser.post(f"/t/{scope.slug}/member/code", {"code": new_code()})).status_code == 404
    assert (await browser.get("/t/nowhere/member")).status_code == 404


@pytest.mark.parametrize(
    ("wanted", "location"), [("/en/{}/my/return", "/en/{}/my/return"), ("https://elsewhere.example/", "/en/{}/")]
)
async def test_one_is_led_back_to_where_one_wanted_within_the_service(rig: Rig, wanted: str, location: str) -> None:
    member = await selected(rig)
    slug = member.scope.slug
    door = await approach(rig, member.scope, query=f"&next={wanted.format(slug)}")
    answer = await door.code((await member.print())[0])
    assert answer.headers["location"] == location.format(slug)
