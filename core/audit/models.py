"""The tables of the audit log: lines, looks, the seals over both and what waits to be sealed."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKey, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, public


class AuditLine(TenantRow, Base, table_class=TableClass.SCOPE, append_only=True):
    """One change: who acted in which seat (on behalf of whom), what it was before and after, and why.

    ``on_day`` is the civil date from which the change is true, ``at`` the instant at which it
    was recorded. ``before`` and ``after`` never hold a value of a column classed ``health`` or
    ``secret``. ``assurance`` is how and when the actor had proved who they are, where a rule asked for
    it. Ids are made in order of time, so ``id`` is also the order of the log.
    """

    __tablename__ = "audit_line"
    __table_args__ = (
        Index(None, "tenant_id", "subject_id", "id"),
        Index(None, "tenant_id", "seat_id", "id"),
        Index(None, "tenant_id", "action", "id"),
    )

    at: Mapped[datetime] = public()
    on_day: Mapped[date] = public()
    seat_id: Mapped[UUID] = agency()
    behalf_of: Mapped[UUID | None] = agency()
    actor_name: Mapped[str] = agency()
    actor_kind: Mapped[str] = public()
    action: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    before: Mapped[Any | None] = agency(JSONB(none_as_null=True))
    after: Mapped[Any | None] = agency(JSONB(none_as_null=True))
    reason: Mapped[str | None] = agency()
    request_id: Mapped[str] = public()
    plugin: Mapped[str | None] = public()
    plugin_version: Mapped[str | None] = public()
    assurance: Mapped[Any | None] = agency(JSONB(none_as_null=True))


class Look(TenantRow, Base, table_class=TableClass.ASSIGNED, append_only=True):
    """IPOB opened something about an agency's people: one row per request and agency named.

    Written by IPOB in the request's own transaction, readable by the agency. ``fields`` names
    what was shown, never its values.
    """

    __tablename__ = "look"
    __table_args__ = (Index(None, "tenant_id", "subject_id", "id"),)

    at: Mapped[datetime] = public()
    by_scope: Mapped[UUID] = public()
    by_seat: Mapped[UUID] = agency()
    by_name: Mapped[str] = agency()
    purpose: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID | None] = public()
    fields: Mapped[list[str]] = public()
    request_id: Mapped[str] = public()


class AuditSeal(Base, table_class=TableClass.SCOPE, append_only=True, worker_writes=True):
    """The place of a committed line or look in its scope's chain.

    ``hash`` is SHA-256 (hex) over the hash before it, the sequence and the canonical form of
    the row: see ``core.audit.chain``.
    """

    __tablename__ = "audit_seal"
    __table_args__ = (UniqueConstraint("tenant_id", "row_kind", "row_id"),)

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    sequence: Mapped[int] = public(primary_key=True, autoincrement=False)
    row_kind: Mapped[str] = public()
    row_id: Mapped[UUID] = public()
    hash: Mapped[str] = public()
    sealed_at: Mapped[datetime] = public()


class AuditPending(Base, table_class=TableClass.PLATFORM):
    """A line or look that waits for its seal: ids only.

    Every role may insert; the worker alone reads and deletes. Without it the sealer would have
    to read every scope's log each second to learn which of them has something new.
    """

    __tablename__ = "audit_pending"

    tenant_id: Mapped[UUID] = public(primary_key=True)
    row_kind: Mapped[str] = public(primary_key=True)
    row_id: Mapped[UUID] = public(primary_key=True)
