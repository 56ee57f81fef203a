"""Before which actions a scope asks its people to prove anew who they are."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to


class StepUpRule(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """How, and how lately, somebody must have proved who they are before ``action``; one rule an action.

    ``demand`` is an ``auth.relying_party.assurance.AssuranceRule``.
    """

    __tablename__ = "step_up_rule"
    __table_args__ = (belongs_to("seat", "made_by"), UniqueConstraint("tenant_id", "action"))

    action: Mapped[str] = agency()
    demand: Mapped[dict[str, Any]] = agency()
    reason: Mapped[str] = agency()
    made_by: Mapped[UUID] = agency()
