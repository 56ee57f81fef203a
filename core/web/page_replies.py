"""What goes out for a page: the template in its shell, a file, an error."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING
from urllib.parse import quote, urlencode

from core.errors import ContingentError, Forbidden, Invalid, StepUpNeeded
from core.events.notifications import unread_count
from core.text import t
from core.web import protection
from core.web.environment import render
from core.web.forms_sent import TOKEN
from core.web.navigation import banners, navigation, opener, place, searched
from core.web.problems import TITLES, headers_of, named
from core.web.replies import PRIVATE, cookie, file_reply, page_reply, redirect, reply
from core.web.shell import Alert, Page, Signed
from core.web.view import Answer, Download, PageAnswer, To, View

if TYPE_CHECKING:
    from litestar.response.base import ASGIResponse

    from core.context import Ctx
    from core.web.incoming import Incoming, Pairs
    from core.web.site import Site

NOTICE = "notice"
LONGEST_FRAGMENT = 60
NOTIFICATIONS = "/notifications"
SEARCH = "/search"
PROVED = "/session/proved"
"""Where somebody arrives who has proved who they are in a window beside the form they were about to send."""


async def answered(view: View, answer: PageAnswer, *, status: int | None = None) -> ASGIResponse:
    """Return what a page's function answered, as it goes out."""
    if isinstance(answer, To):
        return redirect(view.url(answer.path))
    if isinstance(answer, Download):
        return file_reply(view.incoming, answer, PRIVATE)
    return await _page(view, answer, status or answer.status)


async def refused_page(view: View, error: ContingentError) -> ASGIResponse:
    """Return the page of an error, with the navigation of the reader."""
    text, remedy = error.text, error.remedy
    if isinstance(error, Forbidden):
        allowing = view.site.callers.giving(view.ctx.scope.kind, error.permission)
        if view.caller.confined:
            text, remedy = view.caller.confined, None
        elif allowing:
            text = t("Roles that allow it: %(roles)s.", roles=allowing)
    values = {
        "inside": True,
        "title": TITLES[error.slug],
        "status": error.status,
        "text": text,
        "faults": named(error.faults, error.about) if isinstance(error, Invalid) else (),
        "remedy": remedy,
        "request_id": view.ctx.request_id if error.status >= 500 else "",
        "back": "/",
        "back_label": None,
    }
    if isinstance(error, StepUpNeeded):
        values |= {
            "back": _step_up_address(view, error.action, error.back or _here(view)),
            "back_label": t("Sign in once more"),
        }
    return await _page(view, Answer("error.html", values, error.status), error.status, headers_of(error).items())


async def _page(view: View, answer: Answer, status: int, headers: Iterable[tuple[str, str]] = ()) -> ASGIResponse:
    own = list(headers)
    notice = _notice(view)
    if notice is not None:
        view.alerts.insert(0, Alert(notice, "ok"))
    if NOTICE in view.incoming.cookies:
        path = f"/{view.language}/{view.ctx.scope.slug}"
        own.append(cookie(NOTICE, "", path=path, seconds=0, secure=view.site.secure))
    fragment = view.incoming.headers.get("x-fragment", "")[:LONGEST_FRAGMENT] or None
    page = await _shell(view)
    html = render(answer.template, page, dict(answer.values) | {"view": view}, fragment=fragment)
    return page_reply(view.incoming, html, status=status, policy=_policy(view), headers=own)


async def _shell(view: View) -> Page:
    ctx, caller, opens = view.ctx, view.caller, opener(view)
    bare = Page(
        language=ctx.language,
        path=view.path,
        today=ctx.today,
        scope=ctx.scope,
        query=_query(view),
        alerts=view.alerts,
        marking=caller.marking,
        demonstration=view.site.settings.demonstration,
        version=view.site.version,
        stripe=caller.stripe,
    )
    if view.gone:
        return bare
    told = view.site.has(ctx.scope.kind, NOTIFICATIONS) and opens(NOTIFICATIONS)
    unread = 0
    if told and view.open_work is not None:
        unread = await unread_count(view.open_work.session, ctx.scope.id, ctx.actor.id)
    return replace(
        bare,
        alerts=[*view.alerts, *await banners(view)],
        nav=await navigation(view),
        place=place(view),
        signed=Signed(ctx.actor.name, caller.seat, caller.links),
        unread=unread,
        token=lambda: protection.make_token(caller.secret),
        opens=opens,
        sign_out=caller.sign_out,
        search=SEARCH if view.site.has(ctx.scope.kind, SEARCH) and searched(view) else None,
        notifications=NOTIFICATIONS if told else None,
    )


async def step_up_page(view: View, pairs: Pairs, needed: StepUpNeeded) -> ASGIResponse:
    """Return the page that holds a refused form while its sender proves who they are in a window beside it."""
    values = {
        "text": needed.text,
        "address": _step_up_address(view, needed.action, PROVED),
        "fields": [(name, value) for name, value in pairs if name != TOKEN],
    }
    return await _page(view, Answer("step_up.html", values, needed.status), needed.status)


def _step_up_address(view: View, action: str, back: str) -> str:
    """Return where the reader proves anew who they are for ``action``; they come back to ``back``, below the scope."""
    ctx, site, own = view.ctx, view.site, view.caller.anew
    if own is not None:
        return f"{site.settings.address}{own}?{urlencode({'language': ctx.language, 'next': view.url(back)})}"
    return site.settings.address + site.callers.step_up(ctx.scope, ctx.language, view.url(back), action)


def _here(view: View) -> str:
    """Return the page that was asked for."""
    # A file is saved and leaves the window where it was: come back to its list.
    query = urlencode([(name, value) for name, value in view.queries if name not in {"format", "table"}])
    return quote(view.path) + (f"?{query}" if query else "")


def _query(view: View) -> dict[str, str | list[str]]:
    gathered: dict[str, str | list[str]] = {}
    for name, value in view.queries:
        known = gathered.get(name)
        if known is None:
            gathered[name] = value
        else:
            gathered[name] = [*known, value] if isinstance(known, list) else [known, value]
    return gathered


def _policy(view: View) -> str:
    origins = [*view.caller.form_origins] if view.caller.sign_out else []
    origins += view.form_origins
    return protection.content_policy(origins) if origins else protection.POLICY


def _notice(view: View) -> str | None:
    value = view.incoming.cookies.get(NOTICE, "")
    return protection.read_notice(view.caller.secret, value) if value else None


def sent_away(site: Site, ctx: Ctx, incoming: Incoming) -> ASGIResponse:
    """Return the way to sign in; a script that asked for a fragment is told where, and follows by itself."""
    query = incoming.scope["query_string"].decode("latin-1")
    back = quote(incoming.path) + (f"?{query}" if query else "") if incoming.method == "GET" else ""
    back = back or f"/{ctx.language}/{ctx.scope.slug}/"
    address = site.callers.sign_in(ctx.scope, ctx.language, back)
    if "x-fragment" in incoming.headers:
        return reply(incoming, b"", "text/plain", status=401, headers=[("x-reauth", address)])
    return redirect(address)
