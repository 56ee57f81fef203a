"""The table of calendar addresses. A row is an address that works: what is revoked is not kept."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, public, secret


class CalendarAddress(TenantRow, Base, table_class=TableClass.SCOPE):
    """An address at which a calendar reads the dates of one officer, or of one mission.

    It gives what the person in ``seat_id`` may read when it is fetched, and nothing once they are gone. Of the secret
    in it only a digest is kept. ``officer_id``: whose own dates they are; a seat that is linked to another file later
    reads nothing by it. ``owner_name``: what the person was called when they made it, for those who look after it.
    """

    __tablename__ = "calendar_address"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "mission_id"], ["mission.tenant_id", "mission.id"]),
        CheckConstraint("(officer_id IS NULL) <> (mission_id IS NULL)", name="of_one_kind"),
        CheckConstraint("(program_id IS NULL) = (mission_id IS NULL)", name="whole_mission"),
        CheckConstraint("language IN ('en', 'fr')", name="language"),
        UniqueConstraint("tenant_id", "secret_digest"),
        Index(None, "tenant_id", "seat_id"),
    )

    seat_id: Mapped[UUID] = agency()
    owner_name: Mapped[str] = agency()
    officer_id: Mapped[UUID | None] = agency()
    program_id: Mapped[UUID | None] = public()
    mission_id: Mapped[UUID | None] = public()
    label: Mapped[str] = agency()
    language: Mapped[str] = public()
    secret_digest: Mapped[str] = secret()
    made_at: Mapped[datetime] = public()
    last_fetched_at: Mapped[datetime | None] = agency()
