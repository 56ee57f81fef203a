"""What the rooms below ``use_cases`` need to know of a unit of work."""

from __future__ import annotations

from datetime import date, datetime
from typing import Protocol

from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx


class Writing(Protocol):
    """An open transaction, who opened it, and the two times of what it writes."""

    @property
    def ctx(self) -> Ctx: ...

    @property
    def session(self) -> AsyncSession: ...

    @property
    def on(self) -> date:
        """The civil date from which the change is true."""
        ...

    @property
    def now(self) -> datetime:
        """The instant at which it is recorded, UTC."""
        ...
