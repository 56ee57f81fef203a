"""The tables of files: what is known of one, and its encrypted chunks."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public, secret


class Document(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """A file of this scope. ``sha256`` (hex) is of its plain content, ``size`` in bytes.

    States: ``arriving`` (chunks are being written; never shown), ``unscanned``, ``clean``,
    ``refused`` (a scanner found something; kept, never served). ``officer_id`` is the officer
    whose own file it belongs to, if it does.
    """

    __tablename__ = "document"
    __table_args__ = (
        Index(None, "tenant_id", "officer_id"),
        Index(None, "tenant_id", "state", "created_at"),
        CheckConstraint("state in ('arriving', 'unscanned', 'clean', 'refused')", name="state"),
    )

    filename: Mapped[str] = agency()
    media_type: Mapped[str] = public()
    size: Mapped[int] = public(default=0)
    chunks: Mapped[int] = public(default=0)
    sha256: Mapped[str] = agency(default="")
    purpose: Mapped[str] = public()
    state: Mapped[str] = public(default="arriving")
    finding: Mapped[str | None] = agency()
    officer_id: Mapped[UUID | None] = agency()
    uploaded_by: Mapped[UUID] = agency()


class DocumentChunk(Base, table_class=TableClass.SCOPE):
    """Up to 256 KB of a file, sealed with the tenant's key for exactly this place."""

    __tablename__ = "document_chunk"
    __table_args__ = (belongs_to("document", "document_id"),)

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    document_id: Mapped[UUID] = public(primary_key=True)
    number: Mapped[int] = public(primary_key=True, autoincrement=False)
    sealed: Mapped[bytes] = secret()
