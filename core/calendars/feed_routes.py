"""The address of a calendar: ``/calendar/ctg_{scope}_{secret}.ics``, fetched by programs that nobody signs in to.

Whatever is wrong with an address is one answer, the same as for one that there never was: not known, revoked, made by
somebody who is gone or may not read the dates any more, or from before signing in was stopped.
"""

from __future__ import annotations

from dataclasses import replace
from hashlib import sha256
from typing import TYPE_CHECKING

from core.calendars.drawing import draw_calendar
from core.calendars.ending import note_fetch
from core.calendars.reading import read_feed
from core.calendars.service import PATH
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import NotFound
from core.limits.policies import CALENDAR, FAILED_CALENDAR
from core.tokens import read_token
from core.use_cases.work import Work
from core.web.callers import Credential
from core.web.handlers import handler
from core.web.replies import reply

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse

    from core.web.incoming import Incoming

ICALENDAR = "text/calendar; charset=utf-8"
ENDING = ".ics"
CACHING = ("cache-control", "private, no-cache")
"""A calendar keeps its copy and asks each time whether that still holds; nothing in between keeps one."""


def calendar_handlers() -> list[HTTPRouteHandler]:
    """Return what the application adds to its routes."""
    return [handler("GET", [f"{PATH}/{{token:str}}"], show_calendar, "GET calendar")]


async def show_calendar(incoming: Incoming) -> ASGIResponse:
    """Answer with a calendar, or that the copy which the caller has still holds."""
    try:
        ctx = await _whose(incoming)
        # Before the dates are read: what is refused is to cost next to nothing.
        incoming.note_allowance(await incoming.site.limiter.allow(CALENDAR, str(ctx.actor.only)))
        async with tenant_session(ctx, read_only=True) as session:
            feed = await read_feed(Work(ctx, session, ctx.today, ctx.clock.now()))
    except NotFound:
        incoming.note_allowance(await incoming.site.limiter.allow(FAILED_CALENDAR, incoming.network))
        raise
    body = draw_calendar(ctx, feed.entries, feed.language, feed.mission)
    if feed.stale:
        async with tenant_session(ctx) as session:
            await note_fetch(Work(ctx, session, ctx.today, ctx.clock.now()), feed.id)
    # Weak, for it may go out packed or plain.
    tag = f'W/"{sha256(body).hexdigest()[:32]}"'
    headers = [CACHING, ("etag", tag), ("content-language", feed.language), ("x-robots-tag", "noindex")]
    if _holds(incoming.headers.get("if-none-match", ""), tag):
        return reply(incoming, b"", ICALENDAR, status=304, headers=headers)
    return reply(incoming, body, ICALENDAR, headers=headers)


async def _whose(incoming: Incoming) -> Ctx:
    """Return in whose context the dates of the address are read. Raises ``NotFound``."""
    name = incoming.params["token"]
    named = read_token(name.removesuffix(ENDING)) if name.endswith(ENDING) else None
    if named is None:
        raise NotFound
    slug, secret = named
    site = incoming.site
    scope = await site.scope(slug)
    incoming.note_scope(scope)
    ctx = site.before_caller(scope, "en", incoming.request_id)
    async with tenant_session(ctx, read_only=True) as session:
        caller = await site.callers.caller(session, scope, Credential("calendar", slug, secret))
        if caller is None:
            raise NotFound
        return replace(ctx, actor=caller.actor)


def _holds(asked: str, tag: str) -> bool:
    """Say whether ``If-None-Match`` names the calendar as it is now (RFC 9110, 13.1.2)."""
    known = {one.strip().removeprefix("W/") for one in asked.split(",")}
    return "*" in known or tag.removeprefix("W/") in known
