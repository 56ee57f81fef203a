"""Officers and qualifications. No other scope has a grant on these tables."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, health, public


class Officer(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """A member of the service who may deploy.

    Fields up to ``hire_date`` are HR's where a source sends them; ``gender`` (``woman``,
    ``man``, ``another`` or ``None``, not stated), ``birth_date`` and ``mission_telephone``
    are the officer's own. ``folded`` is the name and number in lower case without accents,
    for search. ``missing_since``: HR no longer sends this person, which is a question for a
    human and never a deletion.
    """

    __tablename__ = "officer"
    __table_args__ = (UniqueConstraint("tenant_id", "employee_number"), Index(None, "tenant_id", "folded"))

    employee_number: Mapped[str] = agency()
    external_id: Mapped[str | None] = agency()
    given_name: Mapped[str] = agency()
    family_name: Mapped[str] = agency()
    preferred_name: Mapped[str | None] = agency()
    language: Mapped[str] = agency(default="en")
    email: Mapped[str | None] = agency()
    status: Mapped[str] = agency(default="active")
    rank_code: Mapped[str] = agency()
    unit: Mapped[str | None] = agency()
    post: Mapped[str | None] = agency()
    supervisor_number: Mapped[str | None] = agency()
    hire_date: Mapped[date | None] = agency()
    gender: Mapped[str | None] = agency()
    birth_date: Mapped[date | None] = agency()
    mission_telephone: Mapped[str | None] = agency()
    affiliation: Mapped[str] = agency(default="serving")
    source: Mapped[str] = agency(default="hand")
    missing_since: Mapped[date | None] = agency()
    folded: Mapped[str] = agency()


class Qualification(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """Something the officer is qualified in; ``expires_on`` is the last valid day."""

    __tablename__ = "qualification"
    __table_args__ = (belongs_to("officer", "officer_id"), Index(None, "tenant_id", "officer_id"))

    officer_id: Mapped[UUID] = agency()
    kind: Mapped[str] = agency()
    detail: Mapped[str | None] = agency()
    level: Mapped[str | None] = agency()
    issued_on: Mapped[date | None] = agency()
    expires_on: Mapped[date | None] = agency()
    verified_by: Mapped[str | None] = agency()
    verified_at: Mapped[datetime | None] = agency()
    document_id: Mapped[UUID | None] = agency()


class Fitness(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """A health outcome for a mission profile: fit, fit with limits or unfit, and dates. Nothing clinical."""

    __tablename__ = "fitness"
    __table_args__ = (belongs_to("officer", "officer_id"), Index(None, "tenant_id", "officer_id"))

    officer_id: Mapped[UUID] = public()
    kind: Mapped[str] = health()
    profile: Mapped[str | None] = health()
    outcome: Mapped[str] = health()
    done_on: Mapped[date] = health()
    valid_until: Mapped[date | None] = health()
