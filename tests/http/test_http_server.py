"""The application behind its real server: what only sockets can show."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import replace

import httpx
import pytest

from core.web.serving import LONGEST_HEAD, serve
from tests.http.ring import Ring, fields_of

pytestmark = pytest.mark.http

MEGABYTE = 2**20


@asynccontextmanager
async def served(ring: Ring) -> AsyncIterator[tuple[str, asyncio.Event]]:
    """Serve the application on a free port; give its address and what stops it."""
    bound = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    bound.bind(("127.0.0.1", 0))
    port = bound.getsockname()[1]
    stop, ready = asyncio.Event(), asyncio.Event()
    running = asyncio.create_task(serve(ring.app, port, sockets=[bound], stop=stop, ready=ready.set))
    await asyncio.wait_for(ready.wait(), 10)
    try:
        yield f"http://localhost:{port}", stop
    finally:
        stop.set()
        await running


async def test_a_huge_upload_is_refused_with_a_page_that_can_be_read(ring: Ring) -> None:
    scope = await ring.platform.agency()
    secret, _ = ring.caller(scope, "note.write")
    address = f"/en/{scope.slug}/notes/file"
    sent = 0

    async def huge(token: str) -> AsyncIterator[bytes]:
        nonlocal sent
        yield f'--b\r\nContent-Disposition: form-data; name="_token"\r\n\r\n{token}\r\n'.encode()
        yield b'--b\r\nContent-Disposition: form-data; name="document_id"; filename="x.pdf"\r\n\r\n%PDF-1.7\n'
        for _ in range(60):
            sent += 1
            yield b"0" * MEGABYTE

    async with served(ring) as (start, _), httpx.AsyncClient(base_url=start, timeout=30) as browser:
        browser.cookies.set(f"session-{scope.slug}", secret)
        token = fields_of(await browser.get(address))["_token"]
        headers = {"content-type": "multipart/form-data; boundary=b"}
        answer = await browser.post(address, content=huge(token), headers=headers)
        assert answer.status_code == 413
        assert "1 MB" in answer.text
        assert (await browser.get("/health/live")).status_code == 200


async def test_a_body_that_stops_coming_is_answered_and_its_connection_ends(ring: Ring) -> None:
    scope = await ring.platform.agency()
    secret, _ = ring.caller(scope, "note.write", kind="token")
    site = ring.app.state.site
    head = f"Authorization: Bearer ctg_{scope.slug}_{secret}\r\nContent-Type: application/json\r\nContent-Length: 50"
    usual, site.settings = site.settings, replace(site.settings, body_minutes=0)
    try:
        async with served(ring) as (start, _):
            reader, writer = await asyncio.open_connection("127.0.0.1", int(start.rpartition(":")[2]))
            writer.write(f"POST /api/v1/notes HTTP/1.1\r\nHost: localhost\r\n{head}\r\n\r\n{{".encode())
            answer = await asyncio.wait_for(reader.read(), 10)
            writer.close()
    finally:
        site.settings = usual
    assert answer.startswith(b"HTTP/1.1 408 ")
    assert b'"/problems/too-slow"' in answer


async def test_stopping_finishes_what_is_under_way(ring: Ring) -> None:
    scope = await ring.platform.agency()
    secret, _ = ring.caller(scope, "note.read", kind="token")
    asked, go_on = asyncio.Event(), asyncio.Event()
    looking = ring.callers.caller

    async def slow(*args: object) -> object:
        asked.set()
        await go_on.wait()
        return await looking(*args)  # type: ignore[arg-type]

    async with served(ring) as (start, stop), httpx.AsyncClient(base_url=start, timeout=30) as script:
        ring.callers.caller = slow  # type: ignore[assignment,method-assign]
        try:
            headers = {"authorization": f"Bearer ctg_{scope.slug}_{secret}"}
            under_way = asyncio.create_task(script.get("/api/v1/notes", headers=headers))
            await asked.wait()
            stop.set()
            go_on.set()
            answer = await under_way
        finally:
            del ring.callers.caller
    assert answer.status_code == 200


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"GET / HTTP/1.1\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: evil.example\r\n\r\n",
        b"GET /%ff%fe/%00 HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET //evil.example/x HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"GET http://evil.example/ HTTP/1.1\r\nHost: evil.example\r\n\r\n",
        b"POST /x HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03",
        b"GET /" + b"x" * 70_000 + b" HTTP/1.1\r\nHost: localhost\r\n\r\n",
    ],
)
async def test_what_is_hardly_a_request_gets_no_failure(ring: Ring, request_bytes: bytes) -> None:
    async with served(ring) as (start, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(start.rpartition(":")[2]))
        writer.write(request_bytes)
        writer.write_eof()
        answer = await asyncio.wait_for(reader.read(2000), 10)
        writer.close()
        await writer.wait_closed()
    status = answer.split(b" ", 2)[1:2]
    assert status == [] or int(status[0]) < 500
    assert b"location: //evil" not in answer.lower()


async def test_asking_for_the_head_leaves_the_connection_as_it_was(ring: Ring) -> None:
    async with served(ring) as (start, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(start.rpartition(":")[2]))
        for _ in range(2):
            writer.write(b"HEAD /en/hello HTTP/1.1\r\nHost: localhost\r\n\r\n")
            answer = await asyncio.wait_for(reader.readuntil(b"\r\n\r\n"), 10)
            assert answer.startswith(b"HTTP/1.1 200 ")
        writer.close()
        await writer.wait_closed()


@pytest.mark.parametrize("begun", [b"GET /", b"GET / HTTP/1.1\r\nHost: localhost\r\nX: "])
async def test_headers_that_never_end_are_cut_off(ring: Ring, begun: bytes) -> None:
    async with served(ring) as (start, _):
        reader, writer = await asyncio.open_connection("127.0.0.1", int(start.rpartition(":")[2]))
        writer.write(begun + b"y" * (LONGEST_HEAD + 1))
        answer = await asyncio.wait_for(reader.read(2000), 10)
        writer.close()
    assert answer.startswith(b"HTTP/1.1 400 ")
