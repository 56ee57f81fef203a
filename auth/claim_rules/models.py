"""What gives which roles here (claims of a provider, groups of the directory), and what providers last said of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public


class ClaimRule(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """Who holds ``role``: an allow list. Ended, never deleted.

    Whoever's ``claim`` at ``provider_id`` has the ``value``, text for text; or whoever is in the group
    ``group_id`` of the directory (a ``scim_resource``, by its id: its name may change). A group that the directory
    deletes takes its rules along, so the rule does not hold on to it.
    """

    __tablename__ = "claim_rule"
    __table_args__ = (
        belongs_to("identity_provider", "provider_id"),
        belongs_to("seat", "made_by"),
        Index(
            None,
            "tenant_id",
            "provider_id",
            "claim",
            "value",
            "role",
            unique=True,
            postgresql_where="ended_at IS NULL",
        ),
        Index(None, "tenant_id", "group_id", "role", unique=True, postgresql_where="ended_at IS NULL"),
        CheckConstraint(
            "num_nonnulls(provider_id, claim, value) = CASE WHEN group_id IS NULL THEN 3 ELSE 0 END", name="source"
        ),
    )

    provider_id: Mapped[UUID | None] = agency()
    claim: Mapped[str | None] = agency()
    value: Mapped[str | None] = agency()
    group_id: Mapped[UUID | None] = agency()
    role: Mapped[str] = agency()
    reason: Mapped[str] = agency()
    made_by: Mapped[UUID] = agency()
    ended_at: Mapped[datetime | None] = agency()
    end_reason: Mapped[str | None] = agency()


class SeenClaims(Base, table_class=TableClass.SCOPE):
    """What a provider said of a seat at its last sign-in, of those claims that rules could name.

    ``values``: by claim, its values. It is what a new rule is tried on before it holds.
    """

    __tablename__ = "seen_claims"
    __table_args__ = (belongs_to("seat", "seat_id"), belongs_to("identity_provider", "provider_id"))

    tenant_id: Mapped[UUID] = public(primary_key=True)
    seat_id: Mapped[UUID] = public(primary_key=True)
    provider_id: Mapped[UUID] = agency()
    values: Mapped[dict[str, Any]] = agency()
    seen_at: Mapped[datetime] = agency()
