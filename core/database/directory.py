"""The directory: every scope there is. Readable by all, content of none."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm import Mapped

from core.context import Scope
from core.database.tables import Base, TableClass, public


class ScopeRow(Base, table_class=TableClass.PLATFORM):
    """A scope: whom a seat acts for. Ids never change or return."""

    __tablename__ = "scope"

    id: Mapped[UUID] = public(primary_key=True)
    kind: Mapped[str] = public()
    slug: Mapped[str] = public(unique=True)
    name_en: Mapped[str] = public()
    name_fr: Mapped[str] = public()
    zone: Mapped[str] = public(default="America/Toronto")
    generation: Mapped[int] = public(default=1)
    created_at: Mapped[datetime] = public()

    def scope(self) -> Scope:
        """Return the row as the value that travels in a context."""
        return Scope(
            id=self.id,
            kind=self.kind,  # type: ignore[arg-type]
            slug=self.slug,
            name_en=self.name_en,
            name_fr=self.name_fr,
            zone=self.zone,
        )


async def find_scope(session: AsyncSession, slug: str) -> Scope | None:
    """Return the scope called ``slug``, or ``None``."""
    row = await session.scalar(select(ScopeRow).where(ScopeRow.slug == slug))
    return row.scope() if row else None


async def find_scope_by_id(session: AsyncSession, scope_id: UUID) -> Scope | None:
    """Return the scope with this id, or ``None``."""
    row = await session.scalar(select(ScopeRow).where(ScopeRow.id == scope_id))
    return row.scope() if row else None


async def list_scopes(session: AsyncSession) -> list[Scope]:
    """Return every scope, by slug."""
    return [row.scope() for row in await session.scalars(select(ScopeRow).order_by(ScopeRow.slug))]
