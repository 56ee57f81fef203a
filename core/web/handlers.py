"""Litestar handlers for what the rooms declared, and the answer to every error."""

from __future__ import annotations

import itertools
from collections.abc import Awaitable, Callable, Sequence
from typing import Any, NamedTuple

from litestar import Request, Response
from litestar.handlers import HTTPRouteHandler
from litestar.response.base import ASGIResponse
from litestar.types import Receive, Scope, Send

from core.context import LANGUAGES, Language, ScopeKind
from core.errors import ContingentError, Invalid, NotFound
from core.web import request_log
from core.web.environment import render
from core.web.i18n import translator
from core.web.incoming import Incoming
from core.web.languages import preferred
from core.web.page_requests import lost_page, show_page, take_form
from core.web.pages import PARAMETER, Pages
from core.web.problems import MEDIA_TYPE, TITLES, WrongMethod, encoded, headers_of, named, problem_of
from core.web.public_pages import show_public
from core.web.replies import page_reply, reply
from core.web.routes import PREFIX, Route, answer
from core.web.shell import Page as Shell
from core.web.site import Site

Answerer = Callable[[Incoming], Awaitable[ASGIResponse]]


MARK = "in_"
"""Before each parameter of a path: Litestar keeps words such as ``scope`` and ``data`` for itself."""


def handler(method: str, paths: Sequence[str], respond: Answerer, name: str) -> HTTPRouteHandler:
    """Return a Litestar handler that answers ``method`` at ``paths`` with ``respond``."""

    async def handle(request: Request[Any, Any, Any]) -> ASGIResponse:
        scope = request.scope
        params = {key[len(MARK) :]: value for key, value in scope["path_params"].items()}
        return await respond(Incoming(scope, request.receive, params, request.app.state.site))

    marked = [path.replace("{", "{" + MARK) for path in paths]
    # The status that Litestar is told is only what it checks; each answer brings its own.
    made = HTTPRouteHandler(
        marked,
        http_method=[method],  # type: ignore[list-item]
        status_code=200,
        include_in_schema=False,
        name=name,
    )
    return made(handle)


def page_handlers(site: Site) -> list[HTTPRouteHandler]:
    """Return the handlers of all pages; rooms may share an address, each for its own kinds of scope."""
    at: dict[tuple[str, str], list[_Declared]] = {}
    for room in site.pages:
        for page in room.shown:
            at.setdefault(("GET", shape(page.pattern)), []).append(
                _Declared(room, frozenset(room.scopes), page.pattern, _bind(show_page, site, page))
            )
        for post in room.posted:
            at.setdefault(("POST", shape(post.pattern)), []).append(
                _Declared(room, post.scopes, post.pattern, _bind(take_form, site, post))
            )
    return [
        handler(method, _page_paths(pattern), _by_kind(site, method, shared), f"{method} pages{pattern}")
        for (method, pattern), shared in at.items()
    ]


class _Declared(NamedTuple):
    """A page or form of a room, and what answers it."""

    room: Pages
    scopes: frozenset[ScopeKind]
    pattern: str
    respond: Answerer


def _by_kind(site: Site, method: str, shared: Sequence[_Declared]) -> Answerer:
    """Return what answers with the room that has this address for the scope's kind."""
    by_kind: dict[ScopeKind, _Declared] = {}
    for declared in shared:
        for kind in declared.scopes:
            known = by_kind.setdefault(kind, declared)
            if known is not declared:
                raise TypeError(
                    f"{method} {declared.pattern} of {declared.room.name} and {known.pattern} of {known.room.name} "
                    f"are one address for {kind}: change one"
                )

    async def respond(incoming: Incoming) -> ASGIResponse:
        scope = await site.scope(incoming.params["scope"])
        declared = by_kind.get(scope.kind)
        if declared is None:
            raise NotFound
        names = PARAMETER.findall(declared.pattern)
        values = {name: incoming.params[f"part{place}"] for place, name in enumerate(names)}
        incoming.params = {"scope": incoming.params["scope"], **values}
        incoming.note_route(f"{method} {declared.room.name}{declared.pattern}")
        return await declared.respond(incoming)

    return respond


def shape(pattern: str) -> str:
    """Return a pattern whose parameters are called by their place, so that two of one shape are the same."""
    places = itertools.count()
    return PARAMETER.sub(lambda _: f"{{part{next(places)}}}", pattern)


def public_handlers(site: Site) -> list[HTTPRouteHandler]:
    """Return the handlers of the pages without sign-in."""
    return [
        handler(
            "GET",
            [f"/{language}{'' if page.pattern == '/' else typed(page.pattern)}" for language in LANGUAGES],
            _bind(show_public, site, page),
            f"GET public{page.pattern}",
        )
        for room in site.public_pages
        for page in room.shown
    ]


