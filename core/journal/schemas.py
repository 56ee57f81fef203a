"""What the journal is asked and what it tells."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from core.context import Assurance
from core.text import Text, t
from core.use_cases.fields import field
from core.use_cases.paging import AT_ONCE, MOST

_FROM = field(t("From"), widget="date")
_UNTIL = field(t("Until"), widget="date")


class ListLines(msgspec.Struct, frozen=True, kw_only=True):
    """Which lines of the audit log. ``start`` and ``end`` are civil days, both included; ``after`` a cursor."""

    who: Annotated[str, field(t("Who"), longest=100)] | None = None
    subject: Annotated[str, field(t("About"), widget="choice", longest=60)] | None = None
    action: Annotated[str, field(t("What was done"), widget="choice", longest=60)] | None = None
    start: Annotated[date, _FROM] | None = None
    end: Annotated[date, _UNTIL] | None = None
    subject_id: Annotated[UUID, field(t("Identifier"), widget="hidden")] | None = None
    after: Annotated[UUID, field(t("After"), widget="hidden")] | None = None
    limit: Annotated[int, field(t("Rows"), widget="hidden", least=1, most=MOST)] = AT_ONCE


class LineOut(msgspec.Struct, frozen=True, kw_only=True):
    """One line of the audit log. ``sequence`` is its place in the sealed chain, if it has one yet."""

    id: UUID
    at: datetime
    on_day: date
    seat_id: UUID
    behalf_of: UUID | None
    actor_name: str
    actor_kind: str
    action: str
    subject_kind: str
    subject_id: UUID
    before: Any = None
    after: Any = None
    reason: str | None
    request_id: str
    plugin: str | None
    plugin_version: str | None
    assurance: Assurance | None = None
    sequence: int | None = None
    hash: str | None = None


class LineList(msgspec.Struct, frozen=True):
    """Lines, the latest first; ``next`` is the cursor of those before them."""

    lines: list[LineOut]
    next: UUID | None = None


class ListLooks(msgspec.Struct, frozen=True, kw_only=True):
    """Which looks at this service's people."""

    start: Annotated[date, _FROM] | None = None
    end: Annotated[date, _UNTIL] | None = None
    subject_id: Annotated[UUID, field(t("Identifier"), widget="hidden")] | None = None
    after: Annotated[UUID, field(t("After"), widget="hidden")] | None = None
    limit: Annotated[int, field(t("Rows"), widget="hidden", least=1, most=MOST)] = AT_ONCE


class LookOut(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody outside was shown ``fields`` of this service's people, for ``purpose``."""

    id: UUID
    at: datetime
    by_scope: UUID
    by_name: str
    purpose: str
    subject_kind: str
    subject_id: UUID | None
    fields: list[str]


class LookList(msgspec.Struct, frozen=True):
    """Looks, the latest first; ``next`` is the cursor of those before them."""

    looks: list[LookOut]
    next: UUID | None = None


class ListNotifications(msgspec.Struct, frozen=True, kw_only=True):
    """Which of one's own notifications: those not read yet, or all."""

    state: Annotated[str, field(t("Which"), longest=10)] = "unread"
    after: Annotated[UUID, field(t("After"), widget="hidden")] | None = None


class NotificationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A sentence for the reader, and where it leads below the scope."""

    id: UUID
    sentence: Text
    link: str
    at: datetime
    read: bool


class NotificationList(msgspec.Struct, frozen=True):
    """Notifications, the latest first."""

    notifications: list[NotificationOut]
    unread: int
    next: UUID | None = None


class MarkRead(msgspec.Struct, frozen=True):
    """Which notification has been read; all of one's own without an ``id``."""

    id: str | None = None


class NotificationsRead(msgspec.Struct, frozen=True):
    """How many were marked, and where the one that was opened leads."""

    marked: int
    link: str | None = None


class DeadJob(msgspec.Struct, frozen=True, kw_only=True):
    """A job that failed as often as is allowed: ids, and what kind of error it was."""

    id: UUID
    scope: str
    subscriber: str
    event: str
    subject_kind: str
    subject_id: UUID
    created_at: datetime
    attempts: int
    failure: str | None


class Queue(msgspec.Struct, frozen=True):
    """How many jobs wait, and those that gave up."""

    waiting: int
    dead: list[DeadJob]
