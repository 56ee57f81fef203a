"""Cases, steps, decisions and delegations."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to


class ApprovalCase(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """What is to be decided about one subject (``subject_kind``, ``subject_id``).

    ``kind``: ``nomination``, ``release`` (officer) or ``agreement``. ``concerns`` is the
    officer whose file it is: nobody decides on their own. ``plugin`` and ``plugin_version``
    gave the chain; ``digest`` is of what they were asked.
    """

    __tablename__ = "approval_case"
    __table_args__ = (
        Index(None, "tenant_id", "subject_kind", "subject_id"),
        Index(None, "tenant_id", "state", "due_on"),
        UniqueConstraint("tenant_id", "number"),
    )

    number: Mapped[str] = agency()
    kind: Mapped[str] = agency()
    subject_kind: Mapped[str] = agency()
    subject_id: Mapped[UUID] = agency()
    subject_title: Mapped[str] = agency()
    subject_link: Mapped[str] = agency()
    concerns: Mapped[UUID | None] = agency()
    state: Mapped[str] = agency()
    due_on: Mapped[date | None] = agency()
    plugin: Mapped[str | None] = agency()
    plugin_version: Mapped[str | None] = agency()
    digest: Mapped[str | None] = agency()
    waiting_for: Mapped[dict[str, Any] | None] = agency()
    opened_by: Mapped[UUID] = agency()
    opened_at: Mapped[datetime] = agency()
    closed_at: Mapped[datetime | None] = agency()


class ApprovalStep(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """One step of a case, in order of ``place``. ``kind``: decide, inform or act (an external act).

    Who may decide: holders of ``role``, further narrowed to ``unit`` or ``seat_id`` where
    set. ``needed`` decisions out of those: 1 for any, 0 for all. ``days`` is the deadline, counted
    from the day the step opens. ``decided_with`` is the decision of an earlier step by the only
    person left: one decision naming both duties.
    """

    __tablename__ = "approval_step"
    __table_args__ = (
        belongs_to("approval_case", "case_id"),
        UniqueConstraint("tenant_id", "case_id", "place"),
        Index(None, "tenant_id", "state"),
    )

    case_id: Mapped[UUID] = agency()
    place: Mapped[int] = agency()
    key: Mapped[str] = agency()
    title_en: Mapped[str] = agency()
    title_fr: Mapped[str] = agency()
    kind: Mapped[str] = agency()
    days: Mapped[int | None] = agency()
    role: Mapped[str] = agency()
    unit: Mapped[str | None] = agency()
    seat_id: Mapped[UUID | None] = agency()
    needed: Mapped[int] = agency(default=1)
    on_paper: Mapped[bool] = agency(default=True)
    state: Mapped[str] = agency()
    opened_at: Mapped[datetime | None] = agency()
    due_on: Mapped[date | None] = agency()
    closed_at: Mapped[datetime | None] = agency()
    decided_with: Mapped[UUID | None] = agency()


class ApprovalDecision(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """One person's decision on a step. On paper, a second person confirms it before it counts.

    ``verdict``: approve, refuse or return. ``recalled_at``: taken back within 15 minutes. ``held_at``:
    put on hold, because somebody else may have acted in its maker's name; released, it counts again.
    """

    __tablename__ = "approval_decision"
    __table_args__ = (
        belongs_to("approval_step", "step_id"),
        belongs_to("approval_case", "case_id"),
        Index(None, "tenant_id", "step_id"),
        Index(None, "tenant_id", "case_id", "seat_id"),
    )

    case_id: Mapped[UUID] = agency()
    step_id: Mapped[UUID] = agency()
    seat_id: Mapped[UUID] = agency()
    name: Mapped[str] = agency()
    for_seat_id: Mapped[UUID | None] = agency()
    verdict: Mapped[str] = agency()
    comment: Mapped[str | None] = agency()
    decided_at: Mapped[datetime] = agency()
    recalled_at: Mapped[datetime | None] = agency()
    held_at: Mapped[datetime | None] = agency()
    held_reason: Mapped[str | None] = agency()
    paper_number: Mapped[str | None] = agency()
    paper_date: Mapped[date | None] = agency()
    signatory: Mapped[str | None] = agency()
    document_id: Mapped[UUID | None] = agency()
    confirmed_by: Mapped[UUID | None] = agency()
    confirmed_at: Mapped[datetime | None] = agency()


STANDS = ApprovalDecision.recalled_at.is_(None) & ApprovalDecision.held_at.is_(None)
"""Neither taken back nor on hold: whatever counts decisions asks this of each."""


class Delegation(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """``to_seat`` decides for ``from_seat`` from ``first_day`` to ``last_day``, both included."""

    __tablename__ = "delegation"
    __table_args__ = (Index(None, "tenant_id", "to_seat"), Index(None, "tenant_id", "from_seat"))

    from_seat: Mapped[UUID] = agency()
    to_seat: Mapped[UUID] = agency()
    first_day: Mapped[date] = agency()
    last_day: Mapped[date] = agency()
    reason: Mapped[str] = agency()
    ended_at: Mapped[datetime | None] = agency()


class ChainProvider(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """Which plugin gives the chain for one ``kind`` of case, and who decides when nobody else is left.

    ``nobody_allowed``: the plugin may answer that nobody need approve; else that is no chain.
    """

    __tablename__ = "chain_provider"
    __table_args__ = (UniqueConstraint("tenant_id", "kind"),)

    kind: Mapped[str] = agency()
    plugin: Mapped[str] = agency()
    outside_seat: Mapped[UUID | None] = agency()
    nobody_allowed: Mapped[bool] = agency(default=False)
