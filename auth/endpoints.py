"""The addresses of signing in and out, ``/t/{scope}/auth/…``: translation between HTTP and the sign-in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlencode, urlsplit

import msgspec

from auth.backchannel import keep_refusal, take_logout
from auth.callers import Signed, entrance
from auth.client_keys import published_keys
from auth.devices import device_of
from auth.id_tokens import read_id_token
from auth.relying_party.conversing import asking
from auth.relying_party.providers import Provider, provider_by_id
from auth.relying_party.refusals import SignInRefused
from auth.renewals import SIGN_IN
from auth.secrets import LAST_COOKIE, SIGN_IN_COOKIE, drop_cookie, session_cookie, set_cookie
from auth.sessions import end_session
from auth.sign_in import Choice, Invited, SignIns
from core.context import Ctx, Language, ScopeKind
from core.database.sessions import tenant_session
from core.errors import Unauthenticated
from core.limits.policies import REFUSED_LOGOUT, sign_in_limit
from core.text import Text, t
from core.use_cases.work import Work
from core.web import protection
from core.web.bodies import read_form
from core.web.callers import StillIn
from core.web.environment import render
from core.web.handlers import handler
from core.web.incoming import Incoming
from core.web.languages import preferred
from core.web.problems import StaleForm
from core.web.replies import JSON, page_reply, redirect, reply
from core.web.shell import Page as Shell

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.web.callers import Caller, Credential
    from core.web.site import Site

SIGN_IN_SECONDS = 60 * 60
KEYS_SECONDS = 5 * 60
LAST_SECONDS = 400 * 24 * 60 * 60
PREFIX = "/t/{scope:str}/auth"


@dataclass(frozen=True, slots=True, kw_only=True)
class EntrancePage(Shell):
    """The shell of an entrance, whose address has no language in it."""

    address: str

    @property
    def other_address(self) -> str:
        """This same page in the other language."""
        return f"{self.address}?{urlencode({'language': self.other})}"


class Endpoints:
    """The handlers."""

    def __init__(self, sign_ins: SignIns) -> None:
        self._sign_ins = sign_ins

    def handlers(self) -> list[HTTPRouteHandler]:
        """Return what the application adds to its routes."""
        return [
            handler("GET", [f"{PREFIX}/start"], self.start, "GET sign-in start"),
            handler("GET", [f"{PREFIX}/callback"], self.callback, "GET sign-in callback"),
            handler("POST", [f"{PREFIX}/join"], self.join, "POST confirmation of an invitation"),
            handler("GET", [f"{PREFIX}/jwks.json"], self.keys, "GET keys of a scope's client"),
            handler("POST", [f"{PREFIX}/logout"], self.logout, "POST sign-out"),
            handler("POST", [f"{PREFIX}/backchannel"], self.backchannel, "POST back-channel logout"),
        ]

    async def start(self, incoming: Incoming) -> ASGIResponse:
        """Send the browser to the scope's provider."""
        ctx = await counted(incoming)
        asked = dict(incoming.query)
        try:
            begun = await self._sign_ins.begin(
                ctx,
                browser=incoming.cookies.get(SIGN_IN_COOKIE),
                wanted=asked.get("next", ""),
                provider_id=asked.get("provider"),
                step_up=asked.get("action"),
                link=asked.get("link"),
                before=incoming.cookies.get(session_cookie(ctx.scope.slug)),
                invitation=asked.get("invitation"),
            )
        except SignInRefused as refused:
            return refusal(incoming, ctx, refused)
        if isinstance(begun, Choice):
            return _which(incoming, ctx, begun.providers)
        kept = set_cookie(SIGN_IN_COOKIE, begun.browser, seconds=SIGN_IN_SECONDS)
        return redirect(begun.address, headers=[("set-cookie", kept)])

    async def callback(self, incoming: Incoming) -> ASGIResponse:
        """Take the browser back from the provider."""
        ctx = await counted(incoming)
        try:
            signed = await self._sign_ins.finish(
                ctx,
                incoming.query,
                browser=incoming.cookies.get(SIGN_IN_COOKIE),
                cookies=incoming.cookies,
                device=device_of(incoming.headers.get("user-agent", "")),
            )
        except SignInRefused as refused:
            return refusal(incoming, ctx, refused)
        if isinstance(signed, Invited):
            values = {"name": signed.name, "state": signed.state, "host": urlsplit(signed.issuer).hostname}
            return _page(incoming, ctx, "linking/confirm.html", signed.language, values)
        if signed.secret is None:
            return redirect(signed.next_path)
        kept = [set_cookie(signed.cookie, signed.secret), set_cookie(LAST_COOKIE, ctx.scope.slug, seconds=LAST_SECONDS)]
        return redirect(signed.next_path, headers=[("set-cookie", one) for one in kept])

    async def join(self, incoming: Incoming) -> ASGIResponse:
        """Take the word of whoever came by an invitation that the name they were shown is theirs."""
        ctx = await counted(incoming)
        given = [value for name, value in await read_form(incoming) if name == "state"]
        try:
            state = given[0] if len(given) == 1 else ""
            joined = await self._sign_ins.join(ctx, state, browser=incoming.cookies.get(SIGN_IN_COOKIE))
        except SignInRefused as refused:
            return refusal(incoming, ctx, refused)
        asked = urlencode({"language": joined.language, "provider": str(joined.provider_id)})
        start = f"{site_of(incoming).settings.address}/t/{ctx.scope.slug}/auth/start?{asked}"
        return _page(incoming, ctx, "linking/joined.html", joined.language, {"name": joined.name, "start": start})

    async def keys(self, incoming: Incoming) -> ASGIResponse:
        """Answer the public keys by which the scope's client proves itself, for its providers to fetch.

        It has no limit: the count would cost more than the answer, and without the keys nobody signs in.
        """
        ctx = await context_of(incoming)
        async with tenant_session(ctx, read_only=True) as session:
            found = await published_keys(session, ctx.scope.id, ctx.clock.now())
        headers = [("cache-control", f"public, max-age={KEYS_SECONDS}")]
        return reply(incoming, msgspec.json.encode({"keys": found}), JSON, headers=headers)

    async def logout(self, incoming: Incoming) -> ASGIResponse:
        """End the session here, then let the browser end it at the provider."""
        ctx = await context_of(incoming)
        site = site_of(incoming)
        chooser = f"/{ctx.language}/"
        dropped = [("set-cookie", drop_cookie(session_cookie(ctx.scope.slug)))]
        caller = await caller_of(incoming, ctx)
        if caller is None:
            return redirect(chooser, headers=dropped)
        await check_form(incoming, caller)
        return redirect(await self._ended(site, ctx, caller) or chooser, headers=dropped)

    async def backchannel(self, incoming: Incoming) -> ASGIResponse:
        """Take the provider's word that somebody's session has ended there (Back-Channel Logout 1.0, section 2.5).

        Only what is refused counts: people sign in from the provider's own address, and it may end many sessions
        at once.
        """
        ctx = await context_of(incoming)
        given = [value for name, value in await read_form(incoming) if name == "logout_token"]
        status, body = 200, b""
        try:
            await take_logout(ctx, self._sign_ins.party, given[0] if len(given) == 1 else "")
        except SignInRefused as refused:
            incoming.note_allowance(await site_of(incoming).limiter.allow(REFUSED_LOGOUT, incoming.network))
            await keep_refusal(ctx, refused)
            status = 400
            body = msgspec.json.encode({"error": "invalid_request", "error_description": refused.why.value})
        return reply(incoming, body, JSON, status=status, headers=[("cache-control", "no-store")])

    async def _ended(self, site: Site, ctx: Ctx, caller: Caller) -> str | None:
        """End the caller's session and return where the provider ends its own, if it has such a place."""
        signed: Signed = caller.details
        acting = ctx.acting_as(caller.actor)
        async with tenant_session(acting) as session:
            work = Work(acting, session, ctx.today, ctx.clock.now())
            id_token = await read_id_token(ctx, session, signed.session_id)
            await end_session(session, ctx.scope, signed.session_id, work.now)
            await work.audit("session.end", ("session", signed.session_id))
        if signed.provider_id is None:
            return None
        try:
            async with tenant_session(ctx, read_only=True) as session:
                provider = await provider_by_id(session, ctx.scope.id, signed.provider_id)
            back = f"{site.settings.address}/{ctx.language}/"
            async with asking():
                return await self._sign_ins.party.sign_out_url(provider, back, id_token)
        except SignInRefused:
            # The provider is gone or silent: the session here has ended all the same.
            return None


