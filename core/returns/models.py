"""Milestones in two halves: each side completes its own and reads no more than the other's status."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, Revised, TableClass, TenantRow, Versioned, agency, belongs_to, health, public


class ReturnFile(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """The agency's file of one return.

    ``plan``: ``complete``, or ``incomplete`` where only core's minimum stands because no plugin answered.
    """

    __tablename__ = "return_file"
    __table_args__ = (
        belongs_to("tour", "tour_id"),
        belongs_to("officer", "officer_id"),
        UniqueConstraint("tenant_id", "tour_id"),
        Index(None, "tenant_id", "state"),
        Index(None, "tenant_id", "officer_id"),
    )

    tour_id: Mapped[UUID] = agency()
    officer_id: Mapped[UUID] = agency()
    state: Mapped[str] = agency()
    plan: Mapped[str] = agency()
    opened_on: Mapped[date] = agency()
    tour_ends_on: Mapped[date] = agency()
    home_on: Mapped[date | None] = agency()
    duty_on: Mapped[date | None] = agency()
    supervisor_seat: Mapped[UUID | None] = agency()
    target_unit: Mapped[str | None] = agency()
    closed_on: Mapped[date | None] = agency()


class Milestone(TenantRow, Revised, Base, table_class=TableClass.AGENCY):
    """One thing to do on the way home. ``owner``: agency, officer, supervisor or health.

    ``before_duty``: the officer takes up active duty only when it is done.
    Of a health milestone only the due date stands here; its outcome is in ``health_milestone``.
    """

    __tablename__ = "milestone"
    __table_args__ = (
        belongs_to("return_file", "return_id"),
        UniqueConstraint("tenant_id", "return_id", "key"),
        Index(None, "tenant_id", "due_on"),
    )

    return_id: Mapped[UUID] = agency()
    key: Mapped[str] = agency()
    title_en: Mapped[str] = agency()
    title_fr: Mapped[str] = agency()
    owner: Mapped[str] = agency()
    before_duty: Mapped[bool] = agency(default=False)
    starts_on: Mapped[date | None] = agency()
    due_on: Mapped[date] = agency()
    state: Mapped[str] = agency()
    done_on: Mapped[date | None] = agency()
    done_by: Mapped[str | None] = agency()
    note: Mapped[str | None] = agency()
    plugin: Mapped[str | None] = agency()


class HealthMilestone(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """The outcome of a health milestone: done, not done or declined. ``id`` is the milestone's."""

    __tablename__ = "health_milestone"
    __table_args__ = (belongs_to("milestone", "id"),)

    outcome: Mapped[str] = health()
    done_on: Mapped[date] = health()


class MilestoneStatus(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """What is published of an agency's milestone: key, due date, open, done or late.

    All health milestones of a return are one row with the key ``follow_up``.
    """

    __tablename__ = "milestone_status"
    __table_args__ = (belongs_to("tour", "tour_id"), UniqueConstraint("tenant_id", "tour_id", "key"))

    tour_id: Mapped[UUID] = public()
    key: Mapped[str] = public()
    due_on: Mapped[date] = public()
    state: Mapped[str] = public()
    submitted_at: Mapped[datetime | None] = public()


class ReturnStatus(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """The shared status of a return and nothing else: not_open, open, late, closed. ``id`` is the tour's."""

    __tablename__ = "return_status"
    __table_args__ = (belongs_to("tour", "id"),)

    state: Mapped[str] = public()
    submitted_at: Mapped[datetime | None] = public()


class ProgramMilestone(TenantRow, Versioned, Base, table_class=TableClass.ASSIGNED):
    """IPOB's own milestone of a return: the agency reads its status, never its note."""

    __tablename__ = "program_milestone"
    __table_args__ = (
        belongs_to("tour", "tour_id"),
        UniqueConstraint("tenant_id", "tour_id", "key"),
        Index(None, "tenant_id", "due_on"),
    )

    tour_id: Mapped[UUID] = public()
    key: Mapped[str] = public()
    title_en: Mapped[str] = public()
    title_fr: Mapped[str] = public()
    owner: Mapped[str] = public()
    due_on: Mapped[date] = public()
    state: Mapped[str] = public()
    done_on: Mapped[date | None] = public()


class ProgramMilestoneNote(TenantRow, Versioned, Base, table_class=TableClass.PROGRAM):
    """What IPOB noted when it completed its milestone: IPOB's alone, never published."""

    __tablename__ = "program_milestone_note"
    __table_args__ = (UniqueConstraint("tenant_id", "agency_id", "milestone_id"),)

    agency_id: Mapped[UUID] = agency()
    milestone_id: Mapped[UUID] = agency()
    note: Mapped[str] = agency()
    written_by: Mapped[str] = agency()


class CheckIn(TenantRow, Revised, Base, table_class=TableClass.AGENCY):
    """A conversation after the return: when, with whom, whether it took place. Answers are not kept."""

    __tablename__ = "check_in"
    __table_args__ = (belongs_to("return_file", "return_id"), Index(None, "tenant_id", "return_id", "due_on"))

    return_id: Mapped[UUID] = agency()
    kind: Mapped[str] = agency()
    due_on: Mapped[date] = agency()
    done_on: Mapped[date | None] = agency()
    done_by: Mapped[str | None] = agency()
    next_step: Mapped[str | None] = agency()


class SharedCheckIn(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """What an officer answered at a check-in and chose to share with health: questions and answers in words."""

    __tablename__ = "shared_check_in"
    __table_args__ = (belongs_to("return_file", "return_id"), Index(None, "tenant_id", "return_id"))

    return_id: Mapped[UUID] = agency()
    shared_at: Mapped[datetime] = health()
    said: Mapped[list[dict[str, Any]]] = health(JSONB())


class ContactRequest(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """The officer asks to be contacted by whom they choose: peer, health, chaplain or association."""

    __tablename__ = "contact_request"
    __table_args__ = (belongs_to("return_file", "return_id"), Index(None, "tenant_id", "return_id"))

    return_id: Mapped[UUID] = agency()
    choice: Mapped[str] = agency()
    asked_at: Mapped[datetime] = agency()
    answered_at: Mapped[datetime | None] = agency()
    answered_by: Mapped[str | None] = agency()


class Competency(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """What the officer learned: level 1 to 5, evidence, and whether the present post uses it."""

    __tablename__ = "competency"
    __table_args__ = (belongs_to("return_file", "return_id"), Index(None, "tenant_id", "return_id"))

    return_id: Mapped[UUID] = agency()
    name: Mapped[str] = agency()
    level: Mapped[int] = agency()
    evidence: Mapped[str | None] = agency()
    in_use: Mapped[bool | None] = agency()
