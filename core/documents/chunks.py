"""Cutting a stream into equal pieces, sealing them for their place, and reading them back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from sqlalchemy import select

from core.context import Ctx
from core.database.sealing import seal, unseal
from core.database.sessions import tenant_session
from core.documents.models import DocumentChunk

CHUNK = 256 * 1024
"""Bytes of plain content in a chunk."""

READ_AT_ONCE = 8


async def regroup(stream: AsyncIterator[bytes], size: int) -> AsyncIterator[bytes]:
    """Yield what ``stream`` brings in pieces of ``size`` bytes, the last one shorter."""
    held = bytearray()
    async for part in stream:
        held += part
        while len(held) >= size:
            yield bytes(held[:size])
            del held[:size]
    if held:
        yield bytes(held)


def seal_chunk(ctx: Ctx, document_id: UUID, number: int, plain: bytes) -> bytes:
    """Return the chunk sealed with the tenant's key; it opens only at this place of this file."""
    return seal(ctx, DocumentChunk, f"{document_id}/{number}", plain)


async def read_chunks(ctx: Ctx, document_id: UUID, chunks: int) -> AsyncIterator[bytes]:
    """Yield the plain content of a file of ``chunks`` pieces, some at a time, each time in a session of its own.

    A slow reader thus holds no connection. Raises ``ValueError`` if a piece is missing or
    was not sealed for its place.
    """
    for first in range(0, chunks, READ_AT_ONCE):
        numbers = range(first, min(first + READ_AT_ONCE, chunks))
        async with tenant_session(ctx, read_only=True) as session:
            wanted = select(DocumentChunk.number, DocumentChunk.sealed).where(
                DocumentChunk.tenant_id == ctx.scope.id,
                DocumentChunk.document_id == document_id,
                DocumentChunk.number.in_(numbers),
            )
            found = {row.number: row.sealed for row in await session.execute(wanted)}
        for number in numbers:
            if number not in found:
                raise ValueError(f"chunk {number} of document {document_id} is missing")
            yield unseal(ctx, DocumentChunk, f"{document_id}/{number}", found[number])
