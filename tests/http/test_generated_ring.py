"""Every page and every route there is, tried by those who may not: nothing here names one of them.

A room that adds an address is covered without a line written for it.
"""

from __future__ import annotations

from collections import Counter
from typing import Any

import httpx
import pytest

from core.context import ScopeKind
from core.web.pages import Pages
from tests.http.calls import call_route, send_form
from tests.http.land import NOWHERE, Whole, page_address, route_address, sample
from tests.http.ring import TOKEN

pytestmark = pytest.mark.http

KINDS: tuple[ScopeKind, ...] = ("agency", "program", "department", "mission", "platform")
DISTINCT = {"x-request-id", "content-length", "date", "ratelimit"}
"""What differs from one call to the next, whatever is asked; the limit counts down with each."""


def shape(answer: httpx.Response) -> tuple[int, str, tuple[tuple[str, str], ...]]:
    """Return all of an answer that a reader can compare, but for what they asked for: a page names its own address."""
    headers = tuple(sorted((name, value) for name, value in answer.headers.items() if name not in DISTINCT))
    asked = answer.request.url.path.split("/", 2)[-1]
    return answer.status_code, TOKEN.sub("", answer.text.replace(asked, "")), headers


def report(wrong: list[str]) -> None:
    """Fail with all that was found, one a line."""
    if wrong:
        pytest.fail(f"{len(wrong)} findings:\n" + "\n".join(wrong), pytrace=False)


async def test_nobody_gets_in_anywhere(whole: Whole) -> None:
    wrong: list[str] = []
    async with whole.ring.client() as nobody:
        for kind in KINDS:
            scope = await whole.scope(kind)
            for page in (one for one in whole.pages if kind in one.pages.scopes):
                answer = await nobody.get(page_address(scope, page.pattern))
                if not _sent_away(answer, page.pages):
                    wrong.append(f"{kind}: GET {page.pattern} {answer.status_code}")
            for post in (one for one in whole.posts if kind in one.scopes):
                answer = await nobody.post(page_address(scope, post.pattern), data={"x": "y"})
                if not _sent_away(answer, post.pages):
                    wrong.append(f"{kind}: POST {post.pattern} {answer.status_code}")
        answers = {shape(await call_route(nobody, route, NOWHERE)) for route in whole.routes}
    report(wrong)
    assert [status for status, _, _ in answers] == [401]


async def test_without_a_permission_nothing_is_shown_or_done(whole: Whole) -> None:
    wrong: list[str] = []
    for kind in KINDS:
        scope = await whole.scope(kind)
        async with whole.browser(scope) as browser, whole.ring.script(scope) as script:
            for page in (one for one in whole.pages if kind in one.pages.scopes):
                answer = await browser.get(page_address(scope, page.pattern))
                if answer.status_code != 403 and page.permission is not None:
                    wrong.append(f"{kind}: GET {page.pattern} {answer.status_code}")
            for post in (one for one in whole.posts if kind in one.scopes):
                answer = await browser.post(page_address(scope, post.pattern), data={"x": "y"})
                if answer.status_code != 403:
                    wrong.append(f"{kind}: POST {post.pattern} {answer.status_code}")
            for route in (one for one in whole.routes if kind in one.use_case.scopes):
                answer = await call_route(script, route, NOWHERE)
                if answer.status_code != 403 or answer.json()["permission"] != route.use_case.permission:
                    wrong.append(f"{kind}: {route.method} {route.pattern} {answer.status_code}")
    report(wrong)


async def test_for_another_kind_of_scope_there_is_nothing_at_the_address(whole: Whole) -> None:
    for kind in KINDS:
        scope = await whole.scope(kind)
        async with (
            whole.browser(scope, *whole.permissions) as browser,
            whole.ring.script(scope, *whole.permissions) as script,
        ):
            open_here = {one.pattern for one in whole.pages if kind in one.pages.scopes}
            for page in whole.pages:
                if page.pattern not in open_here and not _shadowed(page.pattern, open_here):
                    # Under the same entry of the reader's own navigation, which is marked by the address alone.
                    entry = page.pattern.split("/")[1]
                    nowhere = shape(await browser.get(f"/en/{scope.slug}/{entry}/there/is/no/such/page/at/all"))
                    assert shape(await browser.get(page_address(scope, page.pattern))) == nowhere, page.pattern
            nothing = shape(await script.get("/api/v1/there-is-no-such-route"))
            for route in (one for one in whole.routes if kind not in one.use_case.scopes):
                assert shape(await call_route(script, route, NOWHERE)) == nothing, route.pattern


