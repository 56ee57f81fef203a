"""The roster of a contingent: the one table that tells a commander of people."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, belongs_to, public, shared


class ContingentMember(TenantRow, Base, table_class=TableClass.MISSION):
    """One officer on the roster of a mission; ``id`` is the tour's.

    IPOB writes it from what the service shares, and takes it away when the officer is home: what
    the sharing contract leaves out is null. ``state`` is the tour's as everybody may know it, never
    why somebody is not available; ``since`` the day from which it holds, ``ends_on`` the last day
    of the tour.
    """

    __tablename__ = "contingent_member"
    __table_args__ = (
        belongs_to("mission", "mission_id"),
        belongs_to("position", "position_id"),
        Index(None, "tenant_id", "mission_id"),
    )

    mission_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    agency_id: Mapped[UUID] = public(ForeignKey("scope.id"))
    name: Mapped[str | None] = shared()
    rank_en: Mapped[str | None] = shared()
    rank_fr: Mapped[str | None] = shared()
    telephone: Mapped[str | None] = shared()
    state: Mapped[str] = public()
    since: Mapped[date] = public()
    starts_on: Mapped[date] = public()
    ends_on: Mapped[date] = public()
    listed_at: Mapped[datetime] = public()
