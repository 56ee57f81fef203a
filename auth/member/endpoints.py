"""The entrance of officers, ``/t/{scope}/member``: translation between HTTP and coming in by member access."""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

import msgspec

from auth.callers import entrance
from auth.devices import device_of
from auth.endpoints import LAST_SECONDS, SIGN_IN_SECONDS, EntrancePage, counted, site_of
from auth.member.challenges import begin
from auth.member.entering import Attempt, Why, enter
from auth.member.passkeys import options_to_enter
from auth.secrets import LAST_COOKIE, SIGN_IN_COOKIE, session_cookie, set_cookie
from auth.sessions import find_session
from auth.sign_in import path_within
from auth.step_up.rules import CODE, PASSKEY
from core.database.sessions import tenant_session
from core.text import Text, t
from core.tokens import looks_like_secret, new_secret
from core.web.bodies import read_form
from core.web.environment import render
from core.web.handlers import handler
from core.web.incoming import Incoming
from core.web.replies import page_reply, redirect

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.context import Ctx, ScopeKind

PREFIX = "/t/{scope:str}/member"
AGENCIES: frozenset[ScopeKind] = frozenset({"agency"})
TOO_LATE = t("This page was open for too long, or was used already. Here is a fresh one: try again.")
NOT_IN = t("That did not let you in.")
"""Whatever the cause: nothing tells whether somebody has an access here."""


def handlers() -> list[HTTPRouteHandler]:
    """Return what the application adds to its routes."""
    return [
        handler("GET", [PREFIX], show, "GET member entrance"),
        handler("POST", [f"{PREFIX}/code"], by_code, "POST member code"),
        handler("POST", [f"{PREFIX}/passkey"], by_passkey, "POST member passkey"),
    ]


async def show(incoming: Incoming) -> ASGIResponse:
    """Show the two ways in: a passkey, and a printed code."""
    return await _page(incoming, await counted(incoming, AGENCIES), dict(incoming.query).get("next", ""))


async def by_code(incoming: Incoming) -> ASGIResponse:
    """Take a printed code."""
    return await _taken(incoming, CODE)


async def by_passkey(incoming: Incoming) -> ASGIResponse:
    """Take what a passkey signed."""
    return await _taken(incoming, PASSKEY)


async def _taken(incoming: Incoming, way: str) -> ASGIResponse:
    ctx = await counted(incoming, AGENCIES)
    sent, cookie = dict(await read_form(incoming)), session_cookie(ctx.scope.slug)
    attempt = Attempt(
        way,
        shown=sent.get(way, ""),
        challenge_id=sent.get("challenge", ""),
        browser=incoming.cookies.get(SIGN_IN_COOKIE),
        before=incoming.cookies.get(cookie),
        device=device_of(incoming.headers.get("user-agent", "")),
    )
    wanted = sent.get("next", "")
    outcome = await enter(ctx, site_of(incoming).settings, attempt)
    if isinstance(outcome, Why):
        return await _page(incoming, ctx, wanted, TOO_LATE if outcome is Why.CHALLENGE else NOT_IN)
    kept = [set_cookie(cookie, outcome), set_cookie(LAST_COOKIE, ctx.scope.slug, seconds=LAST_SECONDS)]
    where = path_within(ctx.scope.slug, ctx.language, wanted)
    return redirect(where, headers=[("set-cookie", one) for one in kept])


async def _page(incoming: Incoming, ctx: Ctx, wanted: str, fault: Text | None = None) -> ASGIResponse:
    site, browser = site_of(incoming), incoming.cookies.get(SIGN_IN_COOKIE)
    if browser is None or not looks_like_secret(browser):
        browser = new_secret()
    async with tenant_session(ctx) as session:
        made = await begin(session, ctx, browser=browser)
        before = incoming.cookies.get(session_cookie(ctx.scope.slug))
        inside = await find_session(session, ctx.scope, before, ctx.clock.now())
    address = entrance(ctx.scope.slug)
    shell = EntrancePage(
        language=ctx.language,
        path="/",
        address=address,
        today=ctx.today,
        demonstration=site.settings.demonstration,
        version=site.version,
    )
    values = {
        "service": ctx.scope.name(ctx.language),
        "action": {way: f"{address}/{way}?{urlencode({'language': ctx.language})}" for way in (CODE, PASSKEY)},
        "hidden": {"challenge": str(made.id), "next": wanted},
        "options": msgspec.json.encode(options_to_enter(site.settings.address, made.challenge)).decode(),
        "fault": fault,
        "late": fault is TOO_LATE,
        "again": inside is not None and inside.access_id is not None,
    }
    kept = set_cookie(SIGN_IN_COOKIE, browser, seconds=SIGN_IN_SECONDS)
    html = render("member/entrance.html", shell, values)
    return page_reply(incoming, html, status=200 if fault is None else 403, headers=[("set-cookie", kept)])
