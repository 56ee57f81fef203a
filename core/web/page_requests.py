"""How a page answers: one read transaction for a page that is shown; check, execute, redirect for a form."""

from __future__ import annotations

from contextlib import asynccontextmanager
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, cast

from core.context import LANGUAGES, SCOPE_KINDS, Ctx, Language, Scope
from core.database.sessions import tenant_session
from core.errors import (
    Conflict,
    ContingentError,
    Forbidden,
    Invalid,
    NotFound,
    Refused,
    StepUpNeeded,
    TooLarge,
    Unauthenticated,
)
from core.text import Text, t
from core.use_cases.execution import acting_now, execute, let_in
from core.use_cases.work import Work
from core.web import protection
from core.web.callers import StillIn
from core.web.forms_sent import Sent, read_sent
from core.web.incoming import Incoming
from core.web.page_replies import NOTICE, answered, refused_page, sent_away, step_up_page
from core.web.problems import named
from core.web.replies import cookie, redirect
from core.web.shell import Alert
from core.web.view import Answer, PageAnswer, To, View

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from litestar.response.base import ASGIResponse
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.web.callers import By, Caller, Credential
    from core.web.pages import Page, Post
    from core.web.site import Site

NOTICE_SECONDS = 60


class NotSignedIn(Exception):
    """Nobody is signed in to the scope: signing in starts at its own address."""


async def show_page(site: Site, page: Page, incoming: Incoming) -> ASGIResponse:
    """Answer a GET: caller, permission and all queries in one read-only transaction."""
    ctx = await _begin(site, page.pages.scopes, incoming)
    try:
        async with _known(site, ctx, incoming, page.pages.by) as (caller, session, known):
            view = _view(site, known, caller, incoming, session)
            if page.permission is not None and not known.actor.may_at_all(page.permission):
                raise Forbidden(page.permission)
            answer = await page.show(view)
            if not _asks(answer):
                return await answered(view, answer, status=Invalid.status if view.faults else None)
        answer = await _filled(view, answer)
        async with _reopened(view, page.pages.by):
            return await answered(view, answer, status=Invalid.status if view.faults else None)
    except NotSignedIn:
        return _outside(site, ctx, incoming, page.pages.by)
    except NotFound:
        raise
    except ContingentError as error:
        return await _refusal(site, ctx, incoming, error, page.pages.by)


async def _filled(view: View, answer: PageAnswer) -> PageAnswer:
    """Ask plugins what the page needs of them; its own transaction is over, and none is open."""
    assert isinstance(answer, Answer)
    assert answer.asks is not None
    view.open_work = None
    found = await answer.asks()
    return replace(answer, values={**answer.values, **found}, asks=None)


def _asks(answer: PageAnswer) -> bool:
    return isinstance(answer, Answer) and answer.asks is not None


@asynccontextmanager
async def _reopened(view: View, by: By) -> AsyncIterator[None]:
    """Open a transaction once more, for what stands around the page. Raises ``NotSignedIn``."""
    async with _known(view.site, view.ctx, view.incoming, by) as (_, session, known):
        view.open_work = Work(known, session, known.today, known.clock.now())
        yield


async def take_form(site: Site, post: Post, incoming: Incoming) -> ASGIResponse:
    """Answer a POST: know the caller, check the token, execute, redirect; or show the form again."""
    ctx = await _begin(site, post.scopes, incoming)
    by, case = post.pages.by, post.use_case
    sent = Sent({})
    try:
        async with _known(site, ctx, incoming, by) as (caller, session, known):
            let_in(case, known.actor)
            if post.gather is not None:
                # Its fields may be those of a plugin's settings, which this process has to know by now.
                await known.hooks.look(session)
        still = StillIn(site.callers, ctx.scope, _credential(site, ctx, incoming, by), caller)
        sent = await read_sent(post, incoming, known, caller.secret, partial(acting_now, case, known, still=still))
        data = sent.read(case, known)
        result = await execute(case, known, data, on=sent.on, key=sent.key, expected=sent.version, still=still)
    except NotSignedIn:
        return _outside(site, ctx, incoming, by)
    except (Invalid, Conflict, Refused, TooLarge, StepUpNeeded) as error:
        return await _shown_again(site, post, ctx, incoming, sent, error)
    except NotFound:
        raise
    except ContingentError as error:
        return await _refusal(site, ctx, incoming, error, by)
    view = _view(site, known.acting_as(still.caller.actor), still.caller, incoming, None)
    view.values = sent.values
    answer = await post.accepted(view, result)
    return _redirected(view, answer) if isinstance(answer, To) else await _answered_once(post, view, answer)


async def _answered_once(post: Post, view: View, answer: PageAnswer) -> ASGIResponse:
    """Answer an accepted form with a page of its own, around which stands what the reader may open now."""
    view.path = post.page(view.path, view.params)
    if _asks(answer):
        answer = await _filled(view, answer)
    try:
        async with _reopened(view, post.pages.by):
            return await answered(view, answer)
    except NotSignedIn:
        view.gone = True
        return await answered(view, answer)


