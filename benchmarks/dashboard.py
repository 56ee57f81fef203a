"""IPOB's dashboard with 27 agencies, 40 missions and 5,000 tours: how long the server takes to make the page.

The real application, in this process, asked through its own ASGI door by somebody who is signed
in: the session's lookup, the use case, the page. No socket and no browser are in the figure.
"""

from __future__ import annotations

import statistics
import time
from typing import Any

import uvloop
from litestar.types import ASGIApp

from auth.secrets import session_cookie
from benchmarks.filling import filled
from contingent.assembly import assembled

REQUESTS = 100
BEFORE = 10
"""Requests that are not counted: connections open, templates and statements compile."""
SMALLEST = {"REQUESTS": 2, "BEFORE": 1}
LIMIT_MS = 200
PATH = "/en/ipob/"


def figures() -> list[dict[str, Any]]:
    """Return the 95th percentile and the median of the page, and this process's work for it, in milliseconds."""
    return uvloop.run(_measured())


async def _measured() -> list[dict[str, Any]]:
    async with filled() as data, assembled(data.settings) as parts:
        app = parts.application()
        for _ in range(BEFORE):
            await asked(app, PATH, cookie_of(data.secret))
        worked = time.process_time()
        taken = [await asked(app, PATH, cookie_of(data.secret)) for _ in range(REQUESTS)]
        worked = (time.process_time() - worked) * 1000 / REQUESTS
    name = "dashboard with 27 agencies, 40 missions, 5,000 tours"
    p95 = statistics.quantiles(taken, n=20)[-1]
    return [
        {"name": f"{name}, 95th percentile", "value": round(p95, 1), "unit": "ms", "limit": LIMIT_MS},
        {"name": f"{name}, median", "value": round(statistics.median(taken), 1), "unit": "ms"},
        {"name": f"{name}, processor time a page, mean", "value": round(worked, 1), "unit": "ms"},
    ]


def cookie_of(secret: str, slug: str = "ipob") -> tuple[bytes, bytes]:
    """Return the header that carries the session at a scope."""
    return b"cookie", f"{session_cookie(slug)}={secret}".encode()


async def asked(
    app: ASGIApp, path: str, credential: tuple[bytes, bytes], *, holds: tuple[bytes, int] | None = None
) -> float:
    """Ask for a page with this header and return the milliseconds it took.

    Fails unless it is shown, and ``holds`` these bytes so many times.
    """
    scope: Any = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "GET",
        "scheme": "http",
        "path": path,
        "raw_path": path.encode(),
        "root_path": "",
        "query_string": b"",
        "headers": [(b"host", b"localhost:8000"), credential],
        "client": ("127.0.0.1", 50_000),
        "server": ("127.0.0.1", 8000),
        "state": {},
    }
    sent: list[Any] = []

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def send(message: Any) -> None:
        sent.append(message)

    began = time.perf_counter()
    await app(scope, receive, send)
    taken = (time.perf_counter() - began) * 1000
    if sent[0]["status"] != 200:
        raise RuntimeError(f"{path} answered {sent[0]['status']}: {sent[0]['headers']}")
    body = b"".join(one.get("body", b"") for one in sent[1:])
    if holds is not None and body.count(holds[0]) != holds[1]:
        raise RuntimeError(f"{path} holds {holds[0]!r} {body.count(holds[0])} times, expected {holds[1]}")
    return taken
