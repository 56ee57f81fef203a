"""The composition root: the rooms, the two kernel plugins, and the application made of them."""

from __future__ import annotations

import importlib
import importlib.util
from collections.abc import Callable, Sequence
from contextlib import AbstractAsyncContextManager
from types import ModuleType
from typing import Any

from litestar import Litestar

from core.calendars.feed_routes import calendar_handlers
from core.clock import Clock, SystemClock
from core.context import Ctx
from core.database.engines import Database
from core.limits.limiter import Limiter
from core.people import People
from core.personnel.register import OfficerRegister
from core.settings import Settings
from core.web import environment, reference, statements
from core.web.callers import Callers
from core.web.edge import Edge
from core.web.handlers import error_handler, page_handlers, public_handlers, route_handlers
from core.web.health import health_handlers
from core.web.metrics import Metrics
from core.web.pages import Pages
from core.web.public_pages import PublicPages
from core.web.site import Addresses, Site
from core.web.static_files import static_handler
from core.workforce import register

ROOMS = (
    "core.audit",
    "core.events",
    "core.documents",
    "core.lists",
    "core.extensions",
    "core.bundles",
    "core.personnel",
    "core.workforce",
    "core.approvals",
    "core.journal",
    "core.engagements",
    "core.missions",
    "core.nominations",
    "core.deployments",
    "core.contingents",
    "core.returns",
    "core.calendars",
    "core.claims",
    "core.oversight",
)
"""Every room that may have pages, routes or subscribers, in the order of the layers."""

PARTS = ("models", "service", "routes", "pages", "subscribers")
"""The modules of a room that the application imports when they exist."""


register.bind(OfficerRegister())
"""The HR engine works on the officers' room; the two do not know each other."""


def load_room(room: str) -> dict[str, ModuleType]:
    """Import the parts of ``room`` that exist and return them by name; a room that is not there has none."""
    if importlib.util.find_spec(room) is None:
        return {}
    return {
        part: importlib.import_module(f"{room}.{part}")
        for part in PARTS
        if importlib.util.find_spec(f"{room}.{part}") is not None
    }


def furnish(site: Addresses, rooms: Sequence[str]) -> None:
    """Load ``rooms`` and add their pages and routes to ``site``, and the public pages of the web layer itself."""
    for room in rooms:
        parts = load_room(room)
        if "routes" in parts:
            site.routes += parts["routes"].ROUTES
        if "pages" in parts:
            for made in vars(parts["pages"]).values():
                if isinstance(made, Pages) and made not in site.pages:
                    site.pages.append(made)
                elif isinstance(made, PublicPages) and made not in site.public_pages:
                    site.public_pages.append(made)
    site.public_pages += [reference.public, statements.public]


def create_app(
    settings: Settings,
    database: Database,
    *,
    clock: Clock | None = None,
    callers: Callers,
    people: People,
    wire: Callable[[Ctx], Ctx] = lambda ctx: ctx,
    rooms: Sequence[str] = ROOMS,
    handlers: Sequence[Any] = (),
    lifespan: Sequence[Callable[[Litestar], AbstractAsyncContextManager[None]]] = (),
    version: str = "",
) -> Litestar:
    """Return the application.

    ``callers`` and ``people`` answer who is asking and who holds a role; ``wire`` completes
    each context (hooks, agencies); ``rooms`` are loaded by convention; ``handlers`` are
    Litestar handlers that ``tenants`` and ``auth`` add; ``lifespan`` opens what must live as
    long as the application.
    """
    clock = clock or SystemClock()
    site = Site(settings, database, clock, callers, people, Limiter(database, clock), wire, version=version)
    furnish(site, rooms)
    environment.compile_all()
    metrics = Metrics()
    app = Litestar(
        route_handlers=[
            *page_handlers(site),
            *public_handlers(site),
            *route_handlers(site),
            *health_handlers(site, metrics),
            *calendar_handlers(),
            static_handler(),
            *reference.own_handlers(site),
            *handlers,
        ],
        exception_handlers={Exception: error_handler(site)},
        lifespan=list(lifespan),
        openapi_config=None,
        logging_config=None,
        debug=False,
    )
    app.state.site = site
    app.state.metrics = metrics
    app.asgi_handler = Edge(app.asgi_handler, site, metrics)
    return app