def _which(incoming: Incoming, ctx: Ctx, providers: Sequence[Provider]) -> ASGIResponse:
    """Offer the providers that are on, by name, each by the address that one came with."""
    site = site_of(incoming)
    address = f"{site.settings.address}{incoming.path}"
    asked = dict(incoming.query) | {"language": ctx.language}
    places = [
        {
            "title": one.name,
            "note": urlsplit(one.issuer).netloc,
            "href": f"{address}?{urlencode(asked | {'provider': str(one.id)})}",
            "icon": "key",
        }
        for one in providers
    ]
    return _page(incoming, ctx, "auth/which.html", ctx.language, {"places": places})


def refusal(incoming: Incoming, ctx: Ctx, refused: SignInRefused) -> ASGIResponse:
    """Return the page of a sign-in that was refused."""
    site = site_of(incoming)
    text, remedy = refused.sentences
    values: dict[str, Any] = {
        "inside": False,
        "title": t("You have not signed in anew") if refused.back else t("You are not signed in"),
        "status": 403,
        "text": text,
        "remedy": remedy,
        "request_id": incoming.request_id,
        "back": f"{site.settings.address}{refused.back}" if refused.back else "/",
        "back_label": None if refused.back else t("Choose a service"),
        "other": _own_way(ctx),
    }
    return _page(incoming, ctx, "error.html", refused.language or ctx.language, values, status=403)


