"""Taking a file in: streamed, told by its content, sealed in chunks, all of it or nothing."""

from __future__ import annotations

import asyncio
import hashlib
import io
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import delete, insert, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx
from core.database.sessions import tenant_session
from core.documents.archives import Unacceptable, inspect
from core.documents.chunks import CHUNK, regroup, seal_chunk
from core.documents.content import CSV, DOCX, ENDINGS, TEXT, XLSX, ZIP, clean_name, is_called, is_text, sniff
from core.documents.models import Document, DocumentChunk
from core.documents.purposes import PURPOSES, Purpose
from core.errors import Fault, Invalid, TooLarge
from core.ids import new_id
from core.text import Text, t
from core.use_cases.work import Work

AT_ONCE = 16
"""Chunks written in one transaction: a slow sender never holds a connection while it sends."""

_inspecting = asyncio.Semaphore(2)
"""Archives are unpacked from memory; two at a time are enough to be fast and few enough to be small."""

NO_TEXT = t("This is not text throughout: save it as CSV or XLSX and send it again.")
_WHY = {
    "damaged": t("This file is damaged: open it, save it again and send the new one."),
    "bomb": t("This file would become too large when it is opened: send it in parts."),
    "sparse": t("A cell lies far outside the table. Delete the empty rows and columns after the table, and save it."),
    "macros": t("This file contains macros: save it without them and send the new one."),
    "encrypted": t("This file is protected by a password: remove it and send the file again."),
    "other": t("This archive is not a file that can be taken here."),
}


@dataclass(slots=True)
class _Arriving:
    """A file on its way in: what is known of it so far."""

    id: UUID
    filename: str
    purpose: Purpose
    limit: int
    pointer: str
    media_type: str = ""
    text: bool = False
    size: int = 0
    chunks: int = 0
    digest: hashlib._Hash = field(default_factory=hashlib.sha256)
    archive: bytearray | None = None

    def take(self, chunk: bytes) -> None:
        """Look at the next chunk; raise if the file cannot be taken."""
        if self.chunks == 0:
            self._begin(chunk)
        elif self.text and not is_text(chunk):
            raise self.invalid(NO_TEXT)
        self.size += len(chunk)
        if self.size > self.limit:
            raise too_large(self.limit)
        self.chunks += 1
        self.digest.update(chunk)
        if self.archive is not None:
            self.archive += chunk

    def _begin(self, first: bytes) -> None:
        found = sniff(first, self.filename)
        if found is None and CSV in self.purpose.types and is_called(self.filename, CSV, TEXT):
            raise self.invalid(NO_TEXT)
        if found is None or not (found in self.purpose.types or (found == ZIP and self.purpose.types & {XLSX, DOCX})):
            raise self.invalid(self.not_taken())
        self.media_type = found
        self.text = found in {CSV, TEXT} and not first.startswith((b"\xff\xfe", b"\xfe\xff"))
        self.archive = bytearray() if found == ZIP else None

    async def settle(self) -> None:
        """Tell what an archive is, once all of it is here."""
        if self.chunks == 0:
            raise self.invalid(t("This file is empty."))
        if self.archive is None:
            return
        try:
            async with _inspecting:
                self.media_type = await asyncio.to_thread(inspect, io.BytesIO(self.archive))
        except Unacceptable as refusal:
            raise self.invalid(_WHY[refusal.code]) from refusal
        if self.media_type not in self.purpose.types:
            raise self.invalid(self.not_taken())

    def not_taken(self) -> Text:
        endings = sorted(ENDINGS[kind] for kind in self.purpose.types)
        return t("Files of this kind are not taken here: send one of %(kinds)s.", kinds=", ".join(endings))

    def invalid(self, text: Text) -> Invalid:
        return Invalid([Fault(self.pointer, text)])


Again = Callable[[AsyncSession], Awaitable[Ctx]]
"""Returns, in a transaction, the context of whoever sends a file by then. It raises where they may not any more."""