async def test_another_tenants_id_and_no_id_are_one_answer_on_every_route(whole: Whole) -> None:
    met: Counter[int] = Counter()
    wrong: list[str] = []
    for kind in ("agency", "program"):
        scope = await whole.scope(kind)
        async with whole.ring.script(scope, *whole.permissions) as script:
            for route in (one for one in whole.routes if kind in one.use_case.scopes):
                nothing = shape(await call_route(script, route, NOWHERE))
                for foreign in whole.foreign_ids:
                    theirs = shape(await call_route(script, route, foreign))
                    met[theirs[0]] += 1
                    done = 200 <= theirs[0] < 300 and route.method != "GET"
                    # What was done twice differs by the new row's id, and may differ in being a duplicate.
                    if theirs[0] >= 500 or (theirs != nothing and not done and "{" in route.pattern):
                        wrong.append(f"{kind}: {route.method} {route.pattern} {theirs[0]} {nothing[0]}")
    report(wrong)
    assert met[404] > 20


async def test_another_tenants_id_and_no_id_are_one_answer_on_every_page(whole: Whole) -> None:
    met: Counter[int] = Counter()
    wrong: list[str] = []
    for kind in ("agency", "program"):
        scope = await whole.scope(kind)
        async with whole.browser(scope, *whole.permissions) as browser:
            for page in (one for one in whole.pages if kind in one.pages.scopes and "{" in one.pattern):
                nothing = await browser.get(page_address(scope, page.pattern, NOWHERE))
                met[nothing.status_code] += 1
                for foreign in whole.foreign_ids:
                    theirs = await browser.get(page_address(scope, page.pattern, foreign))
                    if nothing.status_code != 404 or shape(theirs) != shape(nothing):
                        wrong.append(f"{kind}: {page.pattern} {theirs.status_code} {nothing.status_code}")
    report(wrong)
    assert met[404] > 5


NAMES_NOTHING = {"extensions.enter_safe_mode", "extensions.leave_safe_mode"}
"""Forms that hold a reason and nothing else: sent again they find what they themselves have done."""


async def test_another_tenants_id_in_a_form_is_no_better(whole: Whole) -> None:
    wrong: list[str] = []
    for kind in ("agency", "program"):
        scope = await whole.scope(kind)
        async with whole.browser(scope, *whole.permissions) as browser:
            for post in (one for one in whole.posts if kind in one.scopes and one.use_case.key not in NAMES_NOTHING):
                answers = [await send_form(whole, browser, scope, post, id) for id in (NOWHERE, *whole.foreign_ids)]
                statuses = [answer.status_code for answer in answers]
                if len(set(statuses)) > 1 or statuses[0] >= 500:
                    wrong.append(f"{kind}: {post.pattern} {statuses}")
    report(wrong)


async def test_every_page_opens_in_both_languages_with_nothing_in_it(whole: Whole) -> None:
    wrong: list[str] = []
    for kind in KINDS:
        scope = await whole.scope(kind)
        async with whole.browser(scope, *whole.permissions) as browser:
            for page in (one for one in whole.pages if kind in one.pages.scopes and "{" not in one.pattern):
                for language in ("en", "fr"):
                    answer = await browser.get(page_address(scope, page.pattern, language=language))
                    if answer.status_code not in {200, 303, 404}:
                        wrong.append(f"{kind}: {language} {page.pattern} {answer.status_code}")
    report(wrong)


async def test_no_input_makes_a_route_fail(whole: Whole) -> None:
    wrong: list[str] = []
    nonsense: tuple[Any, ...] = (
        "",
        "\x00",
        "é" * 30_000,
        -1,
        2**70,
        1.5,
        True,
        None,
        [],
        {},
        [[[]]],
        {"a": {"b": [None]}},
    )
    for kind in ("agency", "program"):
        scope = await whole.scope(kind)
        async with whole.ring.script(scope, *whole.permissions) as script:
            for route in (one for one in whole.routes if kind in one.use_case.scopes):
                values = sample(route.use_case, NOWHERE, without=route.pattern)
                for odd in nonsense:
                    sent = dict.fromkeys(values, odd)
                    where = route_address(route.pattern, "%00" if odd == "\x00" else "x" * 5)
                    if route.method == "GET":
                        answer = await script.get(where, params={name: str(odd)[:500] for name in values})
                    else:
                        answer = await script.request(route.method, where, json=sent)
                    if answer.status_code >= 500:
                        wrong.append(f"{kind}: {route.method} {route.pattern} {odd!r:.40}")
    report(wrong)


def _sent_away(answer: httpx.Response, pages: Pages) -> bool:
    if pages.by == "link":  # No other sign-in opens these.
        return answer.status_code == 401
    return (answer.status_code, answer.content) == (303, b"") and answer.headers["location"].startswith("/t/")


def _shadowed(pattern: str, others: set[str]) -> bool:
    """Say whether an address made from ``pattern`` is one of another pattern too: /x/new and /x/{id}."""
    parts = pattern.split("/")
    for other in others:
        theirs = other.split("/")
        if len(theirs) == len(parts) and all(
            a == b or b.startswith("{") or a.startswith("{") for a, b in zip(parts, theirs, strict=True)
        ):
            return True
    return False
