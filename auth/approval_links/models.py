"""Links by which somebody decides one step of one case, with nothing else of the application open to them."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, UniqueConstraint
from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, TenantRow, agency, belongs_to, public, secret


class ApprovalLink(TenantRow, Base, table_class=TableClass.AGENCY):
    """A link to one approval step for one seat that it waits for.

    The secret is kept as a digest, by which the link is found, and sealed, so that whoever sends the
    message can write it; ``snapshot_sealed`` is what the case said when the link was made. Both seals are
    cleared once the link is good for nothing. ``used_at``: it has decided. ``ended_at``: another has
    taken its place, or its time or its step’s was over.
    """

    __tablename__ = "approval_link"
    __table_args__ = (
        belongs_to("approval_case", "case_id"),
        belongs_to("approval_step", "step_id"),
        belongs_to("seat", "seat_id"),
        UniqueConstraint("tenant_id", "secret_digest"),
        Index(
            None,
            "tenant_id",
            "step_id",
            "seat_id",
            unique=True,
            postgresql_where="used_at IS NULL AND ended_at IS NULL",
        ),
    )

    case_id: Mapped[UUID] = agency()
    step_id: Mapped[UUID] = agency()
    seat_id: Mapped[UUID] = agency()
    secret_digest: Mapped[str] = secret()
    secret_sealed: Mapped[bytes | None] = secret()
    snapshot_sealed: Mapped[bytes | None] = secret()
    made_at: Mapped[datetime] = public()
    expires_at: Mapped[datetime] = agency()
    used_at: Mapped[datetime | None] = agency()
    ended_at: Mapped[datetime | None] = agency()
