"""Sources, runs and staged rows of the HR engine, and what HR is to keep of tours. All of it is the agency's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public


class HrSource(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """Where worker records come from: a plugin, and whom it may load.

    ``scope``: ``named`` (only the employee numbers in ``named``), ``filter`` or
    ``everybody``. An empty list of names selects nobody.
    """

    __tablename__ = "hr_source"
    __table_args__ = (UniqueConstraint("tenant_id", "plugin"),)

    plugin: Mapped[str] = agency()
    scope: Mapped[str] = agency(default="named")
    named: Mapped[list[str]] = agency()


class HrRun(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """One load: read, compared, previewed, then applied or dropped. ``counts`` by verdict."""

    __tablename__ = "hr_run"
    __table_args__ = (belongs_to("hr_source", "source_id"), Index(None, "tenant_id", "created_at"))

    source_id: Mapped[UUID] = agency()
    document_id: Mapped[UUID | None] = agency()
    file_name: Mapped[str | None] = agency()
    state: Mapped[str] = agency()
    counts: Mapped[dict[str, Any]] = agency()
    problem: Mapped[dict[str, Any] | None] = agency()
    braked: Mapped[bool] = agency(default=False)
    started_by: Mapped[str] = agency()
    applied_at: Mapped[datetime | None] = agency()
    digest: Mapped[str | None] = agency()


class HrRow(TenantRow, Base, table_class=TableClass.AGENCY):
    """One staged record of a run, with what it would do and why.

    ``line`` is the line in the file, the heading being line 1. ``verdict``: added, changed,
    unchanged, missing, rejected, quarantined.
    """

    __tablename__ = "hr_row"
    __table_args__ = (
        belongs_to("hr_run", "run_id"),
        UniqueConstraint("tenant_id", "run_id", "line", "employee_number"),
        Index(None, "tenant_id", "run_id", "verdict", "line"),
    )

    run_id: Mapped[UUID] = agency()
    line: Mapped[int] = agency()
    employee_number: Mapped[str] = agency()
    officer_id: Mapped[UUID | None] = agency()
    verdict: Mapped[str] = agency()
    values: Mapped[dict[str, Any]] = agency()
    changes: Mapped[dict[str, Any]] = agency()
    reasons: Mapped[list[Any]] = agency()
    applied_on: Mapped[date | None] = public()


class HrKeeper(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """Which plugin records in the agency's HR system what is said of tours; ``None``: nothing is recorded."""

    __tablename__ = "hr_keeper"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    plugin: Mapped[str | None] = agency()


class HrEntry(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """One thing that the HR system is to keep of one tour, as it is now, and the receipt it gave.

    ``revision`` counts what it was so far. Of the revisions, ``queued`` is the one for which the waiting
    delivery was put into the outbox, ``sent`` the last that a plugin was given and ``written`` the last that
    it took: what is not written is still to be told. ``told_as``: under which numbers of the person it was told since
    the last receipt, that one's first, the latest last. ``plugin`` gave the receipt; without a ``reference``
    it keeps nothing of this kind. ``refused``: it was given up, ``final`` where trying the same again is of no use;
    ``tried`` is what the last answer depended on besides HR.
    """

    __tablename__ = "hr_entry"
    __table_args__ = (
        UniqueConstraint("tenant_id", "tour_id", "kind"),
        CheckConstraint("kind in ('leave', 'training', 'experience', 'duty')", name="kind"),
        CheckConstraint("written <= sent and sent <= revision", name="order"),
        CheckConstraint("refused in ('final', 'given_up')", name="refused"),
    )

    kind: Mapped[str] = agency()
    tour_id: Mapped[UUID] = agency()
    officer_id: Mapped[UUID] = agency()
    mission: Mapped[str] = agency()
    content: Mapped[dict[str, Any]] = agency(JSONB())
    withdrawn: Mapped[bool] = agency(default=False)
    revision: Mapped[int] = agency(default=1)
    queued: Mapped[int] = agency(default=0)
    sent: Mapped[int] = agency(default=0)
    written: Mapped[int] = agency(default=0)
    plugin: Mapped[str | None] = agency()
    reference: Mapped[str | None] = agency()
    recorded_at: Mapped[datetime | None] = agency()
    note: Mapped[dict[str, Any] | None] = agency(JSONB(none_as_null=True))
    told_as: Mapped[list[Any]] = agency(JSONB(), default=list)
    tried: Mapped[dict[str, Any] | None] = agency(JSONB(none_as_null=True))
    refused: Mapped[str | None] = agency()