def route_handlers(site: Site) -> list[HTTPRouteHandler]:
    """Return the handlers of the JSON API."""
    seen: dict[tuple[str, str], Route] = {}
    for route in site.routes:
        known = seen.setdefault((route.method, shape(route.pattern)), route)
        if known is not route:
            raise TypeError(f"{route.method} {route.pattern} and {known.pattern} are one address: change one")
    return [
        handler(
            route.method,
            [PREFIX + typed(route.pattern)],
            _bind(answer, site, route),
            f"{route.method} {PREFIX}{route.pattern}",
        )
        for route in site.routes
    ]


def typed(pattern: str) -> str:
    """Return a pattern as Litestar writes it: ``/calls/{id}`` as ``/calls/{id:str}``."""
    return PARAMETER.sub(r"{\1:str}", pattern)


def _page_paths(pattern: str) -> list[str]:
    tail = "" if pattern == "/" else typed(pattern)
    return [f"/{language}/{{scope:str}}{tail}" for language in LANGUAGES]


def _bind(function: Callable[[Site, Any, Incoming], Awaitable[ASGIResponse]], site: Site, declared: Any) -> Answerer:
    async def respond(incoming: Incoming) -> ASGIResponse:
        return await function(site, declared, incoming)

    return respond


MACHINES = (["api"], ["health"], ["metrics"], ["static"], ["calendar"])
"""First parts of the addresses at which nobody reads a page."""


LOST = (NotFound, WrongMethod)
"""What says no more than that the address leads nowhere: whoever is signed in reads it where they are."""


class Finished(Response[bytes]):
    """The answer to an error, made when it is sent: Litestar's handlers neither wait nor return another kind."""

    def __init__(self, site: Site, problem: ContingentError) -> None:
        super().__init__(b"")
        self.site, self.problem = site, problem

    def to_asgi_response(self, *args: Any, **kwargs: Any) -> Any:
        """Return what looks for the reader and then answers."""
        return self._answer

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        incoming = Incoming(scope, receive, {}, self.site)
        inside = await lost_page(self.site, incoming, self.problem) if isinstance(self.problem, LOST) else None
        await (inside or error_reply(self.site, incoming, self.problem))(scope, receive, send)


def error_handler(site: Site) -> Callable[[Request[Any, Any, Any], Exception], Response[bytes]]:
    """Return what answers an error that reached the edge: a problem document, or a page.

    The page has the reader's navigation where all that is wrong is the address, else none.
    """

    def handle(request: Request[Any, Any, Any], error: Exception) -> Response[bytes]:
        problem = problem_of(error)
        if problem.status >= 500 and not isinstance(error, ContingentError):
            request_log.failed(Incoming(request.scope, request.receive, {}, site), error, site.settings.demonstration)
        return Finished(site, problem)

    return handle


def error_reply(site: Site, incoming: Incoming, problem: ContingentError) -> ASGIResponse:
    """Return the answer for ``problem``: the same bytes for the same problem and language, whatever was asked."""
    headers = list(headers_of(problem).items())
    if not _wants_page(incoming.path):
        language = preferred(incoming.headers.get("accept-language"))
        body = encoded(problem, translator(language), incoming.request_id)
        own = [
            ("cache-control", "no-store"),
            ("vary", "Authorization, Accept-Language"),
            ("content-language", language),
        ]
        return reply(incoming, body, MEDIA_TYPE, status=problem.status, headers=[*own, *headers])
    language = _language(incoming)
    values = {
        "inside": False,
        "title": TITLES[problem.slug],
        "status": problem.status,
        "text": problem.text,
        "faults": named(problem.faults, problem.about) if isinstance(problem, Invalid) else (),
        "remedy": problem.remedy,
        "request_id": incoming.request_id if problem.status >= 500 else "",
        "back": "/",
        "back_label": None,
    }
    shell = Shell(language=language, path="/", today=site.clock.now().date(), version=site.version)
    return page_reply(incoming, render("error.html", shell, values), status=problem.status, headers=headers)


def _wants_page(path: str) -> bool:
    """Say whether a person is looking: everywhere but on the addresses that programs ask."""
    parts = path.split("/")
    return parts[1:2] not in MACHINES and "scim" not in parts[3:4]


def _language(incoming: Incoming) -> Language:
    for language in LANGUAGES:
        if incoming.path.split("/")[1:2] == [language]:
            return language
    return preferred(incoming.headers.get("accept-language"))
