"""What an authenticated JSON page of 50 tours costs, against the bare driver doing the same in the same run.

Both look the token up, list 50 tours and encode them, in one read-only transaction with the
tenant's context. The bare driver has no framework, no HTTP, no checks; the page is asked for
over a socket, served by uvicorn in a process of its own, as in production.
"""

from __future__ import annotations

import asyncio
import json
import multiprocessing
import socket
import statistics
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import asyncpg
import msgspec
import uvloop
from litestar import Litestar
from litestar.enums import ScopeType
from litestar.types import Receive, Scope, Send

from auth.callers import TOKEN
from auth.parts import make_parts
from auth.tokens import create_token
from core.app import create_app
from core.clock import SystemClock
from core.context import Scope as TenantScope
from core.database.embedded import Server
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.database.target import Target
from core.deployments import listing
from core.deployments.schemas import TourSummary
from core.ids import new_id
from core.settings import Settings
from core.tokens import digest, read_token
from core.web.serving import serve
from tests import servers
from tests.platform import found
from tests.wall.conftest import fill, superuser
from tests.wall.rows import SHOWN, Land, insertion

TOURS = 50
REQUESTS = 2_000
"""Requests in one measurement."""
ROUNDS = 5
"""Measurements of each, taken in turn; the median counts."""
SMALLEST = {"REQUESTS": 8, "ROUNDS": 1}
AT_ONCE = 8
FILLED, DATABASE = "bench_filled", "bench_tours"
LIMIT = 0.4
ROLE = "contingent_agency"
PATH, QUERY = "/api/v1/tours", f"limit={TOURS}"


def figures() -> list[dict[str, Any]]:
    """Return the page's share of the bare driver's requests per second, and where the rest goes."""
    owner = servers.begin_run()
    try:
        return uvloop.run(_measured())
    finally:
        servers.end_run(owner)


async def _measured() -> list[dict[str, Any]]:
    server = servers.run_server()
    land = await fill(server, FILLED, ("agency-a",))
    target = servers.copy_database(server, DATABASE, template=FILLED)
    scope, token = await _tours(server, target, land)
    secret = (read_token(token) or ("", ""))[1]
    bare = await _bare(target, scope, secret)
    page = await _page(target, token)
    body = await bare.ask()
    assert len(json.loads(body)["tours"]) == TOURS
    assert msgspec.json.decode(await page.ask()) == msgspec.json.decode(body)
    empty, whole = await _served(None, body, token), await _served(target, body, token)
    assert await whole.ask() == await page.ask()
    try:
        rates: dict[str, list[float]] = {}
        for _ in range(ROUNDS):
            for name, one in (("bare", bare), ("page", page), ("empty", empty), ("whole", whole)):
                rates.setdefault(name, []).append(await _rate(one.ask))
    finally:
        for one in (empty, whole, page, bare):
            await one.close()
    median = {name: statistics.median(values) for name, values in rates.items()}
    cost = {name: 1e6 / value for name, value in median.items()}
    return [
        {"name": "tours page: bare driver", "value": round(median["bare"]), "unit": "requests/s"},
        {"name": "tours page: served", "value": round(median["whole"]), "unit": "requests/s"},
        {
            "name": "tours page: share of the bare driver",
            "value": round(median["whole"] / median["bare"], 2),
            "unit": "ratio",
            "limit": LIMIT,
            "better": "higher",
        },
        {"name": "tours page: database and encoding", "value": round(cost["bare"]), "unit": "µs"},
        {
            "name": "tours page: checks and framework",
            "value": round(cost["page"] - cost["bare"]),
            "unit": "µs",
        },
        {"name": "tours page: uvicorn and the socket alone", "value": round(cost["empty"]), "unit": "µs"},
    ]


@dataclass(frozen=True)
class One:
    """Something that can be asked again and again, and closed."""

    ask: Callable[[], Awaitable[bytes]]
    close: Callable[[], Awaitable[Any]]


