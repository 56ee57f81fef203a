"""The change from one provider to another: who would be linked to which account there, looked at before it is done."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import CheckConstraint, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, public


class Relink(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """One comparison of a service's people with their accounts at the provider that is to follow.

    ``source`` says where the new accounts come from: a file, the directory, or each person's first
    sign-in with their employee number. ``rows`` are ``auth.relinking.comparing.Row`` as they were
    looked at; to apply them is to do exactly that.
    """

    __tablename__ = "relink"
    __table_args__ = (
        belongs_to("identity_provider", "old_provider_id"),
        belongs_to("identity_provider", "new_provider_id"),
        belongs_to("seat", "made_by"),
        Index(None, "tenant_id", "created_at"),
        CheckConstraint("source IN ('file', 'directory', 'number')", name="source"),
        CheckConstraint("state IN ('previewed', 'applied', 'finished', 'dropped')", name="state"),
    )

    old_provider_id: Mapped[UUID] = agency()
    new_provider_id: Mapped[UUID] = agency()
    source: Mapped[str] = public()
    state: Mapped[str] = public(default="previewed")
    rows: Mapped[list[Any]] = agency()
    made_by: Mapped[UUID] = agency()
    applied_at: Mapped[datetime | None] = agency()
