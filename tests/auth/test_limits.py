"""How often one place may try: what counts, what does not, and what counts as one place."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta

import httpx2
import pytest

from core.context import Scope
from core.limits.buckets import Limit
from core.limits.policies import FAILED_TOKEN, REFUSED_LOGOUT
from core.tokens import new_secret, write_token
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Browser, Rig, new_network
from tests.auth.scim.directory import token_of
from tests.auth.test_backchannel import come, honest, is_in, signed

SEATS = "/api/v1/seats"
Try = Callable[[Browser, Scope], Awaitable[httpx2.Response]]


@pytest.fixture(autouse=True)
def _apart(rig: Rig) -> None:
    rig.stand_apart()


async def ask(browser: Browser, authorization: str | None, path: str = SEATS) -> httpx2.Response:
    return await browser.get(path, **({} if authorization is None else {"authorization": authorization}))


async def end(browser: Browser, scope: Scope, token: str) -> httpx2.Response:
    return await browser.post(f"/t/{scope.slug}/auth/backchannel", {"logout_token": token})


def told(answer: httpx2.Response) -> tuple[int, bytes, dict[str, str]]:
    """Return all of an answer but its number and the count of calls."""
    counted = {"x-request-id", "ratelimit", "retry-after"}
    return answer.status_code, answer.content, {k: v for k, v in answer.headers.items() if k not in counted}


def wrong(scope: Scope) -> list[str]:
    """Return headers of which none lets anybody in: of a token that might be, of a service that is not, of no form."""
    unknown, nowhere = write_token(scope.slug, new_secret()), write_token("nowhere", new_secret())
    return [f"Bearer {unknown}", f"Bearer {nowhere}", f"Bearer ctg_{scope.slug}_short", "Bearer", "Basic YTpi", ""]


async def test_guessing_tokens_ends_for_the_place_that_guesses_whatever_is_wrong_with_them(rig: Rig) -> None:
    scope = await rig.agency()
    good, guesser, kinds = await token_of(rig, scope, "api", ("administrator",)), rig.browser(), wrong(scope)
    for count in range(FAILED_TOKEN.quota):
        answer = await ask(guesser, kinds[count % len(kinds)])
        assert (answer.status_code, answer.headers["ratelimit-policy"]) == (401, '"failed-token";q=60;w=60')
        assert answer.headers["ratelimit"].startswith(f'"failed-token";r={FAILED_TOKEN.quota - 1 - count};')
    refused = [await ask(guesser, one) for one in kinds]
    for one in refused:
        assert (one.status_code, one.headers.get_list("ratelimit")) == (429, ['"failed-token";r=0;t=60'])
        assert one.headers["retry-after"] == "1"
    assert (await ask(guesser, f"Bearer {good}")).status_code == 200, "who has a token goes on"
    bare = await ask(guesser, None)
    assert (bare.status_code, "ratelimit" in bare.headers) == (401, False), "who sends none guesses nothing"
    rig.platform.clock.advance(timedelta(seconds=1))
    assert (await ask(guesser, kinds[0])).status_code == 401


async def test_a_service_that_is_not_there_answers_like_one_that_is(rig: Rig) -> None:
    there, nowhere, *_ = wrong(await rig.agency())
    browsers = rig.browser(), rig.browser()
    for _ in range(FAILED_TOKEN.quota + 1):
        first, second = await ask(browsers[0], there), await ask(browsers[1], nowhere)
        assert told(first) == told(second)
        assert first.headers["ratelimit"] == second.headers["ratelimit"]
    assert (first.status_code, first.headers["retry-after"]) == (429, second.headers["retry-after"])


async def test_a_logout_token_is_taken_from_where_nobody_may_sign_in_any_more(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    person, office = await come(rig, scope), rig.browser()
    site = rig.app.state.site
    usual, site.settings = site.settings, replace(site.settings, sign_ins_per_minute=1)
    try:
        said = [(await office.get(f"/t/{scope.slug}/auth/start")).status_code for _ in range(3)]
        assert said == [303, 303, 429]
        assert (await office.get(f"/t/{scope.slug}/auth/jwks.json")).status_code == 200
        assert (await end(office, scope, signed(rig, honest(rig)))).status_code == 200
        assert not await is_in(person, scope)
    finally:
        site.settings = usual


async def test_a_provider_that_ends_many_sessions_at_once_is_listened_to(rig: Rig) -> None:
    scope, provider = await rig.agency(), rig.browser()
    for count in range(300):
        answer = await end(
            provider, scope, signed(rig, honest(rig, sub="nobody", sid=f"s{count}", jti=f"many-{count}"))
        )
        assert (answer.status_code, "ratelimit" in answer.headers) == (200, False)


async def test_logout_tokens_that_are_none_have_an_end_and_a_good_one_is_taken_all_the_same(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    person, sender = await come(rig, scope), rig.browser()
    for count in range(REFUSED_LOGOUT.quota):
        answer = await end(sender, scope, "no.token.here")
        assert (answer.status_code, answer.headers["cache-control"]) == (400, "no-store")
        assert answer.headers["ratelimit"].startswith(f'"refused-logout";r={REFUSED_LOGOUT.quota - 1 - count};')
    refused = await end(sender, scope, "no.token.here")
    assert (refused.status_code, refused.headers["retry-after"]) == (429, "1")
    assert refused.headers.get_list("ratelimit") == ['"refused-logout";r=0;t=60']
    assert refused.headers["ratelimit-policy"] == '"refused-logout";q=60;w=60'
    assert (await sender.get(f"/t/{scope.slug}/auth/start")).status_code == 303, "people sign in from there"
    assert (await end(sender, scope, signed(rig, honest(rig)))).status_code == 200
    assert not await is_in(person, scope)


async def test_one_token_sent_again_and_again_fills_no_log(rig: Rig, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("auth.endpoints.REFUSED_LOGOUT", Limit("replayed", quota=2))
    scope, sender = await rig.agency(), rig.browser()
    token = signed(rig, honest(rig))
    said = [(await end(sender, scope, token)).status_code for _ in range(5)]
    assert said == [200, 400, 400, 429, 429]
    assert [line["why"] for line in await lines(rig, scope, "logout.refused")] == ["token_replayed"] * 2


WAYS: dict[str, tuple[str, Try]] = {
    "signing in": ("auth.endpoints.sign_in_limit", lambda one, scope: one.get(f"/t/{scope.slug}/auth/start")),
    "member access": ("auth.endpoints.sign_in_limit", lambda one, scope: one.get(f"/t/{scope.slug}/member")),
    "logout tokens": ("auth.endpoints.REFUSED_LOGOUT", lambda one, scope: end(one, scope, "none")),
    "the API": ("core.web.routes.FAILED_TOKEN", lambda one, _: ask(one, "Bearer none")),
    "a directory": (
        "auth.scim.endpoints.FAILED_TOKEN",
        lambda one, scope: ask(one, "Bearer none", f"/t/{scope.slug}/scim/v2/Users"),
    ),
    "break-glass": (
        "auth.break_glass.endpoints.BREAK_GLASS",
        lambda one, scope: one.post(f"/t/{scope.slug}/auth/break-glass", {"first": "x"}),
    ),
}


@pytest.mark.parametrize("way", WAYS)
async def test_whoever_has_many_addresses_of_one_line_is_one(
    rig: Rig, monkeypatch: pytest.MonkeyPatch, way: str
) -> None:
    name, attempt = WAYS[way]
    limit = Limit(f"tested {way}", quota=2)
    monkeypatch.setattr(name, (lambda _: limit) if name.endswith("sign_in_limit") else limit)
    scope, line, other = await rig.agency(), new_network(), new_network()
    said = [
        (await attempt(Browser(rig.app, address=f"{line}{host}"), scope)).status_code
        for host in ("::1", ":a:b:c:d", "::2")
    ]
    assert 429 not in said[:2]
    assert said[2] == 429
    assert (await attempt(Browser(rig.app, address=f"{other}::1"), scope)).status_code == said[0]
