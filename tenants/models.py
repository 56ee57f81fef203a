"""What the database holds of an agency once its file has been imported: the truth from then on.

Which class a table has follows from who must know it. Names and states stand in the
directory, because every scope speaks of the others by name and IPOB plans by state. What
both parties signed (agreement, sharing contract) is the agency's to write and IPOB's to
read; IPOB's consent is IPOB's own row, so that neither side can agree for the other. What
concerns the agency alone (ranks, governance, external acts, privacy) nobody else is
granted.
"""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, ForeignKey, Index, UniqueConstraint
from sqlalchemy.orm import Mapped

import core.documents.models  # noqa: F401 - the table of scans, which two tables here refer to
from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public, shared


class ScopeName(Base, table_class=TableClass.PLATFORM):
    """What a scope has been called since a day. Old tours keep the name of their time."""

    __tablename__ = "scope_name"
    __table_args__ = (Index(None, "scope_id", "since"),)

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"))
    since: Mapped[date] = public()
    slug: Mapped[str] = public()
    code_en: Mapped[str] = public()
    code_fr: Mapped[str] = public()
    name_en: Mapped[str] = public()
    name_fr: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class Standing(Base, table_class=TableClass.PLATFORM):
    """The state of an agency since a day; rows are only added, the latest of a day counts.

    ``set_by``: ``operator`` or ``agency``; what the operator put on hold, the agency does not resume.
    """

    __tablename__ = "standing"
    __table_args__ = (
        Index(None, "scope_id", "since"),
        CheckConstraint("state IN ('onboarding', 'active', 'on_hold', 'withdrawn')", name="state"),
        CheckConstraint("set_by IN ('operator', 'agency')", name="set_by"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"))
    since: Mapped[date] = public()
    state: Mapped[str] = public()
    set_by: Mapped[str] = public()
    reason: Mapped[str] = public()
    recorded_at: Mapped[datetime] = public()


class AgencyProfile(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """What everybody in the programme may know of an agency; one row each."""

    __tablename__ = "agency_profile"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    kind: Mapped[str] = shared()
    province: Mapped[str] = shared()
    city: Mapped[str] = shared()
    languages: Mapped[list[str]] = shared()
    confidence: Mapped[str] = shared()
    note_en: Mapped[str | None] = shared()
    note_fr: Mapped[str | None] = shared()
    submitted_at: Mapped[datetime | None] = public()


class AgencySettings(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """How the agency governs itself, and what its law needs; one row each.

    ``needs`` are the regime's (``what``, ``supplied_by``, ``since``), ``acts`` the kinds of
    external act without which an agreement is not in force: both copied from the files, so
    that a change of a shared file changes nobody's gates.
    """

    __tablename__ = "agency_settings"
    __table_args__ = (UniqueConstraint("tenant_id"),)

    colour: Mapped[str] = agency()
    marking_en: Mapped[str] = agency()
    marking_fr: Mapped[str] = agency()
    ladder: Mapped[str] = agency()
    chain: Mapped[str] = agency()
    regime: Mapped[str] = agency()
    regime_en: Mapped[str] = agency()
    regime_fr: Mapped[str] = agency()
    needs: Mapped[list[Any]] = agency()
    acts: Mapped[list[str]] = agency()
    sponsor: Mapped[str | None] = agency()
    issuer: Mapped[str] = agency()
    claim: Mapped[str | None] = agency()
    claim_value: Mapped[str | None] = agency()


class RankRow(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """One rank of the agency's own ladder, in order of ``place``."""

    __tablename__ = "rank"
    __table_args__ = (
        UniqueConstraint("tenant_id", "code"),
        CheckConstraint("band BETWEEN 1 AND 7", name="band"),
    )

    place: Mapped[int] = agency()
    code: Mapped[str] = agency()
    band: Mapped[int] = agency()
    title_en: Mapped[str] = agency()
    title_fr_masculine: Mapped[str] = agency()
    title_fr_feminine: Mapped[str] = agency()


class AgreementRow(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """An agreement with the RCMP, in force from ``starts_on`` to ``expires_on``, both included."""

    __tablename__ = "agreement"
    __table_args__ = (
        UniqueConstraint("tenant_id", "reference"),
        CheckConstraint("starts_on <= expires_on", name="period"),
    )

    reference: Mapped[str] = shared()
    starts_on: Mapped[date] = shared()
    expires_on: Mapped[date] = shared()
    demonstration: Mapped[bool] = shared(default=False)
    submitted_at: Mapped[datetime | None] = public()


class ExternalAct(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """A decision taken elsewhere that an agreement rests on: its number, its day, its scan."""

    __tablename__ = "external_act"
    __table_args__ = (
        belongs_to("agreement", "agreement_id"),
        belongs_to("document", "document_id"),
        UniqueConstraint("tenant_id", "agreement_id", "kind"),
    )

    agreement_id: Mapped[UUID] = agency()
    kind: Mapped[str] = agency()
    number: Mapped[str] = agency()
    decided_on: Mapped[date] = agency()
    document_id: Mapped[UUID | None] = agency()


class SharingContract(TenantRow, Versioned, Base, table_class=TableClass.SUBMITTED):
    """One version (``number``) of what IPOB may see, as the agency proposed it."""

    __tablename__ = "sharing_contract"
    __table_args__ = (UniqueConstraint("tenant_id", "number"),)

    number: Mapped[int] = shared()
    since: Mapped[date] = shared()
    proposed_on: Mapped[date] = shared()
    demonstration: Mapped[bool] = shared(default=False)
    submitted_at: Mapped[datetime | None] = public()


class SharingField(TenantRow, Base, table_class=TableClass.SUBMITTED, append_only=True):
    """One field of one version: the purpose, and the days it is kept after its last use."""

    __tablename__ = "sharing_field"
    __table_args__ = (
        belongs_to("sharing_contract", "contract_id"),
        UniqueConstraint("tenant_id", "contract_id", "field"),
    )

    contract_id: Mapped[UUID] = shared()
    field: Mapped[str] = shared()
    purpose: Mapped[str] = shared()
    retention_days: Mapped[int] = shared()
    submitted_at: Mapped[datetime | None] = public()


class SharingConsent(TenantRow, Base, table_class=TableClass.ASSIGNED, append_only=True):
    """That IPOB accepted a version of the contract; ``tenant_id`` is the agency's."""

    __tablename__ = "sharing_consent"
    __table_args__ = (
        belongs_to("sharing_contract", "contract_id"),
        UniqueConstraint("tenant_id", "contract_id"),
    )

    contract_id: Mapped[UUID] = shared()
    accepted_on: Mapped[date] = shared()
    accepted_by: Mapped[str] = shared()
    created_at: Mapped[datetime] = public()


class PrivacyRecord(TenantRow, Versioned, Base, table_class=TableClass.AGENCY):
    """A privacy assessment or a written agreement; it lapses after ``lapses_on``, if that is set."""

    __tablename__ = "privacy_record"
    __table_args__ = (
        belongs_to("document", "document_id"),
        CheckConstraint("kind IN ('privacy_assessment', 'written_agreement')", name="kind"),
        UniqueConstraint("tenant_id", "kind", "reference"),
    )

    kind: Mapped[str] = agency()
    reference: Mapped[str] = agency()
    made_on: Mapped[date] = agency()
    lapses_on: Mapped[date | None] = agency()
    demonstration: Mapped[bool] = agency(default=False)
    document_id: Mapped[UUID | None] = agency()
