"""The scanner's protocol, against a small daemon that speaks it."""

from __future__ import annotations

import asyncio
import struct
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from core.documents.clamd import scan
from core.errors import Misconfigured

EICAR_LIKE = b"a harmless test sample"


class Daemon:
    """Answers INSTREAM as clamd does and keeps what it was sent."""

    def __init__(self, answer: bytes | None = None) -> None:
        self.answer, self.received = answer, b""

    async def talk(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        assert await reader.readuntil(b"\0") == b"zINSTREAM\0"
        while size := struct.unpack(">I", await reader.readexactly(4))[0]:
            self.received += await reader.readexactly(size)
        found = b"stream: Test.Sample FOUND\0" if EICAR_LIKE in self.received else b"stream: OK\0"
        writer.write(self.answer if self.answer is not None else found)
        await writer.drain()
        writer.close()


@asynccontextmanager
async def serving(daemon: Daemon, socket: Path) -> AsyncIterator[str]:
    server = await asyncio.start_unix_server(daemon.talk, socket)
    try:
        yield str(socket)
    finally:
        server.close()
        await server.wait_closed()


async def parts(*given: bytes) -> AsyncIterator[bytes]:
    for part in given:
        yield part


async def test_a_clean_file_has_no_finding_and_every_byte_was_sent(tmp_path: Path) -> None:
    daemon = Daemon()
    async with serving(daemon, tmp_path / "clamd") as address:
        assert await scan(address, parts(b"a" * 600_000, b"b")) is None
    assert daemon.received == b"a" * 600_000 + b"b"


async def test_a_finding_is_named(tmp_path: Path) -> None:
    async with serving(Daemon(), tmp_path / "clamd") as address:
        assert await scan(address, parts(EICAR_LIKE)) == "Test.Sample"


@pytest.mark.parametrize("answer", [b"INSTREAM size limit exceeded. ERROR\0", b"stream: maybe\0"])
async def test_an_answer_that_is_no_verdict_never_counts_as_clean(tmp_path: Path, answer: bytes) -> None:
    async with serving(Daemon(answer), tmp_path / "clamd") as address:
        with pytest.raises(ValueError, match="no verdict"):
            await scan(address, parts(b"x"))


async def test_a_daemon_that_hangs_up_or_is_not_there_never_counts_as_clean(tmp_path: Path) -> None:
    async with serving(Daemon(b""), tmp_path / "clamd") as address:
        with pytest.raises(EOFError):
            await scan(address, parts(b"x"))
    with pytest.raises(OSError, match=r".*"):
        await scan(str(tmp_path / "nobody"), parts(b"x"))


async def test_a_wrong_address_says_what_was_expected() -> None:
    with pytest.raises(Misconfigured, match="host:port"):
        await scan("localhost", parts())
