"""Interest and dossier stay in the agency; nomination and released person cross; candidacy is IPOB's."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ForeignKeyConstraint, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, Revised, TableClass, TenantRow, Versioned, agency, belongs_to, public, shared


class Interest(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """An officer says "I am interested" in a call; ``program_id`` and ``call_id`` name it."""

    __tablename__ = "interest"
    __table_args__ = (
        belongs_to("officer", "officer_id"),
        ForeignKeyConstraint(["program_id", "call_id"], ["call.tenant_id", "call.id"]),
        UniqueConstraint("tenant_id", "officer_id", "call_id"),
        Index(None, "tenant_id", "call_id"),
    )

    officer_id: Mapped[UUID] = agency()
    program_id: Mapped[UUID] = public()
    call_id: Mapped[UUID] = public()
    state: Mapped[str] = agency()
    note: Mapped[str | None] = agency()
    declared_on: Mapped[date] = agency()
    answer: Mapped[str | None] = agency()


class ReleasedPerson(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """What IPOB may see of an officer: only fields of the sharing contract, the rest null.

    ``id`` is the person's key outside the agency; it is never the officer's id.
    """

    __tablename__ = "released_person"

    submitted_at: Mapped[datetime | None] = public()
    contract_version: Mapped[int] = public()
    given_name: Mapped[str | None] = shared()
    family_name: Mapped[str | None] = shared()
    rank_en: Mapped[str | None] = shared()
    rank_fr: Mapped[str | None] = shared()
    band: Mapped[int | None] = shared()
    gender: Mapped[str | None] = shared()
    language: Mapped[str | None] = shared()
    affiliation: Mapped[str | None] = shared()
    telephone: Mapped[str | None] = shared()
    qualifications: Mapped[list[Any] | None] = shared()


class PersonKey(TenantRow, Base, table_class=TableClass.AGENCY):
    """The link between an officer and the key under which they are released; ``id`` is the key."""

    __tablename__ = "person_key"
    __table_args__ = (belongs_to("officer", "officer_id"), UniqueConstraint("tenant_id", "officer_id"))

    officer_id: Mapped[UUID] = agency()


class Nomination(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """The agency puts an officer forward for a position of a call.

    IPOB can read the row from ``submitted_at`` on. ``officer_id`` stays out of it: the person is
    ``person_id``, the key of ``released_person``.
    """

    __tablename__ = "nomination"
    __table_args__ = (
        ForeignKeyConstraint(["program_id", "call_id"], ["call.tenant_id", "call.id"]),
        ForeignKeyConstraint(["program_id", "position_id"], ["position.tenant_id", "position.id"]),
        ForeignKeyConstraint(["program_id", "mission_id"], ["mission.tenant_id", "mission.id"]),
        UniqueConstraint("tenant_id", "number"),
        UniqueConstraint("tenant_id", "person_id", "call_id"),
        Index(None, "tenant_id", "call_id"),
        Index(None, "tenant_id", "state"),
    )

    number: Mapped[str] = public()
    person_id: Mapped[UUID] = public()
    program_id: Mapped[UUID] = public()
    mission_id: Mapped[UUID] = public()
    call_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    state: Mapped[str] = public()
    submitted_at: Mapped[datetime | None] = public()
    nominated_on: Mapped[date | None] = public()


class Dossier(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """The agency's own side of a nomination; ``id`` is the nomination's.

    ``findings``: what plugins found when they were last asked (``core.nominations.eligibility.Findings``).
    """

    __tablename__ = "dossier"
    __table_args__ = (
        belongs_to("nomination", "id"),
        belongs_to("officer", "officer_id"),
        Index(None, "tenant_id", "officer_id"),
    )

    officer_id: Mapped[UUID] = agency()
    interest_id: Mapped[UUID | None] = agency()
    case_id: Mapped[UUID | None] = agency()
    recommendation: Mapped[str | None] = agency()
    impact: Mapped[str | None] = agency()
    conduct: Mapped[str | None] = agency()
    conduct_by: Mapped[str | None] = agency()
    conduct_on: Mapped[date | None] = agency()
    refusal: Mapped[str | None] = agency()
    officer_answer: Mapped[str | None] = agency()
    findings: Mapped[dict[str, Any] | None] = agency()


class Reconsideration(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """The agency asks, once, that a refusal be looked at again. ``id`` is the nomination's."""

    __tablename__ = "reconsideration"
    __table_args__ = (belongs_to("nomination", "id"),)

    reason: Mapped[str] = shared()
    submitted_at: Mapped[datetime | None] = public()


class Candidacy(TenantRow, Revised, Base, table_class=TableClass.ASSIGNED):
    """IPOB's side of a nomination; ``id`` is the nomination's.

    ``reason_code`` and ``reason`` are at the level that the agency and the officer may see.
    """

    __tablename__ = "candidacy"
    __table_args__ = (
        belongs_to("nomination", "id"),
        Index(None, "tenant_id", "state"),
        Index(None, "tenant_id", "call_id"),
    )

    program_id: Mapped[UUID] = public()
    call_id: Mapped[UUID] = public()
    position_id: Mapped[UUID] = public()
    mission_id: Mapped[UUID] = public()
    person_id: Mapped[UUID] = public()
    state: Mapped[str] = public()
    reason_code: Mapped[str | None] = shared()
    reason: Mapped[str | None] = shared()
    decided_on: Mapped[date | None] = public()
    reconsidered: Mapped[bool] = public(default=False)


class Assessment(TenantRow, Versioned, Base, table_class=TableClass.ASSIGNED):
    """A result in screening: ``kind`` (interview, language, driving …), ``result`` (met, not_met), validity.

    Health assessments are outcomes only: fit, fit with limits, unfit.
    """

    __tablename__ = "assessment"
    __table_args__ = (belongs_to("candidacy", "candidacy_id"), UniqueConstraint("tenant_id", "candidacy_id", "kind"))

    candidacy_id: Mapped[UUID] = public()
    kind: Mapped[str] = public()
    result: Mapped[str] = shared()
    done_on: Mapped[date] = shared()
    expires_on: Mapped[date | None] = shared()
