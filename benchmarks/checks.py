"""What it costs a request that somebody is known and may do what they ask: session or token looked up, and checks.

The real application, in this process, asked through its own ASGI door. The lookup is timed where the application
calls it, with its statement in the database, in the request's own transaction; what is left of the request is the
bare route: the same page or list for whoever it may be.
"""

from __future__ import annotations

import statistics
import time
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

import uvloop
from litestar import Litestar
from sqlalchemy.ext.asyncio import AsyncSession

from auth.renewals import SIGN_IN
from auth.tokens import create_token
from benchmarks.dashboard import asked, cookie_of
from benchmarks.filling import filled
from contingent.assembly import Assembly, assembled
from core.context import Actor, Scope
from core.database.sessions import tenant_session
from core.use_cases.step_up import APPROVE, require_step_up
from core.web.callers import Caller, Credential

REQUESTS = 300
BEFORE = 30
"""Requests that are not counted: connections open, templates and statements compile."""
CHECKS = 20_000
SMALLEST = {"REQUESTS": 2, "BEFORE": 1, "CHECKS": 4}
LIMIT_MS = 1.0
"""Of lookup and checks together, the database included."""
PAGE, LIST = "/en/ipob/missions", "/api/v1/missions"


@dataclass
class Timed:
    """The application's callers, and how long each lookup took, in milliseconds."""

    inner: Any
    taken: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def caller(self, session: AsyncSession, scope: Scope, credential: Credential) -> Caller | None:
        began = time.perf_counter()
        found: Caller | None = await self.inner.caller(session, scope, credential)
        self.taken.append((time.perf_counter() - began) * 1000)
        return found


def figures() -> list[dict[str, Any]]:
    """Return the lookup and the checks of a page and of the API, and their share of the request."""
    return uvloop.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    async with filled() as data, assembled(data.settings) as parts:
        app = parts.application()
        assert isinstance(app, Litestar)
        timed = app.state.site.callers = Timed(app.state.site.callers)
        checks, found = _checks(), []
        cookie = cookie_of(data.secret)
        token = (b"authorization", f"Bearer {await _token(parts)}".encode())
        for name, path, header in (("page", PAGE, cookie), ("API list", LIST, token)):
            for _ in range(BEFORE):
                await asked(app, path, header)
            timed.taken.clear()
            whole = _quick([await asked(app, path, header) for _ in range(REQUESTS)])
            lookup = _quick(timed.taken)
            together, bare = lookup + checks, whole - lookup - checks
            what = "session" if header is cookie else "token"
            found += [
                {"name": f"{name}: {what} lookup", "value": round(lookup, 3), "unit": "ms"},
                {"name": f"{name}: permission and step-up checks", "value": round(checks, 4), "unit": "ms"},
                {"name": f"{name}: both together", "value": round(together, 3), "unit": "ms", "limit": LIMIT_MS},
                {"name": f"{name}: bare route", "value": round(bare, 2), "unit": "ms"},
                {"name": f"{name}: both, of the bare route", "value": round(together / bare * 100, 1), "unit": "%"},
            ]
        return found


def _quick(taken: list[float]) -> float:
    """Return the time of the quickest tenth: whatever else the machine does can only add to it."""
    return statistics.quantiles(taken, n=10)[0]


def _checks() -> float:
    """Return the milliseconds of all that is asked about a known caller before and in one use case."""
    permissions = frozenset(f"subject-{number}.read" for number in range(40))
    actor = Actor(
        id=UUID(int=1), name="x", permissions=permissions, ruled=frozenset({APPROVE}), meets=frozenset({APPROVE})
    )
    began = time.perf_counter()
    for _ in range(CHECKS):
        # The guard's, and the use case's own: each asks both.
        for _ in range(2):
            if not actor.may_at_all("subject-39.read"):
                raise RuntimeError("the caller may not")
            require_step_up(actor, APPROVE)
    return (time.perf_counter() - began) * 1000 / CHECKS


async def _token(parts: Assembly) -> str:
    """Return a token of IPOB's with an analyst's role."""
    scope = await parts.database.scope("ipob")
    assert scope is not None
    async with tenant_session(parts.context(scope, SIGN_IN)) as session:
        _, text = await create_token(session, parts.clock, scope, name="bench", roles=["analyst"], days=1)
    return text
