"""Which claims of a provider give which roles here, and what providers last said of each person."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public


class ClaimRule(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """Whoever's ``claim`` has the ``value`` holds ``role``: an allow list, text for text. Ended, never deleted."""

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
    )

    provider_id: Mapped[UUID] = agency()
    claim: Mapped[str] = agency()
    value: Mapped[str] = agency()
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
