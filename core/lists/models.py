"""Saved views: a list's address under a name, for one seat."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, text
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, public


class SavedView(TenantRow, Base, table_class=TableClass.SCOPE):
    """The address of a list below the scope, as one person wants to find it again.

    ``query`` may hold a name that was searched for: it never leaves the scope. A view that was
    removed stays for as long as the removal can be undone.
    """

    __tablename__ = "saved_view"
    __table_args__ = (
        Index(None, "tenant_id", "seat_id", "path", "name", unique=True, postgresql_where=text("removed_at IS NULL")),
    )

    seat_id: Mapped[UUID] = public()
    path: Mapped[str] = public()
    query: Mapped[str] = agency()
    name: Mapped[str] = agency()
    created_at: Mapped[datetime] = public()
    removed_at: Mapped[datetime | None] = public()
