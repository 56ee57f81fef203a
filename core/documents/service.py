"""Opening a file: who may, in which state, and its content as a stream."""

from __future__ import annotations

from collections.abc import AsyncIterator
from uuid import UUID

from core.database.sessions import tenant_session
from core.documents.chunks import read_chunks
from core.documents.models import Document
from core.documents.purposes import DOCUMENT_READ, FOR_WHAT, PURPOSES
from core.documents.schemas import DocumentOut
from core.documents.storing import store_upload
from core.errors import NotFound, Refused
from core.hooks.files import File, check_id
from core.hooks.granting import Grant
from core.text import t
from core.use_cases.declaration import ById, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

__all__ = ["PluginFiles", "open_document", "read_document", "store_upload"]

SEEN = "document.see"
"""The line of a file that was opened."""
LARGEST_FOR_PLUGIN = 50 * 2**20


async def find_document(work: Work, id: UUID | str) -> Document:
    """Return the row of a file that the actor may open; raise ``NotFound`` or ``Forbidden``."""
    row: Document = await work.get(Document, id)
    if row.state == "arriving":
        raise NotFound
    for permission in (DOCUMENT_READ, PURPOSES[row.purpose].permission):
        work.require(permission, owner=row.officer_id)
    return row


@use_case(
    permission=DOCUMENT_READ,
    input=ById,
    output=DocumentOut,
    scopes={"agency", "program", "department", "mission", "platform"},
    reads=True,
    narrowed=FOR_WHAT,
)
async def read_document(work: Work, data: ById) -> DocumentOut:
    """Say what is known of a file, without its content."""
    return shown(DocumentOut, await find_document(work, data.id))


async def open_document(work: Work, id: UUID | str) -> tuple[DocumentOut, AsyncIterator[bytes]]:
    """Return what is known of a file, and its content.

    The content is read in sessions of its own and may be consumed after ``work`` has ended.
    Raises ``NotFound``, ``Forbidden``, or ``Refused`` while a scanner has not cleared it.
    """
    row = await find_document(work, id)
    if row.state == "refused":
        raise Refused(
            t("The scanner found something in this file: it is kept, but not given out."),
            t("Ask for the file again from where it came from."),
        )
    if row.state == "unscanned" and work.ctx.database.settings.clamd_address:
        raise Refused(t("This file has not been scanned yet."), t("It takes a few seconds: try again in a moment."))
    return shown(DocumentOut, row), read_chunks(work.ctx, row.id, row.chunks)


class PluginFiles:
    """The files that a plugin may open: those its caller may open. Each leaves a line, of whoever's file it is.

    The line names the plugin beside whoever it acts for: what it does with the content nobody else sees.
    """

    def __init__(self, grant: Grant) -> None:
        self._ctx, self._origin = grant.ctx, grant.origin

    async def open(self, id: UUID) -> File:
        """Return the file in full; raise ``NotFound`` if this tenant has none with this id."""
        check_id(id)
        ctx = self._ctx
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            meta, content = await open_document(work, id)
            await work.audit(SEEN, ("document", meta.id), after={"filename": meta.filename}, plugin=self._origin)
        return File(meta.filename, meta.media_type, b"".join([part async for part in content]))
