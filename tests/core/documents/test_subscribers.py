from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from uuid import UUID

import pytest
from sqlalchemy import select

import core.documents.subscribers  # noqa: F401 - registers who hears of stored files
from core.audit.models import AuditLine
from core.context import Ctx
from core.database.sessions import tenant_session
from core.documents.models import Document
from core.documents.purposes import DOCUMENT_READ, DOCUMENT_READ_PAPER
from core.documents.service import open_document, store_upload
from core.errors import Refused
from core.events.worker import drain
from core.use_cases.work import Work
from tests.core.documents.test_clamd import EICAR_LIKE, Daemon, serving
from tests.core.events.running import wiring
from tests.platform import Platform

Scanner = Callable[[str], None]


async def sending(content: bytes) -> AsyncIterator[bytes]:
    yield content


@pytest.fixture
def scanner(platform: Platform, monkeypatch: pytest.MonkeyPatch) -> Scanner:
    """Let the platform know of a scanner at an address."""

    def known(address: str) -> None:
        monkeypatch.setattr(platform.database, "settings", replace(platform.database.settings, clamd_address=address))

    return known


async def stored(platform: Platform, content: bytes) -> tuple[Ctx, UUID]:
    """Store a file in a fresh agency."""
    ctx = platform.ctx(await platform.agency(), DOCUMENT_READ, DOCUMENT_READ_PAPER)
    return ctx, await store_upload(ctx, "s.pdf", sending(b"%PDF-1.7 " + content), "scan")


async def work_off(platform: Platform, ctx: Ctx) -> None:
    await drain(platform.database, wiring(platform), platform.clock, only=[ctx.scope.id])


async def row_of(ctx: Ctx, id: UUID) -> Document:
    async with tenant_session(ctx, read_only=True) as session:
        return (await session.scalars(select(Document).where(Document.id == id))).one()


async def open_it(ctx: Ctx, id: UUID) -> str:
    async with tenant_session(ctx, read_only=True) as session:
        meta, _ = await open_document(Work(ctx, session, ctx.today, ctx.clock.now()), id)
    return meta.state


async def test_without_a_scanner_a_file_stays_unscanned_and_says_so(platform: Platform) -> None:
    ctx, id = await stored(platform, b"x")
    await work_off(platform, ctx)
    assert await open_it(ctx, id) == "unscanned"


async def test_a_clean_file_is_opened_once_it_was_scanned_and_not_before(
    platform: Platform, scanner: Scanner, tmp_path: Path
) -> None:
    daemon = Daemon()
    async with serving(daemon, tmp_path / "clamd") as address:
        scanner(address)
        ctx, id = await stored(platform, b"x" * 700_000)
        with pytest.raises(Refused, match="not been scanned yet"):
            await open_it(ctx, id)
        await work_off(platform, ctx)
    assert daemon.received == b"%PDF-1.7 " + b"x" * 700_000
    assert await open_it(ctx, id) == "clean"


async def test_a_file_in_which_something_was_found_is_never_given_out(
    platform: Platform, scanner: Scanner, tmp_path: Path
) -> None:
    async with serving(Daemon(), tmp_path / "clamd") as address:
        scanner(address)
        ctx, id = await stored(platform, EICAR_LIKE)
        await work_off(platform, ctx)
    row = await row_of(ctx, id)
    assert (row.state, row.finding) == ("refused", "Test.Sample")
    with pytest.raises(Refused, match="found something"):
        await open_it(ctx, id)
    async with tenant_session(ctx, read_only=True) as session:
        actions = (await session.scalars(select(AuditLine.action).order_by(AuditLine.id))).all()
    assert actions == ["document.store", "document.scan"]


async def test_a_scanner_that_is_away_is_asked_again_and_nothing_counts_as_clean(
    platform: Platform, scanner: Scanner, tmp_path: Path
) -> None:
    scanner(str(tmp_path / "clamd"))
    ctx, id = await stored(platform, b"x")
    await work_off(platform, ctx)
    assert (await row_of(ctx, id)).state == "unscanned"
    async with serving(Daemon(), tmp_path / "clamd"):
        platform.clock.advance(timedelta(hours=2))
        await work_off(platform, ctx)
    assert (await row_of(ctx, id)).state == "clean"
