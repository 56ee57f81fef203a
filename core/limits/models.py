"""The table of rate limits: one row for whoever asked lately, whatever process answered."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped

from core.database.tables import Base, TableClass, public


class RateBucket(Base, table_class=TableClass.PLATFORM):
    """How much of a limit somebody has used: ``full_at`` is when all of it will be there again.

    ``key`` is a keyed digest of the limit and of who asks, so that no address stands here.
    """

    __tablename__ = "rate_bucket"

    key: Mapped[str] = public(primary_key=True)
    full_at: Mapped[datetime] = public()