async def lost_page(site: Site, incoming: Incoming, error: ContingentError) -> ASGIResponse | None:
    """Return the page of an error at an address that no page answers, with the reader's own navigation.

    It is made of the address and the reader alone, so that whatever is not there, and whatever is not theirs, looks
    the same. ``None`` where nobody is signed in to the scope that the address names.
    """
    language, slug = ([*incoming.path.split("/"), "", ""])[1:3]
    if language not in LANGUAGES:
        return None
    try:
        incoming.params = {"scope": slug}
        ctx = await _begin(site, SCOPE_KINDS, incoming)
        async with _known(site, ctx, incoming, "session") as (caller, session, known):
            return await refused_page(_view(site, known, caller, incoming, session), error)
    except (NotSignedIn, ContingentError):
        return None


async def _begin(site: Site, kinds: Any, incoming: Incoming) -> Ctx:
    language = cast("Language", incoming.path[1:3])
    scope: Scope = await site.scope(incoming.params["scope"], frozenset(kinds))
    incoming.note_scope(scope)
    return site.before_caller(scope, language, incoming.request_id)


@asynccontextmanager
async def _known(site: Site, ctx: Ctx, incoming: Incoming, by: By) -> AsyncIterator[tuple[Caller, AsyncSession, Ctx]]:
    """Open the read transaction and find the caller in it. Raises ``NotSignedIn``."""
    credential = _credential(site, ctx, incoming, by)
    async with tenant_session(ctx, read_only=True) as session:
        caller = await site.callers.caller(session, ctx.scope, credential)
        if caller is None:
            raise NotSignedIn
        yield caller, session, site.wire(replace(ctx, actor=caller.actor))


def _credential(site: Site, ctx: Ctx, incoming: Incoming, by: By) -> Credential:
    found = site.callers.credential(incoming.headers, incoming.cookies, ctx.scope.slug, by)
    if found is None:
        raise NotSignedIn
    return found


def _view(site: Site, ctx: Ctx, caller: Caller, incoming: Incoming, session: AsyncSession | None) -> View:
    start = f"/{ctx.language}/{ctx.scope.slug}"
    params = {name: value for name, value in incoming.params.items() if name != "scope"}
    return View(
        ctx=ctx,
        caller=caller,
        site=site,
        incoming=incoming,
        path=incoming.path.removeprefix(start) or "/",
        params=params,
        queries=incoming.query,
        open_work=None if session is None else Work(ctx, session, ctx.today, ctx.clock.now()),
    )


async def _shown_again(  # noqa: PLR0917 - the form, whose it was, what it held and why it was refused
    site: Site, post: Post, ctx: Ctx, incoming: Incoming, sent: Sent, error: ContingentError
) -> ASGIResponse:
    """Show the page of the refused form again, with what was sent and why it was refused.

    To whoever its sender is by now: the body may have taken its time.
    """
    try:
        async with _known(site, ctx, incoming, post.pages.by) as (caller, session, known):
            view = _view(site, known, caller, incoming, session)
            let_in_no_more = not known.actor.may_at_all(post.use_case.permission)
            if isinstance(error, StepUpNeeded) and not let_in_no_more:
                return await step_up_page(view, sent.pairs, error)
            if post.form is None or let_in_no_more:
                return await refused_page(view, Forbidden(post.use_case.permission) if let_in_no_more else error)
            again = replace(
                view,
                path=post.page(view.path, view.params),
                faults=error.faults if isinstance(error, Invalid) else (),
                values=sent.values,
                refused=post.use_case.input,
                sent_to=view.path,
                sent=dict(sent.pairs),
                conflict=isinstance(error, Conflict),
            )
            answer = await post.form(again)
            if not _asks(answer):
                return await _explained(post, again, answer, error)
        answer = await _filled(again, answer)
        async with _reopened(again, post.pages.by):
            return await _explained(post, again, answer, error)
    except NotSignedIn:
        return _outside(site, ctx, incoming, post.pages.by)
    except Forbidden:
        # Who may send the form but not see the page it stands on.
        return await _refusal(site, ctx, incoming, error, post.pages.by)


async def _explained(post: Post, again: View, answer: PageAnswer, error: ContingentError) -> ASGIResponse:
    if not isinstance(error, Invalid):
        again.alert(Alert(error.text, "bad", error.remedy))
    elif not again.explained:
        # The form was a single button, say: its faults have no field to stand at.
        faults = Text("%(faults)s", {"faults": named(error.faults, post.use_case.input)})
        again.alert(Alert(error.text, "bad", faults))
    return await answered(again, answer, status=error.status)


def _outside(site: Site, ctx: Ctx, incoming: Incoming, by: By) -> ASGIResponse:
    """Send away to sign in; whoever came by a link comes by it again, for no other sign-in opens that page."""
    if by == "link":
        raise Unauthenticated(t("This page opens by the link in your message alone: open the link once more."))
    return sent_away(site, ctx, incoming)


async def _refusal(site: Site, ctx: Ctx, incoming: Incoming, error: ContingentError, by: By) -> ASGIResponse:
    """Show an error inside the shell, for a caller who is known."""
    try:
        async with _known(site, ctx, incoming, by) as (caller, session, known):
            return await refused_page(_view(site, known, caller, incoming, session), error)
    except NotSignedIn:
        return _outside(site, ctx, incoming, by)


def _redirected(view: View, to: To) -> ASGIResponse:
    headers = []
    if to.notice is not None:
        sentence = view.say(to.notice)
        signed = protection.sign_notice(view.caller.secret, sentence)
        path = f"/{view.language}/{view.ctx.scope.slug}"
        headers.append(cookie(NOTICE, signed, path=path, seconds=NOTICE_SECONDS, secure=view.site.secure))
    return redirect(view.url(to.path), headers=headers)
