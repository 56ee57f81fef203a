"""Asking a ClamAV daemon about a file, over its own small protocol (INSTREAM)."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator

from core.errors import Misconfigured

DEADLINE = 60.0
_LONGEST_PART = 2**18


async def scan(address: str, parts: AsyncIterator[bytes]) -> str | None:
    """Return the name of what clamd found in ``parts``, or ``None`` if they are clean.

    ``address`` is ``host:port`` or the path of a Unix socket. Raises ``OSError`` or
    ``TimeoutError`` if clamd does not answer, ``ValueError`` if it does not judge.
    """
    async with asyncio.timeout(DEADLINE):
        reader, writer = await _connect(address)
        try:
            writer.write(b"zINSTREAM\0")
            async for part in parts:
                for start in range(0, len(part), _LONGEST_PART):
                    piece = part[start : start + _LONGEST_PART]
                    writer.write(struct.pack(">I", len(piece)) + piece)
                    await writer.drain()
            writer.write(struct.pack(">I", 0))
            await writer.drain()
            answer = (await reader.readuntil(b"\0")).rstrip(b"\0").decode("utf-8", "replace")
        finally:
            writer.close()
    verdict = answer.removeprefix("stream: ")
    if verdict == "OK":
        return None
    if verdict.endswith(" FOUND"):
        return verdict.removesuffix(" FOUND")
    raise ValueError("clamd gave no verdict")


async def _connect(address: str) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    if address.startswith("/"):
        return await asyncio.open_unix_connection(address)
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise Misconfigured(f"CONTINGENT_CLAMD is {address!r}: expected host:port or the path of a socket")
    return await asyncio.open_connection(host.strip("[]"), int(port))
