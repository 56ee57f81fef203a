"""A tour is IPOB's; a movement is the agency's report; a fact is appended by either and changed by none."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, Revised, TableClass, TenantRow, Versioned, belongs_to, public, shared


class Tour(TenantRow, Revised, Base, table_class=TableClass.ASSIGNED):
    """One officer's tour of duty. ``ends_on`` is the last day; nobody leaves without ``order_number``.

    ``person_id`` is the released person's key; ``candidacy_id`` the nomination's.
    """

    __tablename__ = "tour"
    __table_args__ = (
        belongs_to("candidacy", "candidacy_id"),
        ForeignKeyConstraint(["program_id", "mission_id"], ["mission.tenant_id", "mission.id"]),
        ForeignKeyConstraint(["program_id", "position_id"], ["position.tenant_id", "position.id"]),
        UniqueConstraint("tenant_id", "candidacy_id"),
        UniqueConstraint("tenant_id", "order_number"),
        Index(None, "tenant_id", "state", "ends_on"),
        Index(None, "tenant_id", "mission_id"),
        Index(None, "tenant_id", "person_id"),
    )

    candidacy_id: Mapped[UUID] = public()
    person_id: Mapped[UUID] = public()
    program_id: Mapped[UUID] = public()
    mission_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    state: Mapped[str] = public()
    order_number: Mapped[str | None] = public()
    ordered_on: Mapped[date | None] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    arrived_on: Mapped[date | None] = public()
    left_on: Mapped[date | None] = public()
    home_on: Mapped[date | None] = public()
    rotation: Mapped[str | None] = public()
    affiliation: Mapped[str] = shared(default="serving")


class Movement(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """What the agency or the officer reports of a tour; IPOB's worker applies it.

    ``kind``: departed, arrived, leave_began, leave_ended, left_mission, home.
    """

    __tablename__ = "movement"
    __table_args__ = (belongs_to("tour", "tour_id"), Index(None, "tenant_id", "tour_id", "happened_on"))

    tour_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    happened_on: Mapped[date] = public()
    note: Mapped[str | None] = shared()
    submitted_at: Mapped[datetime | None] = public()


class TourFact(TenantRow, Base, table_class=TableClass.FACT):
    """What was true of a tour, and since when it is known: append-only.

    ``valid_from`` is the first day in the mission and ``valid_to`` the last, ``None`` while it
    goes on. Of one tour's facts the latest by ``recorded_at`` holds; ``kind`` ``void`` says that
    there never was such a time. No name, cause or health state; a field that the sharing contract
    leaves out is null and is shown as not stated.
    """

    __tablename__ = "tour_fact"
    __table_args__ = (
        Index(None, "tenant_id", "tour_id", "recorded_at"),
        Index("ix_tour_fact_valid", "tenant_id", "mission_id", "valid_from", "valid_to"),
    )

    tour_id: Mapped[UUID] = public()
    person_key: Mapped[UUID] = public()
    program_id: Mapped[UUID] = public()
    mission_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    valid_from: Mapped[date] = public()
    valid_to: Mapped[date | None] = public()
    recorded_at: Mapped[datetime] = public()
    recorded_by: Mapped[UUID] = public()
    band: Mapped[int | None] = shared()
    gender: Mapped[str | None] = shared()
    language: Mapped[str | None] = shared()
    affiliation: Mapped[str | None] = shared()
