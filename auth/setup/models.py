"""Test sign-ins, and which warnings of an end were given."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, belongs_to, public


class ProviderTest(TenantRow, Base, table_class=TableClass.SCOPE):
    """One test sign-in: who made it, of which set-up (its digest), and what came of it.

    ``led_to`` is the seat that the account opens: the tester’s own, or, where a break-glass account tests, anybody’s.
    ``why`` is the reason for which it was refused, none where it passed. ``claims`` are what was
    received, masked, ``roles`` what the rules would have given and ``missing`` what is yet to be
    looked at, by the keys of ``auth.setup.lacks``. ``subject`` is who it was for the provider. Claims
    and subject are cleared after an hour.
    """

    __tablename__ = "provider_test"
    __table_args__ = (
        belongs_to("identity_provider", "provider_id"),
        belongs_to("seat", "seat_id"),
        Index(None, "tenant_id", "provider_id"),
    )

    provider_id: Mapped[UUID] = agency()
    seat_id: Mapped[UUID] = agency()
    led_to: Mapped[UUID | None] = agency()
    configuration: Mapped[str] = agency()
    why: Mapped[str | None] = public()
    detail: Mapped[str | None] = agency()
    subject: Mapped[str | None] = agency()
    claims: Mapped[dict[str, Any] | None] = agency()
    assurance: Mapped[str | None] = agency()
    roles: Mapped[list[str]] = agency(default=list)
    missing: Mapped[list[str]] = agency(default=list)
    created_at: Mapped[datetime] = public()


class ExpiryNotice(Base, table_class=TableClass.SCOPE):
    """That people were told, ``days`` before, that something ends on a day: once, and again when the day changes."""

    __tablename__ = "expiry_notice"
    __table_args__ = (CheckConstraint("days > 0", name="days"),)

    tenant_id: Mapped[UUID] = public(ForeignKey("scope.id"), primary_key=True)
    thing_id: Mapped[UUID] = public(primary_key=True)
    ends_on: Mapped[date] = agency(primary_key=True)
    days: Mapped[int] = public(primary_key=True)
    told_at: Mapped[datetime] = public()
