"""Whoever has come by a link comes to that one case: every page, form and route there is, tried with its session."""

from __future__ import annotations

import httpx2
import pytest

from auth.secrets import link_cookie, session_cookie
from contingent.assembly import ALL_ROOMS
from core.app import create_app
from core.web.site import Site
from tests.auth.approval_links.desk import Desk, make_desk
from tests.auth.rig import SETTINGS, Browser, Rig
from tests.http.land import address

pytestmark = pytest.mark.http


@pytest.fixture
def whole(rig: Rig) -> Rig:
    """The application with all rooms there are, and auth's own callers."""
    rig.app = create_app(
        SETTINGS,
        rig.platform.database,
        clock=rig.platform.clock,
        callers=rig.parts.callers,
        people=rig.parts.people,
        wire=rig.platform.host.bind,
        rooms=ALL_ROOMS,
        handlers=rig.parts.handlers,
        lifespan=[rig.parts.lifespan],
    )
    return rig


async def come_by_link(desk: Desk) -> tuple[Browser, str]:
    """Return a browser in which the link's session stands in every cookie, and its secret."""
    browser = desk.rig.browser()
    assert (await desk.page(browser, await desk.secret())).status_code == 200
    secret = browser.cookies[link_cookie(desk.scope.slug)]
    browser.cookies[session_cookie(desk.scope.slug)] = secret
    return browser, secret


async def test_a_links_session_opens_no_other_page_or_form(whole: Rig) -> None:
    desk = await make_desk(whole)
    browser, _ = await come_by_link(desk)
    site: Site = whole.app.state.site
    [link] = await desk.links()
    tried, wrong, own = 0, [], []
    for room in site.pages:
        if "agency" not in room.scopes:
            continue
        addresses = [("GET", page.pattern) for page in room.shown]
        addresses += [("POST", post.pattern) for post in room.posted if "agency" in post.scopes]
        for method, pattern in addresses:
            for given in (desk.case, str(link.id), str(desk.seat)):
                path = f"/en/{desk.scope.slug}{address(pattern, given)}"
                answer = await (browser.get(path) if method == "GET" else browser.post(path, {"x": "y"}))
                tried += 1
                if room.by == "link":
                    own.append((method, given == str(link.id), answer.status_code))
                elif not sent_away(answer):
                    wrong.append(f"{method} {pattern} {answer.status_code}")
    assert wrong == []
    assert tried > 300
    assert set(own) == {("GET", True, 200), ("GET", False, 404), ("POST", True, 403), ("POST", False, 403)}


def sent_away(answer: httpx2.Response) -> bool:
    return answer.status_code == 303 and answer.headers["location"].startswith("/t/")


async def test_a_links_session_is_no_token(whole: Rig) -> None:
    desk = await make_desk(whole)
    _, secret = await come_by_link(desk)
    site: Site = whole.app.state.site
    statuses = set()
    bearer = f"Bearer ctg_{desk.scope.slug}_{secret}"
    for route in site.routes:
        if route.method == "GET":
            # From an address of its own each time: so many wrong tokens from one are refused for that.
            answer = await whole.browser().get(f"/api/v1{address(route.pattern, desk.case)}", authorization=bearer)
            statuses.add(answer.status_code)
    assert statuses == {401}
    assert (await whole.browser().get(f"/t/{desk.scope.slug}/scim/v2/Users", authorization=bearer)).status_code == 401
