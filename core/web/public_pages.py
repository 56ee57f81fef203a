"""Pages without sign-in, below ``/{en|fr}``: the chooser, the public site, the API reference.

public = PublicPages("oversight")

@public.get("/figures")
async def figures(view: PublicView) -> Answer: ...
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, TypeVar, cast
from zoneinfo import ZoneInfo

from core.context import Language
from core.database.sessions import public_session
from core.web.environment import render
from core.web.replies import HTML, file_reply, redirect, reply
from core.web.shell import Alert, Page
from core.web.view import Answer, Download, PageAnswer, To

if TYPE_CHECKING:
    from litestar.response.base import ASGIResponse
    from sqlalchemy.ext.asyncio import AsyncSession

    from core.web.incoming import Incoming
    from core.web.site import Site

ZONE = ZoneInfo("America/Toronto")
CACHING = ("cache-control", "no-cache")


@dataclass(slots=True)
class PublicView:
    """One public page being made: nobody is known, no scope is open."""

    site: Site
    incoming: Incoming
    language: Language
    path: str
    params: Mapping[str, str]
    queries: Sequence[tuple[str, str]] = ()
    alerts: list[Alert] = field(default_factory=list)

    @property
    def query(self) -> dict[str, str]:
        """What follows the question mark, by name."""
        return dict(self.queries)

    @asynccontextmanager
    async def session(self) -> AsyncIterator[AsyncSession]:
        """Open a read-only transaction that sees what anybody may see."""
        async with public_session(self.site.database) as session:
            yield session

    def render(
        self, template: str, *, status: int = 200, headers: Sequence[tuple[str, str]] = (), **values: Any
    ) -> Answer:
        """Answer with a template; ``values`` are its own."""
        return Answer(template, values, status, headers)

    def url(self, path: str) -> str:
        """Return the address of ``path`` below this language."""
        return f"/{self.language}{path}" if path.startswith("/") else path


PublicShower = Callable[[PublicView], Awaitable[PageAnswer]]
S = TypeVar("S", bound=PublicShower)


@dataclass(frozen=True, slots=True)
class PublicPage:
    """A public page: its pattern below the language."""

    pattern: str
    show: PublicShower


@dataclass(slots=True)
class PublicPages:
    """The public pages of one room."""

    name: str
    shown: list[PublicPage] = field(default_factory=list)

    def get(self, pattern: str) -> Callable[[S], S]:
        """Declare a public page; its first part may not be a scope's slug, so reserve the word."""

        def declare(show: S) -> S:
            self.shown.append(PublicPage(pattern, show))
            return show

        return declare


async def show_public(site: Site, page: PublicPage, incoming: Incoming) -> ASGIResponse:
    """Answer a GET of a public page."""
    language = cast("Language", incoming.path[1:3])
    path = incoming.path[3:] or "/"
    view = PublicView(site, incoming, language, path, dict(incoming.params), incoming.query)
    answer = await page.show(view)
    if isinstance(answer, To):
        return redirect(view.url(answer.path))
    if isinstance(answer, Download):
        return file_reply(incoming, answer, CACHING[1])
    shell = Page(
        language=language,
        path=path,
        today=site.clock.now().astimezone(ZONE).date(),
        query=view.query,
        alerts=view.alerts,
        demonstration=site.settings.demonstration,
        version=site.version,
    )
    fragment = incoming.headers.get("x-fragment") or None
    html = render(answer.template, shell, dict(answer.values) | {"view": view}, fragment=fragment)
    headers = [CACHING, ("vary", "X-Fragment"), *answer.headers]
    return reply(incoming, html.encode(), HTML, status=answer.status, headers=headers)