def _page(  # noqa: PLR0917 - which page, for whom, with what
    incoming: Incoming, ctx: Ctx, template: str, language: Language, values: dict[str, Any], status: int = 200
) -> ASGIResponse:
    """Return a page for somebody who is not signed in."""
    told = values | {"service": ctx.scope.name(language), "slug": ctx.scope.slug}
    return page_reply(incoming, render(template, _shell(site_of(incoming), ctx, language), told), status=status)


def _shell(site: Site, ctx: Ctx, language: Language) -> Shell:
    """Return the shell of a page for somebody who is not known yet."""
    return Shell(
        language=language,
        path="/",
        today=ctx.today,
        demonstration=site.settings.demonstration,
        version=site.version,
    )


async def caller_of(incoming: Incoming, ctx: Ctx) -> Caller | None:
    """Return who is signed in to the scope in this browser."""
    callers, credential = site_of(incoming).callers, _credential(incoming, ctx)
    if credential is None:
        return None
    async with tenant_session(ctx, read_only=True) as session:
        return await callers.caller(session, ctx.scope, credential)


def still_of(incoming: Incoming, ctx: Ctx, caller: Caller) -> StillIn:
    """Return what asks, later in the same request, who the ``caller`` is by then."""
    credential = _credential(incoming, ctx)
    if credential is None:
        raise Unauthenticated
    return StillIn(site_of(incoming).callers, ctx.scope, credential, caller)


def _credential(incoming: Incoming, ctx: Ctx) -> Credential | None:
    return site_of(incoming).callers.credential(incoming.headers, incoming.cookies, ctx.scope.slug)


async def check_form(incoming: Incoming, caller: Caller) -> dict[str, str]:
    """Return the fields of a form that one of the caller's own pages made; raises ``StaleForm``."""
    fields = dict(await read_form(incoming))
    token = fields.get("_token", "")
    if incoming.headers.get("sec-fetch-site") == "cross-site" or not protection.check_token(caller.secret, token):
        raise StaleForm
    return fields


async def context_of(incoming: Incoming, kinds: frozenset[ScopeKind] | None = None) -> Ctx:
    """Return the context of the scope that the address names, with nobody acting yet."""
    site = site_of(incoming)
    scope = await site.scope(incoming.params["scope"], kinds)
    incoming.note_scope(scope)
    return site.context(scope, language_of(incoming), incoming.request_id, SIGN_IN)


async def counted(incoming: Incoming, kinds: frozenset[ScopeKind] | None = None) -> Ctx:
    """Return the context of a step of signing in, counted for the service and the address it comes from."""
    ctx, site = await context_of(incoming, kinds), site_of(incoming)
    who = f"{ctx.scope.slug}/{incoming.network}"
    incoming.note_allowance(await site.limiter.allow(sign_in_limit(site.settings), who))
    return ctx


def _own_way(ctx: Ctx) -> tuple[str, Text] | None:
    """Return where an agency's officers come in who have no account that works, and what it is called."""
    if ctx.scope.kind != "agency":
        return None
    return f"{entrance(ctx.scope.slug)}?language={ctx.language}", t("I am an officer with member access")


def site_of(incoming: Incoming) -> Site:
    """Return the site of the application that is answering."""
    return incoming.site


def language_of(incoming: Incoming) -> Language:
    """Return the language that the query, the page one comes from or the browser asks for."""
    asked = dict(incoming.query).get("language")
    if asked is None and incoming.method == "GET" and "next" in dict(incoming.query):
        asked = dict(incoming.query)["next"][1:3]
    if asked is None:
        asked = urlsplit(incoming.headers.get("referer", "")).path[1:3]
    if asked == "fr":
        return "fr"
    return "en" if asked == "en" else preferred(incoming.headers.get("accept-language"))
