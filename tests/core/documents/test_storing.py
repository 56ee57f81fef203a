"""Files in and out, on a real database."""

from __future__ import annotations

import hashlib
import io
import zipfile
from collections.abc import AsyncIterator
from typing import Any
from uuid import UUID, uuid4

import pytest
import xlsxwriter
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select, text

from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sealing import NotSealedHere
from core.database.sessions import tenant_session
from core.documents.chunks import CHUNK, regroup
from core.documents.content import CSV, PDF, XLSX
from core.documents.models import Document, DocumentChunk
from core.documents.purposes import DOCUMENT_READ, DOCUMENT_READ_HR, DOCUMENT_READ_PAPER
from core.documents.schemas import DocumentOut
from core.documents.service import PluginFiles, open_document, store_upload
from core.documents.subscribers import ORPHANED, sweep_orphans
from core.errors import Forbidden, Invalid, NotFound, TooLarge
from core.hooks.answers import Origin
from core.hooks.granting import Grant, NotConsented
from core.use_cases.work import Work
from tests.platform import Platform

MEGABYTE = 2**20
READER = Origin("reader", "1.2")


async def sending(content: bytes, size: int = 100_000) -> AsyncIterator[bytes]:
    for start in range(0, len(content), size):
        yield content[start : start + size]


async def breaking_off(content: bytes) -> AsyncIterator[bytes]:
    yield content
    raise ConnectionResetError


