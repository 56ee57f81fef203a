"""After a file is stored, the worker has it scanned, where a scanner is configured."""

from __future__ import annotations

from datetime import timedelta

from sqlalchemy import select

from core.context import SCOPE_KINDS, Ctx
from core.database.sessions import tenant_session
from core.documents.chunks import read_chunks
from core.documents.clamd import scan
from core.documents.disposal import dispose_of_old
from core.documents.models import Document
from core.documents.storing import remove
from core.events.subscribers import Event, every, subscriber
from core.use_cases.work import Work

__all__ = ["dispose_of_old", "scan_document", "sweep_orphans"]

ORPHANED = timedelta(hours=2)
"""A file that is still arriving after this long lost its sender."""


@subscriber("document_stored", deadline=120)
async def scan_document(ctx: Ctx, event: Event) -> None:
    """Ask the scanner about the file and keep its verdict. Without a scanner the file stays unscanned."""
    address = ctx.database.settings.clamd_address
    if not address:
        return
    async with tenant_session(ctx, read_only=True) as session:
        row = await session.get(Document, (ctx.scope.id, event.subject_id))
    if row is None or row.state != "unscanned":
        return
    finding = await scan(address, read_chunks(ctx, row.id, row.chunks))
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        row = await work.get(Document, event.subject_id)
        if row.state != "unscanned":
            return
        row.state, row.finding = ("clean", None) if finding is None else ("refused", finding[:200])
        subject = ("document", row.id)
        await work.audit(
            "document.scan", subject, before={"state": "unscanned"}, after={"state": row.state, "finding": row.finding}
        )
        await work.emit("document_scanned", subject)


@every(3600, kinds=SCOPE_KINDS)
async def sweep_orphans(ctx: Ctx) -> None:
    """Remove what began to arrive and never did, because the process ended in the middle."""
    before = ctx.clock.now() - ORPHANED
    async with tenant_session(ctx, read_only=True) as session:
        orphans = select(Document.id).where(
            Document.tenant_id == ctx.scope.id, Document.state == "arriving", Document.created_at < before
        )
        found = list((await session.scalars(orphans)).all())
    for document_id in found:
        await remove(ctx, document_id)
