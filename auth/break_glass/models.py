"""Accounts for the day on which nobody can sign in as usual."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, Versioned, agency, belongs_to, secret


class BreakGlass(TenantRow, Versioned, Base, table_class=TableClass.SCOPE):
    """A custodian, and the digests of the two halves of a secret that is kept offline.

    Whoever has both halves enters once, in ``seat_id``: a seat of its own, which no provider knows and
    no role is given to. A half that was not shown yet, or that was used, has no digest.
    """

    __tablename__ = "break_glass"
    __table_args__ = (belongs_to("seat", "seat_id"), belongs_to("seat", "made_by"))

    custodian: Mapped[str] = agency()
    seat_id: Mapped[UUID] = agency()
    made_by: Mapped[UUID] = agency()
    first_digest: Mapped[str | None] = secret()
    second_digest: Mapped[str | None] = secret()
    used_at: Mapped[datetime | None] = agency()
    ended_at: Mapped[datetime | None] = agency()
