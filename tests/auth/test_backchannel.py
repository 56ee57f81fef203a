"""Back-channel logout: what ends, what does not, and every way in which a logout token is none."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, OctKey

from auth.relying_party import conversing
from auth.relying_party.logout_token import EVENT
from core.context import Scope
from tests.auth.cases.faulty_providers import DISCOVERY, dripping, slow
from tests.auth.hostile import ISSUER, Answer, raw_token, sets
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.rig import Browser, Rig

Change = Callable[[dict[str, Any]], None]


OURS = "the client that the service is"


@pytest.fixture(autouse=True)
def _apart(rig: Rig) -> None:
    rig.stand_apart()


def honest(rig: Rig, **changes: Any) -> dict[str, Any]:
    now = int(rig.platform.clock.now().timestamp())
    told: dict[str, Any] = {"iss": ISSUER, "aud": rig.hostile.client, "iat": now, "exp": now + 120}
    told |= {"jti": f"end-{len(rig.hostile.asked)}", "sub": "person-1", "sid": "session-1", "events": {EVENT: {}}}
    sets(**changes)(told)
    if isinstance(told.get("aud"), list):
        told["aud"] = [rig.hostile.client if one == OURS else one for one in told["aud"]]
    return told


def signed(rig: Rig, claims: dict[str, Any], header: dict[str, Any] | None = None, key: Any = None) -> str:
    key = key or rig.hostile.key
    told = {"alg": "ES256", "kid": rig.hostile.key.kid, "typ": "logout+jwt"} | (header or {})
    told = {name: value for name, value in told.items() if value is not None}
    return jwt.encode(told, claims, key, algorithms=[told["alg"]], default_type=None)


async def send(rig: Rig, scope: Scope, token: str) -> httpx2.Response:
    return await rig.browser().post(f"/t/{scope.slug}/auth/backchannel", {"logout_token": token})


async def come(rig: Rig, scope: Scope, *, sid: str | None = "session-1", sub: str = "person-1") -> Browser:
    rig.hostile.claims, rig.hostile.userinfo = sets(sid=sid, sub=sub), sets(sub=sub)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return browser


async def is_in(browser: Browser, scope: Scope) -> bool:
    return (await browser.get(f"/en/{scope.slug}/session")).status_code == 200


async def test_the_session_that_the_provider_names_ends_at_once_and_no_other(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    named, other = await come(rig, scope), await come(rig, scope, sid="session-2")
    answer = await send(rig, scope, signed(rig, honest(rig)))
    assert (answer.status_code, answer.content, answer.headers["cache-control"]) == (200, b"", "no-store")
    assert (await is_in(named, scope), await is_in(other, scope)) == (False, True)
    assert await lines(rig, scope, "session.end") == [{"cause": "provider"}]


async def test_without_a_sid_all_sessions_of_the_person_end(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    await rig.seat(scope, subject="person-2")
    mine = [await come(rig, scope, sid=sid) for sid in ("session-1", "session-2", None)]
    theirs = await come(rig, scope, sub="person-2", sid="session-3")
    assert (await send(rig, scope, signed(rig, honest(rig, sid=None)))).status_code == 200
    assert [await is_in(one, scope) for one in [*mine, theirs]] == [False, False, False, True]


async def test_a_sid_alone_ends_its_session(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await come(rig, scope)
    assert (await send(rig, scope, signed(rig, honest(rig, sub=None)))).status_code == 200
    assert not await is_in(browser, scope)


async def test_a_session_that_knows_no_sid_ends_with_its_person(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await come(rig, scope, sid=None)
    assert (await send(rig, scope, signed(rig, honest(rig, sid="session-9")))).status_code == 200
    assert not await is_in(browser, scope)


@pytest.mark.parametrize("without", ["sub", "sid", None])
async def test_what_comes_to_one_service_holds_for_all_that_are_the_same_client(rig: Rig, without: str | None) -> None:
    scope, other = await rig.agency(), await rig.agency()
    await rig.seat(scope)
    await rig.seat(other)
    here, there = await come(rig, scope), await come(rig, other)
    await rig.seat(other, subject="person-2")
    theirs = await come(rig, other, sub="person-2", sid="session-2")
    token = signed(rig, honest(rig, **({without: None} if without else {})))
    assert (await send(rig, scope, token)).status_code == 200
    assert (await is_in(here, scope), await is_in(there, other), await is_in(theirs, other)) == (False, False, True)
    assert await lines(rig, other, "session.end") == [{"cause": "provider"}]


async def test_a_service_that_is_another_client_at_the_same_issuer_is_not_meant(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    await rig.seat(scope)
    await rig.seat(other)
    here, there = await come(rig, scope), await come(rig, other)
    await change_provider(rig, other, client_id="another")
    await send(rig, scope, signed(rig, honest(rig)))
    assert (await is_in(here, scope), await is_in(there, other)) == (False, True)


@pytest.mark.parametrize(
    ("mine", "named", "opens"),
    [
        ("session-1", {"sid": "session-1"}, False),
        ("session-1", {"sid": "session-1", "sub": None}, False),
        ("session-1", {"sid": None}, False),
        (None, {"sid": "session-9"}, False),
        ("session-1", {"sid": "session-9"}, True),
        ("session-1", {"sub": "person-2", "sid": None}, True),
    ],
)
async def test_a_sign_in_that_ended_at_the_provider_before_it_was_done_here_opens_nothing(
    rig: Rig, mine: str | None, named: dict[str, Any], opens: bool
) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = rig.browser()
    rig.hostile.claims, rig.hostile.userinfo = sets(sid=mine), sets()
    sent = await rig.begin(browser, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert (await send(rig, scope, signed(rig, honest(rig, **named)))).status_code == 200
    answer = await rig.finish(browser, scope, sent)
    assert await is_in(browser, scope) == opens
    assert answer.status_code == (303 if opens else 403)
    again = await come(rig, scope, sid="session-7")
    assert await is_in(again, scope), "whoever begins afterwards comes in"


async def test_one_that_is_not_signed_in_is_no_error(rig: Rig) -> None:
    scope = await rig.agency()
    assert (await send(rig, scope, signed(rig, honest(rig, sub="nobody")))).status_code == 200
    assert await lines(rig, scope, "session.end") == []


async def test_a_token_of_the_older_type_counts_and_any_token_only_once(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    await come(rig, scope)
    token = signed(rig, honest(rig), {"typ": None})
    assert (await send(rig, scope, token)).status_code == 200
    browser = await come(rig, scope)
    again = await send(rig, scope, token)
    assert (again.status_code, again.json()["error_description"]) == (400, "token_replayed")
    assert await is_in(browser, scope)
    assert [line["why"] for line in await lines(rig, scope, "logout.refused")] == ["token_replayed"]


VOUCHED: dict[str, tuple[dict[str, Any], str]] = {
    "no events": ({"events": None}, "token_type"),
    "events of another kind": ({"events": {"http://example.org/event": {}}}, "token_type"),
    "events that are a list": ({"events": [EVENT]}, "token_type"),
    "an event that is no object": ({"events": {EVENT: True}}, "token_type"),
    "a nonce": ({"nonce": "n"}, "token_type"),
    "neither sub nor sid": ({"sub": None, "sid": None}, "subject"),
    "a subject that is a number": ({"sub": 7}, "subject"),
    "an empty sid": ({"sid": ""}, "token_form"),
    "a sid that no database holds": ({"sid": "session\x00"}, "token_form"),
    "no jti": ({"jti": None}, "token_form"),
    "a jti that is a list": ({"jti": ["a"]}, "token_form"),
    "another audience": ({"aud": "somebody-else"}, "audience"),
    "an audience beside ours": ({"aud": [OURS, "somebody-else"]}, "audience"),
    "no audience": ({"aud": None}, "audience"),
    "no exp": ({"exp": None}, "times"),
    "no iat": ({"iat": None}, "times"),
    "an iat that is text": ({"iat": "now"}, "times"),
}


@pytest.mark.parametrize("name", VOUCHED)
async def test_what_the_provider_signed_and_is_no_logout_is_refused_with_one_line(rig: Rig, name: str) -> None:
    changes, why = VOUCHED[name]
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await come(rig, scope)
    answer = await send(rig, scope, signed(rig, honest(rig, **changes)))
    assert (answer.status_code, answer.json()) == (400, {"error": "invalid_request", "error_description": why})
    assert await is_in(browser, scope)
    assert [line["why"] for line in await lines(rig, scope, "logout.refused")] == [why]


@pytest.mark.parametrize(("seconds", "why"), [(-400, "times"), (400, "times")])
async def test_one_from_long_ago_or_from_the_future_is_refused(rig: Rig, seconds: int, why: str) -> None:
    scope = await rig.agency()
    now = int((rig.platform.clock.now() + timedelta(seconds=seconds)).timestamp())
    answer = await send(rig, scope, signed(rig, honest(rig, iat=now, exp=now + 600)))
    assert (answer.status_code, answer.json()["error_description"]) == (400, why)


OTHER_KEY = ECKey.generate_key("P-256", {"use": "sig", "alg": "ES256"}, auto_kid=True)
SECRET = OctKey.import_key(b"k" * 32)
ANYBODY: dict[str, tuple[Callable[[Rig], str], str]] = {
    "signed by somebody else": (lambda rig: signed(rig, honest(rig), key=OTHER_KEY), "signature"),
    "of an unknown key": (lambda rig: signed(rig, honest(rig), {"kid": "other"}, OTHER_KEY), "key"),
    "of a symmetric key": (lambda rig: signed(rig, honest(rig), {"alg": "HS256"}, SECRET), "algorithm"),
    "of another type": (lambda rig: signed(rig, honest(rig), {"typ": "at+jwt"}), "token_type"),
    "of an issuer we do not know": (lambda rig: signed(rig, honest(rig, iss="https://evil.example")), "not_configured"),
    "of an issuer that no database holds": (lambda rig: signed(rig, honest(rig, iss=f"{ISSUER}\x00")), "token_form"),
    "nested without end": (lambda _: f"eyJhbGciOiJFUzI1NiJ9.{'W1tb' * 3_000}.c2ln", "token_form"),
    "whose claims are no JSON": (lambda _: raw_token(b'{"alg":"ES256"}', b"abc"), "token_form"),
    "whose header is text": (lambda rig: raw_token(b'"alg"', json.dumps(honest(rig)).encode()), "token_form"),
    "whose header is a list": (lambda rig: raw_token(b'["alg"]', json.dumps(honest(rig)).encode()), "token_form"),
    "of no issuer": (lambda rig: signed(rig, honest(rig, iss=None)), "token_form"),
    "no token": (lambda _: "no.token.here", "token_form"),
    "nothing": (lambda _: "", "token_form"),
    "unsigned": (lambda rig: signed(rig, honest(rig)).rsplit(".", 1)[0] + ".", "signature"),
    "too long": (lambda rig: signed(rig, honest(rig, more="x" * 20_000)), "token_form"),
}


@pytest.mark.parametrize("name", ANYBODY)
async def test_what_anybody_could_send_is_refused_and_fills_no_log(rig: Rig, name: str) -> None:
    make, why = ANYBODY[name]
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await come(rig, scope)
    answer = await send(rig, scope, make(rig))
    assert (answer.status_code, answer.json()["error_description"]) == (400, why)
    assert await is_in(browser, scope)
    assert await lines(rig, scope, "logout.refused") == []


@pytest.mark.parametrize("answer", [slow, dripping])
async def test_a_provider_that_does_not_come_to_an_end_is_not_waited_for(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    monkeypatch.setattr(conversing, "PATIENCE", 0.0)
    scope = await rig.agency()
    rig.hostile.answers[DISCOVERY] = answer
    refused = await send(rig, scope, signed(rig, honest(rig)))
    assert (refused.status_code, refused.json()["error_description"]) == (400, "provider_down")


async def test_a_provider_that_was_switched_off_ends_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    await come(rig, scope)
    await change_provider(rig, scope, state="off")
    assert (await send(rig, scope, signed(rig, honest(rig)))).json()["error_description"] == "not_configured"


async def test_only_a_form_is_read_and_only_posted(rig: Rig) -> None:
    scope = await rig.agency()
    assert (await rig.browser().get(f"/t/{scope.slug}/auth/backchannel")).status_code == 405
    query = f"logout_token={signed(rig, honest(rig))}"
    answer = await rig.browser().post(f"/t/{scope.slug}/auth/backchannel?{query}", {"other": "x"})
    assert (answer.status_code, answer.json()["error_description"]) == (400, "token_form")
