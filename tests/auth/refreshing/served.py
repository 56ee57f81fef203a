"""The provider at an address of this machine, where other processes reach it."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import httpx2

from core.clock import Clock
from tests.auth.hostile import Hostile


@asynccontextmanager
async def served(clock: Clock) -> AsyncIterator[Hostile]:
    """Run a provider until the block ends; its issuer is its address."""
    hostile = Hostile(clock, "")

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            answer = await hostile.transport.handle_async_request(await _read(reader, hostile.issuer))
            body = await answer.aread()
            writer.write(b"HTTP/1.1 %d X\r\nContent-Type: application/json\r\n" % answer.status_code)
            writer.write(b"Content-Length: %d\r\nConnection: close\r\n\r\n" % len(body) + body)
            await writer.drain()
        except (ConnectionError, asyncio.IncompleteReadError):
            """Whoever asked is gone."""
        finally:
            writer.close()

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        hostile.issuer = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"
        yield hostile


async def _read(reader: asyncio.StreamReader, origin: str) -> httpx2.Request:
    head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
    method, path, _ = head[0].split()
    headers = dict(line.split(": ", 1) for line in head[1:] if line)
    length = int({name.lower(): value for name, value in headers.items()}.get("content-length", "0"))
    return httpx2.Request(method, origin + path, headers=headers, content=await reader.readexactly(length))
