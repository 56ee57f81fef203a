"""Where signing in is stopped."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import ForeignKey, Index
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, agency, public


class SignInStop(Base, table_class=TableClass.PLATFORM):
    """That nobody signs in to a scope, or to one account of it (``seat_id``), from ``began_at`` until ``lifted_at``.

    All that had begun before it is lifted has ended for good, whatever a request that was under way
    still writes. A table without a tenant, so that the operator can stop any scope with one row and
    see nothing else of it. ``by_scope`` and ``by_seat`` are whose doing it is.
    """

    __tablename__ = "sign_in_stop"
    __table_args__ = (
        Index(
            "ix_sign_in_stop_scope", "scope_id", unique=True, postgresql_where="seat_id IS NULL AND lifted_at IS NULL"
        ),
        Index(
            "ix_sign_in_stop_account",
            "scope_id",
            "seat_id",
            unique=True,
            postgresql_where="seat_id IS NOT NULL AND lifted_at IS NULL",
        ),
        Index(None, "scope_id", "began_at"),
    )

    id: Mapped[UUID] = public(primary_key=True)
    scope_id: Mapped[UUID] = public(ForeignKey("scope.id"))
    seat_id: Mapped[UUID | None] = public()
    reason: Mapped[str] = agency()
    by_scope: Mapped[UUID] = public()
    by_seat: Mapped[UUID] = public()
    by_name: Mapped[str] = agency()
    began_at: Mapped[datetime] = public()
    lifted_at: Mapped[datetime | None] = public()
    lifted_by: Mapped[str | None] = agency()
    lift_reason: Mapped[str | None] = agency()
