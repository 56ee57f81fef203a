"""One call of a route, one form that is sent: with a good input in which every identifier is the same."""

from __future__ import annotations

import httpx

from core.context import Scope
from core.web.pages import Post
from core.web.protection import make_token
from core.web.routes import Route
from tests.http.land import Whole, address, route_address, sample


async def call_route(script: httpx.AsyncClient, route: Route, id: object) -> httpx.Response:
    """Call a route with a good input in which every identifier is ``id``."""
    values = sample(route.use_case, id, without=route.pattern)
    where = route_address(route.pattern, id)
    if route.method == "GET":
        return await script.get(where, params=values)
    return await script.request(route.method, where, json=values)


def token_of(whole: Whole, browser: httpx.AsyncClient) -> str:
    """Return the token that the forms of this browser's session carry."""
    known = whole.ring.callers.known
    return next((make_token(known[one].secret) for one in known if one[1] in browser.cookies.values()), "")


async def send_form(
    whole: Whole,
    browser: httpx.AsyncClient,
    scope: Scope,
    post: Post,
    id: object,
) -> httpx.Response:
    """Send a form of this session of ``scope``, with a good input in which every identifier is ``id``."""
    token = token_of(whole, browser)
    values = {name: value for name, value in sample(post.use_case, id).items() if not isinstance(value, dict)}
    form = {"_token": token} | {name: value for name, value in values.items() if f"{{{name}}}" not in post.pattern}
    where = f"/en/{scope.slug}{address(post.pattern, id)}"
    if post.upload:
        return await browser.post(where, data=form, files={"nothing": ("", b"")})
    return await browser.post(where, data=form)
