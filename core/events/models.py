"""The tables of the outbox: events, jobs, dead jobs' causes, periodic tasks, notifications and their addresses."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, CheckConstraint, ForeignKey, Identity, Index, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, public, secret

_WAITING = text("state = 'waiting'")


class EventRow(TenantRow, Base, table_class=TableClass.SCOPE, append_only=True):
    """Something happened in this scope: ``owner_id`` is the scope whose row the subject is."""

    __tablename__ = "event"

    name: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    owner_id: Mapped[UUID] = public()
    on_day: Mapped[date] = public()
    at: Mapped[datetime] = public()
    by_seat: Mapped[UUID] = agency()
    request_id: Mapped[str] = public()


class JobRow(Base, table_class=TableClass.PLATFORM):
    """One thing to do for one scope because of one event. It holds ids, never content.

    Scopes may only insert; the worker does the rest. ``waiting`` jobs are run in the order of
    ``position``; a ``dead`` one has failed as often as is allowed and waits for a person. A job
    that is done has no row: its effect and its log line are what remains.
    """

    __tablename__ = "job"
    __table_args__ = (
        Index(None, "scope_id", "due_at", postgresql_where=_WAITING),
        Index(None, "scope_id", "position", postgresql_where=_WAITING),
        Index(None, "scope_id", "subscriber", "subject_id", "position", postgresql_where=_WAITING),
        CheckConstraint("state in ('waiting', 'dead')", name="state"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    position: Mapped[int] = public(BigInteger(), Identity(always=True))
    scope_id: Mapped[UUID] = public()
    subscriber: Mapped[str] = public()
    event_id: Mapped[UUID] = public()
    event: Mapped[str] = public()
    subject_kind: Mapped[str] = public()
    subject_id: Mapped[UUID] = public()
    owner_id: Mapped[UUID] = public()
    writer_id: Mapped[UUID] = public()
    on_day: Mapped[date] = public()
    request_id: Mapped[str] = public()
    created_at: Mapped[datetime] = public()
    due_at: Mapped[datetime] = public()
    attempts: Mapped[int] = public(default=0)
    state: Mapped[str] = public(default="waiting")
    failure: Mapped[str | None] = public()
    """What kind of error and where, never its message: messages may hold personal data."""


class PeriodicRow(Base, table_class=TableClass.PLATFORM):
    """When a periodic task was last put into the queue, by whichever worker came first."""

    __tablename__ = "periodic"

    name: Mapped[str] = public(primary_key=True)
    queued_at: Mapped[datetime] = public()


class NotificationRow(TenantRow, Base, table_class=TableClass.SCOPE):
    """A sentence for one seat, with a link into the scope's own pages."""

    __tablename__ = "notification"
    __table_args__ = (Index(None, "tenant_id", "seat_id", "read_at", "id"),)

    seat_id: Mapped[UUID] = public()
    sentence: Mapped[str] = public()
    params: Mapped[dict[str, Any]] = agency(JSONB())
    link: Mapped[str] = public()
    at: Mapped[datetime] = public()
    read_at: Mapped[datetime | None] = public()


class ChannelAddress(TenantRow, Base, table_class=TableClass.SCOPE):
    """Where a seat is told besides on its pages: one address in a channel, which its owner has confirmed.

    ``channel`` is the plugin that delivers. ``rhythm``: ``each`` at once, or ``daily`` what is unread. Nothing but the
    code goes to an address before ``confirmed_at``; ``tries`` counts wrong codes.
    """

    __tablename__ = "channel_address"
    __table_args__ = (
        UniqueConstraint("tenant_id", "seat_id", "channel"),
        CheckConstraint("rhythm in ('each', 'daily')", name="rhythm"),
    )

    seat_id: Mapped[UUID] = public()
    channel: Mapped[str] = public()
    address: Mapped[str] = agency()
    rhythm: Mapped[str] = public()
    confirmed_at: Mapped[datetime | None] = public()
    code_sealed: Mapped[bytes | None] = secret()
    code_until: Mapped[datetime | None] = public()
    tries: Mapped[int] = public(default=0)
    digest_at: Mapped[datetime | None] = public()


class ChannelCodes(Base, table_class=TableClass.SCOPE):
    """How many codes a seat had sent to addresses of a channel on the last day it had any.

    It outlasts the addresses: entering another one, or the same again, begins no new count.
    """

    __tablename__ = "channel_codes"

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    seat_id: Mapped[UUID] = public(primary_key=True)
    channel: Mapped[str] = public(primary_key=True)
    on_day: Mapped[date] = public()
    sent: Mapped[int] = public()