async def _rate(ask: Callable[[], Awaitable[bytes]]) -> float:
    async def some() -> None:
        for _ in range(REQUESTS // AT_ONCE):
            await ask()

    began = time.perf_counter()
    await asyncio.gather(*(some() for _ in range(AT_ONCE)))
    return REQUESTS / (time.perf_counter() - began)


async def _tours(server: Server, target: Target, land: Land) -> tuple[TenantScope, str]:
    """Give one agency 50 tours and a token; return both."""
    clock = SystemClock()
    agency = land.of_kind("agency")[0]
    known = land.rows["tour", agency.id, SHOWN]
    async with superuser(server, DATABASE) as connection:
        await connection.execute("SET session_replication_role = replica")
        for number in range(TOURS):
            changed = {"id": new_id(clock), "candidacy_id": new_id(clock), "order_number": f"O-{number}"}
            row = known | changed | {"state": "in_mission", "ends_on": known["ends_on"] + timedelta(days=number)}
            await connection.execute(*insertion(land.metadata.tables["tour"], row))
        await connection.execute("ANALYZE")
    database = Database(target, Settings(data_folder=server.folder))
    platform = await found(database)
    scope = await database.scope(agency.slug)
    assert scope is not None
    async with tenant_session(platform.ctx(scope)) as session:
        _, token = await create_token(session, clock, scope, name="bench", roles=["coordinator"], days=1)
    await database.close()
    return scope, token


async def _bare(target: Target, scope: TenantScope, secret: str) -> One:
    """Return the same look-up and list on the driver alone."""
    pool = await asyncpg.create_pool(
        target.driver_url(ROLE), password=target.passwords[ROLE], min_size=AT_ONCE, max_size=AT_ONCE
    )
    look_up, key = TOKEN.prepared(scope=scope.id, secret=digest(secret))
    chosen = {"states": list(listing.CURRENT), "mission": None, "agency": None, "after": None, "rows": TOURS + 1}
    listed, values = listing.ALL[False].prepared(**chosen)
    begin = f"BEGIN READ ONLY;SELECT set_config('app.tenant','{scope.id}',true),set_config('app.mission','',true)"

    async def ask() -> bytes:
        async with pool.acquire() as driver:
            await driver.execute(begin)
            assert await driver.fetchrow(look_up, *key) is not None
            rows = await driver.fetch(listed, *values)
            body = msgspec.json.encode({"tours": [TourSummary(*row) for row in rows[:TOURS]], "next": None})
            await driver.execute("COMMIT")
        return body

    return One(ask, pool.close)


async def _page(target: Target, token: str) -> One:
    """Return the page, asked for without a socket."""
    app, database = _application(target)
    headers = [(b"host", b"localhost:8000"), (b"authorization", f"Bearer {token}".encode())]
    asked: dict[str, Any] = {"type": "http", "http_version": "1.1", "method": "GET", "scheme": "http", "root_path": ""}
    asked |= {"path": PATH, "raw_path": PATH.encode(), "query_string": QUERY.encode(), "headers": headers}

    async def receive() -> Any:
        return {"type": "http.request", "body": b"", "more_body": False}

    async def ask() -> bytes:
        parts: list[bytes] = []

        async def send(message: Any) -> None:
            parts.append(message.get("body", b""))

        await app(dict(asked), receive, send)  # type: ignore[arg-type]  # the members of a request that are read
        return b"".join(parts)

    return One(ask, database.close)


def _application(target: Target) -> tuple[Litestar, Database]:
    # One token asks more here in a second than any may in a minute: what counts is what counting costs.
    settings = Settings(pool_size=AT_ONCE, api_per_minute=100_000_000)
    database, clock = Database(target, settings), SystemClock()
    database.field_key = bytes(32)  # It has no folder of its own to keep one in.
    parts = make_parts(settings, clock)
    app = create_app(
        settings, database, clock=clock, callers=parts.callers, people=parts.people, rooms=("core.deployments",)
    )
    return app, database


async def _served(target: Target | None, body: bytes, token: str) -> One:
    """Serve the page (or, without a target, ``body`` alone) in a process of its own; return what asks it."""
    bound = socket.socket()
    bound.bind(("127.0.0.1", 0))
    bound.listen(64)
    child = multiprocessing.get_context("fork").Process(target=_serve, args=(bound, target, body), daemon=True)
    child.start()
    port = bound.getsockname()[1]
    bound.close()
    free: list[tuple[asyncio.StreamReader, asyncio.StreamWriter]] = []
    asked = f"GET {PATH}?{QUERY} HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n\r\n".encode()

    async def ask() -> bytes:
        reader, writer = free.pop() if free else await asyncio.open_connection("127.0.0.1", port)
        writer.write(asked)
        try:
            head = (await reader.readuntil(b"\r\n\r\n")).lower()
        except asyncio.IncompleteReadError:  # the server ends connections that stood idle while others were measured
            writer.close()
            return await ask()
        assert head.startswith(b"http/1.1 200"), head
        length = int(head.partition(b"content-length: ")[2].split(b"\r\n", 1)[0])
        answer = await reader.readexactly(length)
        free.append((reader, writer))
        return answer

    async def close() -> None:
        for _, writer in free:
            writer.close()
        child.terminate()
        await asyncio.to_thread(child.join)

    return One(ask, close)


def _serve(bound: socket.socket, target: Target | None, body: bytes) -> None:
    """Be the served process: the application, or as little as uvicorn can serve."""

    async def plain(scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] == ScopeType.HTTP:
            length = str(len(body)).encode()
            await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", length)]})
            await send({"type": "http.response.body", "body": body, "more_body": False})

    app = plain if target is None else _application(target)[0]
    uvloop.run(serve(app, 0, sockets=[bound], lifespan="off"))
