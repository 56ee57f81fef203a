"""Files that are needed no longer are gone with all their chunks; the log keeps that they were."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import delete, or_, select

from core.context import SCOPE_KINDS, Ctx
from core.database.sessions import tenant_session
from core.documents.models import Document, DocumentChunk
from core.documents.purposes import PURPOSES
from core.events.subscribers import every
from core.use_cases.work import Work

DAY = 86_400


async def dispose(work: Work, document_id: UUID) -> None:
    """Remove a file of the scope with its chunks, in the transaction of what made it needless."""
    document: Document = await work.get(Document, document_id)
    chunks = delete(DocumentChunk).where(DocumentChunk.tenant_id == work.ctx.scope.id)
    await work.session.execute(chunks.where(DocumentChunk.document_id == document_id))
    before = {"purpose": document.purpose, "size": document.size, "sha256": document.sha256}
    await work.session.delete(document)
    await work.session.flush()
    await work.audit("document.remove", ("document", document_id), before=before)


@every(DAY, kinds=SCOPE_KINDS)
async def dispose_of_old(ctx: Ctx) -> None:
    """Remove what has been kept as long as its purpose allows."""
    now = ctx.clock.now()
    old = [
        (Document.purpose == purpose.key) & (Document.created_at < now - timedelta(days=purpose.days))
        for purpose in PURPOSES.values()
        if purpose.days is not None
    ]
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, now)
        mine = select(Document.id).where(Document.tenant_id == ctx.scope.id, Document.state != "arriving", or_(*old))
        for document_id in (await session.scalars(mine)).all():
            await dispose(work, document_id)
