"""Where a link leads before anybody is known: a page that changes nothing, however often it is fetched.

Programs that look through mail fetch what they find in it. So the page only offers to sign in, and says
nothing of the case; the link is used up by the decision, and by nothing before it.
"""

from __future__ import annotations

from typing import TYPE_CHECKING
from urllib.parse import urlencode

from auth.approval_links.links import find_link
from auth.endpoints import counted, site_of
from auth.relying_party.refusals import SignInRefused, Why
from core.context import LANGUAGES, Language
from core.database.sessions import tenant_session
from core.web.environment import render
from core.web.handlers import handler
from core.web.incoming import Incoming
from core.web.replies import page_reply
from core.web.shell import Page as Shell

if TYPE_CHECKING:
    from litestar.handlers import HTTPRouteHandler
    from litestar.response.base import ASGIResponse


def link_handlers() -> list[HTTPRouteHandler]:
    """Return what the application adds to its routes."""
    paths = [f"/{language}/{{scope:str}}/decide/{{secret:str}}" for language in LANGUAGES]
    return [handler("GET", paths, show_link, "GET approval link")]


async def show_link(incoming: Incoming) -> ASGIResponse:
    """Offer to sign in for a link that can be used; any other is one page, whatever is wrong with it."""
    ctx, site = await counted(incoming), site_of(incoming)
    secret = incoming.params["secret"]
    language: Language = "fr" if incoming.path.startswith("/fr/") else "en"
    link = None
    if ctx.scope.kind == "agency":
        async with tenant_session(ctx, read_only=True) as session:
            link = await find_link(session, ctx.scope.id, secret, ctx.clock.now())
    text, remedy = SignInRefused(Why.LINK_ENDED).sentences
    start = f"{site.settings.address}/t/{ctx.scope.slug}/auth/start"
    shell = Shell(
        language=language,
        path=f"/{ctx.scope.slug}/decide/{secret}" if link else f"/{ctx.scope.slug}",
        today=ctx.today,
        demonstration=site.settings.demonstration,
        version=site.version,
    )
    values = {
        "service": ctx.scope.name(language),
        "text": text,
        "remedy": remedy,
        "way": f"{start}?{urlencode({'language': language, 'link': secret})}" if link else None,
        "inbox": f"{site.settings.address}/{language}/{ctx.scope.slug}/approvals",
    }
    return page_reply(incoming, render("approval_links/landing.html", shell, values), status=200 if link else 404)
