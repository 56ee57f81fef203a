"""What it costs a request that somebody is known and may do what they ask: session or token looked up, and checks.

The real application, in this process, asked through its own ASGI door: a page of IPOB's, a page of an agency's by
somebody with an officer file, whose lookup joins that and the agency's settings, and a list of the API. The lookup is
timed where the application calls it, with its statement in the database, in the request's own transaction; so is the
limiter's count of a call of the API (pages are not counted). What is left of the request is the bare route: the same
page or list for whoever it may be.
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
from benchmarks.filling import AGENCY, filled
from contingent.assembly import Assembly, assembled
from core.context import Actor, Scope
from core.database.sessions import tenant_session
from core.limits.buckets import Allowance, Limit
from core.use_cases.step_up import APPROVE, require_step_up
from core.web.callers import Caller, Credential

REQUESTS = 300
BEFORE = 30
"""Requests that are not counted: connections open, templates and statements compile."""
CHECKS = 20_000
SMALLEST = {"REQUESTS": 2, "BEFORE": 1, "CHECKS": 4}
LIMIT_MS = 1.0
"""Of lookup and checks together, the database included."""


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


@dataclass
class Counted:
    """The application's limiter, and how long each count took, in milliseconds."""

    inner: Any
    taken: list[float] = field(default_factory=list)

    def __getattr__(self, name: str) -> Any:
        return getattr(self.inner, name)

    async def allow(self, limit: Limit, who: str) -> Allowance:
        began = time.perf_counter()
        allowance: Allowance = await self.inner.allow(limit, who)
        self.taken.append((time.perf_counter() - began) * 1000)
        return allowance


def figures() -> list[dict[str, Any]]:
    """Return what knowing the caller costs a page of each kind and the API, and its share of the request."""
    return uvloop.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    async with filled() as data, assembled(data.settings) as parts:
        app = parts.application()
        assert isinstance(app, Litestar)
        site = app.state.site
        timed = site.callers = Timed(site.callers)
        counted = site.limiter = Counted(site.limiter)
        checks, found = _checks(), []
        token = (b"authorization", f"Bearer {await _token(parts)}".encode())
        for name, path, header in (
            ("page of IPOB", "/en/ipob/missions", cookie_of(data.secret)),
            ("page of an agency", f"/en/{AGENCY}/calls", cookie_of(data.secret, AGENCY)),
            ("API list", "/api/v1/missions", token),
        ):
            for _ in range(BEFORE):
                await asked(app, path, header)
            timed.taken.clear()
            counted.taken.clear()
            whole = [await asked(app, path, header) for _ in range(REQUESTS)]
            # One call in so many asks the database for all of them: any one call would say nothing.
            count = sum(counted.taken) / REQUESTS
            found += _split(name, whole, timed.taken, checks, count)
        return found


def _split(name: str, whole: list[float], lookups: list[float], checks: float, count: float) -> list[dict[str, Any]]:
    """Return the figures of one path, of the quickest tenth and the median of its requests; times in milliseconds."""
    quick, usual = _quick(lookups), statistics.median(lookups)
    known, usually = quick + checks + count, usual + checks + count
    bare = _quick(whole) - known
    counting = (
        [{"name": f"{name}: counted for the limit, mean", "value": round(count, 4), "unit": "ms"}] if count else []
    )
    return [
        {"name": f"{name}: lookup, quickest tenth", "value": round(quick, 3), "unit": "ms"},
        {"name": f"{name}: lookup, median", "value": round(usual, 3), "unit": "ms"},
        {"name": f"{name}: permission and step-up checks", "value": round(checks, 4), "unit": "ms"},
        *counting,
        {"name": f"{name}: all together, quickest tenth", "value": round(known, 3), "unit": "ms", "limit": LIMIT_MS},
        {"name": f"{name}: all together, median", "value": round(usually, 3), "unit": "ms", "limit": LIMIT_MS},
        {"name": f"{name}: bare route, quickest tenth", "value": round(bare, 2), "unit": "ms"},
        {"name": f"{name}: bare route, median", "value": round(statistics.median(whole) - usually, 2), "unit": "ms"},
        {"name": f"{name}: all together, of the bare route", "value": round(known / bare * 100, 1), "unit": "%"},
    ]


def _quick(taken: list[float]) -> float:
    """Return the time of the quickest tenth: whatever else the machine does can only add to it."""
    return statistics.quantiles(taken, n=10, method="inclusive")[0]


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
