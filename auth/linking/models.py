"""Links by which an administrator lets somebody link their sign-in account to a seat."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, belongs_to, public, secret


class SeatInvitation(TenantRow, Base, table_class=TableClass.SCOPE):
    """That whoever signs in by a link, and says that the seat's name is theirs, sits in the seat from then on.

    The link's secret is kept as a digest. It is used once, ends by itself at ``expires_at``, and may
    be withdrawn before; a seat has at most one that is open.
    """

    __tablename__ = "seat_invitation"
    __table_args__ = (
        belongs_to("seat", "seat_id"),
        belongs_to("seat", "made_by"),
        UniqueConstraint("tenant_id", "secret_digest"),
        Index(None, "tenant_id", "seat_id", unique=True, postgresql_where="used_at IS NULL AND withdrawn_at IS NULL"),
    )

    seat_id: Mapped[UUID] = agency()
    secret_digest: Mapped[str] = secret()
    reason: Mapped[str] = agency()
    created_at: Mapped[datetime] = public()
    made_by: Mapped[UUID] = agency()
    expires_at: Mapped[datetime] = agency()
    used_at: Mapped[datetime | None] = agency()
    withdrawn_at: Mapped[datetime | None] = agency()
