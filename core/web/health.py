"""Whether this process lives, whether it can serve, and how it has been doing."""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from litestar.handlers import HTTPRouteHandler
from sqlalchemy import text
from sqlalchemy.exc import DBAPIError

from core.database.migrating import revisions
from core.database.sessions import public_session
from core.errors import ContingentError
from core.web.handlers import handler
from core.web.metrics import MEDIA_TYPE, Metrics
from core.web.replies import JSON, reply

if TYPE_CHECKING:
    from litestar.response.base import ASGIResponse

    from core.web.incoming import Incoming
    from core.web.site import Site

NO_STORE = [("cache-control", "no-store")]


def health_handlers(site: Site, metrics: Metrics) -> list[HTTPRouteHandler]:
    """Return ``/health/live``, ``/health/ready`` and ``/metrics``."""

    async def live(incoming: Incoming) -> ASGIResponse:
        return _json(incoming, {"status": "live"}, 200)

    async def ready(incoming: Incoming) -> ASGIResponse:
        checks = await readiness(site)
        good = all(checks.values())
        return _json(incoming, {"status": "ready" if good else "not ready", "checks": checks}, 200 if good else 503)

    async def figures(incoming: Incoming) -> ASGIResponse:
        used = [(f'{{role="{role}"}}', count) for role, count in sorted(site.database.in_use().items())]
        gauges = {"contingent_pool_connections": ("Database connections in use, by role.", used)}
        return reply(incoming, metrics.text(gauges).encode(), MEDIA_TYPE, headers=NO_STORE)

    return [
        handler("GET", ["/health/live"], live, "GET /health/live"),
        handler("GET", ["/health/ready"], ready, "GET /health/ready"),
        handler("GET", ["/metrics"], figures, "GET /metrics"),
    ]


async def readiness(site: Site) -> dict[str, bool]:
    """Return what serving needs and whether it is there: the database, and its structure as this release wants it."""
    try:
        async with public_session(site.database) as session:
            applied = await session.scalar(text("SELECT version_num FROM alembic_version"))
    except DBAPIError:
        # It answers, but was never migrated.
        return {"database": True, "migrations": False}
    except (ContingentError, OSError):
        return {"database": False, "migrations": False}
    return {"database": True, "migrations": applied == _head()}


@cache
def _head() -> str | None:
    names = revisions()
    return names[-1] if names else None


def _json(incoming: Incoming, members: dict[str, Any], status: int) -> ASGIResponse:
    return reply(incoming, msgspec.json.encode(members), JSON, status=status, headers=NO_STORE)