def too_large(limit: int) -> TooLarge:
    """Return the refusal of what is over ``limit`` bytes."""
    return TooLarge(
        t("The file is larger than %(most)s MB.", most=limit // 2**20),
        t("Send it in parts, or make it smaller."),
    )


async def store_upload(
    ctx: Ctx,
    filename: str,
    stream: AsyncIterator[bytes],
    purpose: str,
    limit: int | None = None,
    *,
    officer_id: UUID | None = None,
    pointer: str = "/file",
    again: Again | None = None,
) -> UUID:
    """Store what ``stream`` brings for the scope and return the document's id.

    ``purpose`` is a key of ``PURPOSES``; ``limit`` in bytes lowers that purpose's own;
    ``officer_id`` is the officer whose file it belongs to; ``pointer`` names the form's field
    in faults. The caller has checked the permission; ``again`` asks once more when all has come. Raises ``Invalid``,
    ``TooLarge`` or what ``again`` raises, and then nothing is kept.
    """
    reason = PURPOSES[purpose]
    arriving = _Arriving(new_id(ctx.clock), filename, reason, min(limit or reason.limit, reason.limit), pointer)
    try:
        await _receive(ctx, arriving, stream, officer_id)
        await arriving.settle()
        await _finish(ctx, arriving, again)
    except BaseException:
        if arriving.chunks:
            await asyncio.shield(remove(ctx, arriving.id))
        raise
    return arriving.id


async def _receive(ctx: Ctx, arriving: _Arriving, stream: AsyncIterator[bytes], officer_id: UUID | None) -> None:
    waiting: list[bytes] = []
    begun = False
    async for chunk in regroup(stream, CHUNK):
        arriving.take(chunk)
        waiting.append(chunk)
        if len(waiting) == AT_ONCE:
            await _write(ctx, arriving, waiting, None if begun else _row(ctx, arriving, officer_id))
            begun, waiting = True, []
    if waiting:
        await _write(ctx, arriving, waiting, None if begun else _row(ctx, arriving, officer_id))


def _row(ctx: Ctx, arriving: _Arriving, officer_id: UUID | None) -> Document:
    return Document(
        tenant_id=ctx.scope.id,
        id=arriving.id,
        filename=arriving.filename[:200],
        media_type=arriving.media_type,
        purpose=arriving.purpose.key,
        officer_id=officer_id,
        uploaded_by=ctx.actor.id,
        created_at=ctx.clock.now(),
    )


async def _write(ctx: Ctx, arriving: _Arriving, waiting: list[bytes], row: Document | None) -> None:
    first = arriving.chunks - len(waiting)
    sealed = [
        {
            "tenant_id": ctx.scope.id,
            "document_id": arriving.id,
            "number": number,
            "sealed": seal_chunk(ctx, arriving.id, number, plain),
        }
        for number, plain in enumerate(waiting, first)
    ]
    async with tenant_session(ctx) as session:
        if row is not None:
            session.add(row)
            await session.flush()
        await session.execute(insert(DocumentChunk), sealed)


async def _finish(ctx: Ctx, arriving: _Arriving, again: Again | None) -> None:
    name = clean_name(arriving.filename, arriving.media_type)
    known = {
        "filename": name,
        "media_type": arriving.media_type,
        "size": arriving.size,
        "chunks": arriving.chunks,
        "sha256": arriving.digest.hexdigest(),
        "state": "unscanned",
    }
    async with tenant_session(ctx) as session:
        if again is not None:
            ctx = await again(session)
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        mine = (Document.tenant_id == ctx.scope.id, Document.id == arriving.id)
        await session.execute(update(Document).where(*mine).values(**known))
        subject = ("document", arriving.id)
        await work.audit("document.store", subject, after=known | {"purpose": arriving.purpose.key})
        await work.emit("document_stored", subject)


async def remove(ctx: Ctx, document_id: UUID) -> None:
    """Remove a file that did not arrive as a whole, with its chunks."""
    async with tenant_session(ctx) as session:
        chunks = delete(DocumentChunk).where(DocumentChunk.tenant_id == ctx.scope.id)
        await session.execute(chunks.where(DocumentChunk.document_id == document_id))
        row = delete(Document).where(Document.tenant_id == ctx.scope.id, Document.state == "arriving")
        await session.execute(row.where(Document.id == document_id))
