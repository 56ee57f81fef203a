"""Where one is signed in: seen, ended one by one or all but this, and nobody else's."""

from __future__ import annotations

from html import unescape

import httpx2
import pytest

from auth.devices import device_of
from core.context import Scope
from tests.auth.hostile import sets
from tests.auth.rig import Browser, Rig
from tests.http.ring import TOKEN

FIREFOX = "Mozilla/5.0 (Windows NT 10.0; Win64; x64; rv:145.0) Gecko/20100101 Firefox/145.0"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/142.0 Safari/537.36 Edg/142.0"
IPHONE = "Mozilla/5.0 (iPhone; CPU iPhone OS 19_1 like Mac OS X) AppleWebKit/605.1 Version/19.1 Mobile Safari/604.1"


@pytest.mark.parametrize(
    ("sent", "device"),
    [
        (FIREFOX, "Firefox, Windows"),
        (EDGE, "Edge, Windows"),
        (IPHONE, "Safari, iPhone"),
        ("curl/8", None),
        ("", None),
        ("<script>Firefox/1", "Firefox"),
    ],
)
def test_a_device_is_two_words_that_its_owner_recognizes(sent: str, device: str | None) -> None:
    assert device_of(sent) == device


async def signed_in(rig: Rig, scope: Scope, user_agent: str) -> Browser:
    browser = rig.browser()
    browser.user_agent = user_agent
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return browser


def main_of(page: httpx2.Response) -> str:
    return page.text.split("<main", 1)[-1].split("</main>")[0]


def fields_of(page: httpx2.Response) -> dict[str, str]:
    token = TOKEN.search(main_of(page))
    assert token is not None
    return {"_token": unescape(token[1])}


async def is_in(browser: Browser, scope: Scope) -> bool:
    return (await browser.get(f"/en/{scope.slug}/session")).status_code == 200


async def test_each_session_is_shown_and_another_one_ended(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    here, there = await signed_in(rig, scope, FIREFOX), await signed_in(rig, scope, IPHONE)
    page = await here.get(f"/fr/{scope.slug}/session")
    main = main_of(page)
    assert ("Firefox, Windows" in main, "Safari, iPhone" in main) == (True, True)
    assert main.count("Celle-ci") == 1
    (action,) = {part.split('"')[0] for part in main.split('action="')[1:] if "/session/" in part.split('"')[0]} - {
        f"/fr/{scope.slug}/session/others/end"
    }
    ended = await here.post(f"http://localhost:8000{action}", fields_of(page))
    assert ended.status_code == 303
    assert (await is_in(here, scope), await is_in(there, scope)) == (True, False)
    assert "Safari, iPhone" not in (await here.get(f"/fr/{scope.slug}/session")).text


async def test_all_others_are_ended_at_once(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    others = [await signed_in(rig, scope, IPHONE) for _ in range(2)]
    here = await signed_in(rig, scope, FIREFOX)
    page = await here.get(f"/en/{scope.slug}/session")
    keep = page.text.split('name="keep" value="')[1].split('"')[0]
    await here.post(f"/en/{scope.slug}/session/others/end", fields_of(page) | {"keep": keep})
    alone = await here.get(f"/en/{scope.slug}/session")
    again = await here.post(f"/en/{scope.slug}/session/others/end", fields_of(alone) | {"keep": keep})
    assert (again.status_code, "signed in nowhere else" in again.text) == (409, True)
    assert await is_in(here, scope)
    assert not [one for one in others if await is_in(one, scope)]


async def test_somebody_else_s_session_is_not_there(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    theirs = await signed_in(rig, scope, IPHONE)
    await signed_in(rig, scope, FIREFOX)
    both = await theirs.get(f"/en/{scope.slug}/session")
    id = both.text.split(f"/en/{scope.slug}/session/")[1].split("/end")[0]
    await rig.seat(scope, subject="somebody-else")
    rig.hostile.claims = rig.hostile.userinfo = sets(sub="somebody-else")
    mine = await signed_in(rig, scope, FIREFOX)
    page = await mine.get(f"/en/{scope.slug}/session")
    assert "Safari, iPhone" not in page.text
    refused = await mine.post(f"/en/{scope.slug}/session/{id}/end", fields_of(page))
    nowhere = await mine.post(f"/en/{scope.slug}/session/00000000-0000-7000-8000-00000000dead/end", fields_of(page))
    assert (refused.status_code, nowhere.status_code) == (404, 404)
    assert await is_in(theirs, scope)
