"""Missions, positions and calls: written by IPOB, read by every agency once published."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import CheckConstraint, Float, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, Revised, TableClass, TenantRow, belongs_to, public


class Mission(TenantRow, Revised, Base, table_class=TableClass.PROGRAM):
    """A mission in which Canadian police serve or served.

    ``authorized`` is the number of officers authorized, or ``None`` where it is not known.
    ``evidence`` says how the mission is known: confirmed, listed or unverified.
    """

    __tablename__ = "mission"
    __table_args__ = (
        UniqueConstraint("tenant_id", "acronym_en", "starts_on"),
        CheckConstraint("(note_en IS NULL) = (note_fr IS NULL)", name="note_in_both_languages"),
    )

    acronym_en: Mapped[str] = public()
    acronym_fr: Mapped[str] = public()
    name_en: Mapped[str] = public()
    name_fr: Mapped[str] = public()
    organization: Mapped[str] = public()
    country: Mapped[str] = public()
    seat: Mapped[str] = public()
    latitude: Mapped[float] = public(Float())
    longitude: Mapped[float] = public(Float())
    languages: Mapped[list[str]] = public()
    armed: Mapped[bool | None] = public()
    hazardous: Mapped[bool] = public(default=False)
    authorized: Mapped[int | None] = public()
    tour_months: Mapped[int] = public(default=12)
    state: Mapped[str] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date | None] = public()
    end_known: Mapped[bool] = public(default=True)
    evidence: Mapped[str] = public(default="confirmed")
    note_en: Mapped[str | None] = public()
    note_fr: Mapped[str | None] = public()
    published_at: Mapped[datetime | None] = public()

    @property
    def acronyms(self) -> str:
        """The acronym for what is kept for readers of both languages: one, or the English and the French."""
        return self.acronym_en if self.acronym_en == self.acronym_fr else f"{self.acronym_en}/{self.acronym_fr}"


class Position(TenantRow, Revised, Base, table_class=TableClass.PROGRAM):
    """A post in a mission's establishment; ``seats`` officers hold it at a time."""

    __tablename__ = "position"
    __table_args__ = (belongs_to("mission", "mission_id"), Index(None, "tenant_id", "mission_id"))

    mission_id: Mapped[UUID] = public()
    title_en: Mapped[str] = public()
    title_fr: Mapped[str] = public()
    band_low: Mapped[int] = public(default=1)
    band_high: Mapped[int] = public(default=7)
    languages: Mapped[list[str]] = public()
    skills_en: Mapped[str | None] = public()
    skills_fr: Mapped[str | None] = public()
    armed: Mapped[bool] = public(default=False)
    seats: Mapped[int] = public(default=1)
    handover_days: Mapped[int] = public(default=7)
    published_at: Mapped[datetime | None] = public()


class Call(TenantRow, Revised, Base, table_class=TableClass.PROGRAM):
    """A call for nominations to positions of one mission.

    Nominations are accepted to the end of ``closes_on``. ``women_share`` is a target in
    percent, never a criterion for one person.
    """

    __tablename__ = "call"
    __table_args__ = (
        belongs_to("mission", "mission_id"),
        UniqueConstraint("tenant_id", "number"),
        Index(None, "tenant_id", "mission_id"),
        Index(None, "tenant_id", "state", "closes_on"),
    )

    number: Mapped[str] = public()
    mission_id: Mapped[UUID] = public()
    state: Mapped[str] = public()
    opens_on: Mapped[date | None] = public()
    closes_on: Mapped[date] = public()
    tour_starts_on: Mapped[date] = public()
    tour_months: Mapped[int] = public(default=12)
    requirements_en: Mapped[str | None] = public()
    requirements_fr: Mapped[str | None] = public()
    minimum_service_years: Mapped[int] = public(default=5)
    women_share: Mapped[int | None] = public()
    published_at: Mapped[datetime | None] = public()


class CallPosition(TenantRow, Base, table_class=TableClass.PROGRAM):
    """One position offered in a call, and for how many officers."""

    __tablename__ = "call_position"
    __table_args__ = (
        belongs_to("call", "call_id"),
        belongs_to("position", "position_id"),
        UniqueConstraint("tenant_id", "call_id", "position_id"),
    )

    call_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    wanted: Mapped[int] = public(default=1)
    published_at: Mapped[datetime | None] = public()