def csv(size: int) -> bytes:
    return (b"number;name\n" + b"123456;Tremblay\n" * (size // 16 + 1))[:size]


async def opened(ctx: Ctx, id: UUID | str) -> tuple[DocumentOut, bytes]:
    async with tenant_session(ctx, read_only=True) as session:
        meta, content = await open_document(Work(ctx, session, ctx.today, ctx.clock.now()), id)
    return meta, b"".join([part async for part in content])


async def rows(ctx: Ctx) -> tuple[int, int]:
    async with tenant_session(ctx, read_only=True) as session:
        documents = await session.scalar(select(func.count()).select_from(Document))
        chunks = await session.scalar(select(func.count()).select_from(DocumentChunk))
    return documents or 0, chunks or 0


async def clerk(platform: Platform) -> Ctx:
    return platform.ctx(await platform.agency(), DOCUMENT_READ, DOCUMENT_READ_HR)


@pytest.mark.parametrize("size", [1, CHUNK - 1, CHUNK, CHUNK + 1, 5 * MEGABYTE + 17])
async def test_what_was_sent_is_what_is_opened(platform: Platform, size: int) -> None:
    ctx, content = await clerk(platform), csv(size)
    meta, read = await opened(ctx, await store_upload(ctx, "workers.csv", sending(content), "hr_upload"))
    assert read == content
    assert (meta.size, meta.sha256, meta.state) == (size, hashlib.sha256(content).hexdigest(), "unscanned")
    assert (meta.filename, meta.media_type, meta.purpose) == ("workers.csv", CSV, "hr_upload")


@settings(max_examples=50)
@given(parts=st.lists(st.binary(max_size=40), max_size=12), size=st.integers(1, 50))
async def test_a_stream_is_cut_into_equal_pieces_however_it_comes(parts: list[bytes], size: int) -> None:
    async def stream() -> AsyncIterator[bytes]:
        for part in parts:
            yield part

    pieces = [piece async for piece in regroup(stream(), size)]
    assert b"".join(pieces) == b"".join(parts)
    assert all(len(piece) == size for piece in pieces[:-1])
    assert all(pieces)


async def test_no_chunk_can_be_read_by_the_database_itself(platform: Platform) -> None:
    ctx = await clerk(platform)
    await store_upload(ctx, "workers.csv", sending(csv(CHUNK * 2)), "hr_upload")
    async with tenant_session(ctx, read_only=True) as session:
        for sealed in await session.scalars(select(DocumentChunk.sealed)):
            assert b"Tremblay" not in sealed


async def test_chunks_that_changed_places_are_not_opened(platform: Platform) -> None:
    ctx = await clerk(platform)
    id = await store_upload(ctx, "workers.csv", sending(csv(CHUNK * 2)), "hr_upload")
    async with tenant_session(ctx) as session:
        await session.execute(text("update document_chunk set number = number + 2"))
        await session.execute(text("update document_chunk set number = 3 - number"))
    with pytest.raises(NotSealedHere):
        await opened(ctx, id)


async def test_a_missing_chunk_is_noticed(platform: Platform) -> None:
    ctx = await clerk(platform)
    id = await store_upload(ctx, "workers.csv", sending(csv(CHUNK * 3)), "hr_upload")
    async with tenant_session(ctx) as session:
        await session.execute(text("delete from document_chunk where number = 1"))
    with pytest.raises(ValueError, match="missing"):
        await opened(ctx, id)


@pytest.mark.parametrize("limit", [CHUNK - 1, 3 * CHUNK, 20 * CHUNK])
async def test_a_file_over_its_limit_is_refused_and_nothing_is_kept(platform: Platform, limit: int) -> None:
    ctx, taken = await clerk(platform), 0

    async def endless() -> AsyncIterator[bytes]:
        nonlocal taken
        while True:
            taken += CHUNK
            yield csv(CHUNK)

    with pytest.raises(TooLarge):
        await store_upload(ctx, "workers.csv", endless(), "hr_upload", limit)
    assert await rows(ctx) == (0, 0)
    assert taken <= limit + 2 * CHUNK, "it is not read to its end first"


async def test_a_purpose_has_a_limit_of_its_own_whatever_the_caller_says(platform: Platform) -> None:
    ctx = await clerk(platform)
    with pytest.raises(TooLarge, match="25 MB"):
        await store_upload(ctx, "s.pdf", sending(b"%PDF-" + bytes(26 * MEGABYTE)), "scan", 200 * MEGABYTE)


@pytest.mark.parametrize(
    ("name", "content", "purpose", "why"),
    [
        ("empty.csv", b"", "hr_upload", "empty"),
        ("run", b"MZ\x90\x00", "hr_upload", "not taken here"),
        ("run.csv", b"MZ\x90\x00", "hr_upload", "not text throughout"),
        ("scan.pdf", b"%PDF-1.7", "hr_upload", "send one of .csv, .txt, .xlsx"),
        ("workers.csv", b"a;b\n", "resolution", "not taken here"),
        ("late.csv", csv(CHUNK) + b"\x00\x01", "hr_upload", "not text throughout"),
        ("broken.xlsx", b"PK\x03\x04" + bytes(999), "hr_upload", "damaged"),
    ],
)
async def test_a_file_that_is_not_taken_says_why_at_its_field_and_nothing_is_kept(
    platform: Platform, name: str, content: bytes, purpose: str, why: str
) -> None:
    ctx = await clerk(platform)
    with pytest.raises(Invalid) as caught:
        await store_upload(ctx, name, sending(content), purpose, pointer="/document_id")
    (fault,) = caught.value.faults
    assert fault.pointer == "/document_id"
    assert why in str(fault.text)
    assert await rows(ctx) == (0, 0)


async def test_a_bomb_is_refused_and_nothing_is_kept(platform: Platform) -> None:
    ctx, bomb = await clerk(platform), io.BytesIO()
    with zipfile.ZipFile(bomb, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("xl/workbook.xml", bytes(60 * MEGABYTE))
    with pytest.raises(Invalid) as caught:
        await store_upload(ctx, "workers.xlsx", sending(bomb.getvalue()), "hr_upload")
    assert "too large when it is opened" in str(caught.value.faults[0].text)
    assert await rows(ctx) == (0, 0)


async def test_a_sheet_is_a_sheet_whatever_it_is_called(platform: Platform) -> None:
    ctx, kept = await clerk(platform), io.BytesIO()
    with xlsxwriter.Workbook(kept, {"in_memory": True}) as book:
        book.add_worksheet().write_row(0, 0, ["number", "name"])
    meta, read = await opened(ctx, await store_upload(ctx, "workers.csv", sending(kept.getvalue()), "hr_upload"))
    assert (meta.filename, meta.media_type) == ("workers.csv.xlsx", XLSX)
    assert read == kept.getvalue()


async def test_a_sender_that_breaks_off_leaves_nothing(platform: Platform) -> None:
    ctx = await clerk(platform)
    with pytest.raises(ConnectionResetError):
        await store_upload(ctx, "workers.csv", breaking_off(csv(20 * CHUNK)), "hr_upload")
    assert await rows(ctx) == (0, 0)


async def test_what_a_killed_process_left_is_swept_away_later(platform: Platform) -> None:
    ctx = await clerk(platform)
    await store_upload(ctx, "workers.csv", sending(csv(9)), "hr_upload")
    left = await store_upload(ctx, "workers.csv", sending(csv(9)), "hr_upload")
    async with tenant_session(ctx) as session:
        await session.execute(text("update document set state = 'arriving' where id = :id"), {"id": left})
    with pytest.raises(NotFound):
        await opened(ctx, left)
    await sweep_orphans(ctx)
    assert await rows(ctx) == (2, 2)
    platform.clock.advance(ORPHANED * 2)
    await sweep_orphans(ctx)
    assert await rows(ctx) == (1, 1)


async def test_who_may_open_a_file_follows_from_what_it_is_kept_for(platform: Platform) -> None:
    agency, officer = await platform.agency(), uuid4()
    ctx = platform.ctx(agency)
    workers = await store_upload(ctx, "workers.csv", sending(csv(9)), "hr_upload")
    scan = await store_upload(ctx, "s.pdf", sending(b"%PDF-1.7"), "scan", officer_id=officer)
    with pytest.raises(Forbidden):
        await opened(platform.ctx(agency, DOCUMENT_READ, DOCUMENT_READ_PAPER), workers)
    with pytest.raises(Forbidden):
        await opened(
            platform.ctx(agency, f"{DOCUMENT_READ}:own", f"{DOCUMENT_READ_PAPER}:own", officer_id=uuid4()), scan
        )
    meta, _ = await opened(
        platform.ctx(agency, f"{DOCUMENT_READ}:own", f"{DOCUMENT_READ_PAPER}:own", officer_id=officer), scan
    )
    assert (meta.media_type, meta.officer_id) == (PDF, officer)


@settings(max_examples=4)
@given(wrong=st.sampled_from(["", "nothing", str(uuid4())]))
async def test_another_scopes_file_and_no_file_are_one_answer(platform: Platform, wrong: str) -> None:
    mine, theirs = await clerk(platform), await clerk(platform)
    stored = await store_upload(theirs, "workers.csv", sending(csv(9)), "hr_upload")
    answers = set()
    for id in (stored, wrong):
        with pytest.raises(NotFound) as caught:
            await opened(mine, id)
        answers.add(str(caught.value))
    assert len(answers) == 1


def granted(ctx: Ctx) -> Grant:
    return Grant(ctx, READER, frozenset(), lambda used, remedy: NotConsented(f"{used}: {remedy}"))


async def test_a_plugin_opens_what_its_caller_may_open(platform: Platform) -> None:
    ctx = await clerk(platform)
    id = await store_upload(ctx, "workers.csv", sending(csv(99)), "hr_upload")
    file = await PluginFiles(granted(ctx)).open(id)
    assert (file.name, file.media_type, file.content) == ("workers.csv", CSV, csv(99))
    with pytest.raises(Forbidden):
        await PluginFiles(granted(platform.ctx(ctx.scope))).open(id)


async def test_of_what_a_plugin_opens_a_line_names_the_plugin_whoever_it_acts_for_and_the_file(
    platform: Platform,
) -> None:
    ctx, elsewhere = await clerk(platform), await clerk(platform)
    id = await store_upload(ctx, "workers.csv", sending(csv(99)), "hr_upload")
    await PluginFiles(granted(ctx)).open(id)
    for stranger, refusal in ((platform.ctx(ctx.scope), Forbidden), (elsewhere, NotFound)):
        with pytest.raises(refusal):
            await PluginFiles(granted(stranger)).open(id)
    lines = {scope.id: await seen_in(platform, scope) for scope in (ctx.scope, elsewhere.scope)}
    assert lines == {
        ctx.scope.id: [(ctx.actor.id, "reader", "1.2", id, {"filename": "workers.csv"})],
        elsewhere.scope.id: [],
    }


async def seen_in(platform: Platform, scope: Scope) -> list[tuple[Any, ...]]:
    """Return what the log of a scope says of files that were opened."""
    chosen = select(
        AuditLine.seat_id, AuditLine.plugin, AuditLine.plugin_version, AuditLine.subject_id, AuditLine.after
    ).where(AuditLine.tenant_id == scope.id, AuditLine.action == "document.see")
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return [tuple(row) for row in await session.execute(chosen)]
