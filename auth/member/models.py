"""Member access: an officer's own way to their own file, which needs no provider and no work account."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public, secret


class MemberAccess(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """That whoever sits in a seat may come to the officer file that belongs to it, by means of their own.

    It opens ``officer_id``'s file alone, and only while the seat is linked to that file: whoever
    was linked to another's by mistake keeps no way in. ``ended_at`` is set by a named person, with a reason.
    """

    __tablename__ = "member_access"
    __table_args__ = (
        belongs_to("seat", "seat_id"),
        belongs_to("officer", "officer_id"),
        UniqueConstraint("tenant_id", "seat_id", "officer_id"),
    )

    seat_id: Mapped[UUID] = agency()
    officer_id: Mapped[UUID] = agency()
    opened_on: Mapped[date] = agency()
    ended_at: Mapped[datetime | None] = agency()
    ended_by: Mapped[UUID | None] = agency()
    end_reason: Mapped[str | None] = agency()


class Passkey(TenantRow, Base, table_class=TableClass.AGENCY):
    """A passkey (WebAuthn) that opens a member access. The private half never leaves the officer's device.

    ``sign_count`` is what the device counted last, zero where it does not count. ``synced``: the
    passkey is kept by the officer's own account at a maker of devices, not by one device alone.
    """

    __tablename__ = "passkey"
    __table_args__ = (
        belongs_to("member_access", "access_id"),
        UniqueConstraint("tenant_id", "credential_id"),
        Index(None, "tenant_id", "access_id"),
    )

    access_id: Mapped[UUID] = agency()
    credential_id: Mapped[str] = secret()
    public_key: Mapped[bytes] = secret()
    sign_count: Mapped[int] = agency()
    synced: Mapped[bool] = agency()
    name: Mapped[str] = agency()
    created_at: Mapped[datetime] = public()
    last_used_at: Mapped[datetime | None] = agency()


class MemberCode(TenantRow, Base, table_class=TableClass.AGENCY):
    """A printed code that opens a member access once. Printing new ones removes those there were."""

    __tablename__ = "member_code"
    __table_args__ = (
        belongs_to("member_access", "access_id"),
        UniqueConstraint("tenant_id", "digest"),
        Index(None, "tenant_id", "access_id"),
    )

    access_id: Mapped[UUID] = agency()
    digest: Mapped[str] = secret()
    created_at: Mapped[datetime] = public()
    used_at: Mapped[datetime | None] = agency()


class MemberChallenge(TenantRow, Base, table_class=TableClass.AGENCY):
    """What a passkey signs, once, within minutes: in the browser that was shown it, or to be added to a seat.

    ``browser_digest`` is that of the browser's cookie on the way in; ``seat_id`` is whose passkey is being added.
    """

    __tablename__ = "member_challenge"
    __table_args__ = (
        belongs_to("seat", "seat_id"),
        CheckConstraint("(browser_digest IS NULL) = (seat_id IS NOT NULL)", name="of_one"),
        Index(None, "tenant_id", "expires_at"),
    )

    seat_id: Mapped[UUID | None] = agency()
    browser_digest: Mapped[str | None] = secret()
    challenge: Mapped[bytes] = secret()
    created_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = public()
    used_at: Mapped[datetime | None] = public()
