"""How core asks who holds a role or supervises whom. ``auth`` answers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol
from uuid import UUID

import msgspec

if TYPE_CHECKING:
    from collections.abc import Collection

    from sqlalchemy.ext.asyncio import AsyncSession


class Person(msgspec.Struct, frozen=True):
    """Somebody with a seat in the session's scope. ``id`` is the seat's.

    ``active``: may act at all. ``away``: on leave or seconded; what they would decide, a
    delegate may, and they do not.
    """

    id: UUID
    name: str
    roles: frozenset[str] = frozenset()
    language: str = "en"
    officer_id: UUID | None = None
    unit: str | None = None
    active: bool = True
    away: bool = False


class People(Protocol):
    """Answers within the scope of the open ``session``, never beyond it but for ``touched``: that says yes or no."""

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        """Return the seats that hold ``role`` today, by name."""
        ...

    async def person(self, session: AsyncSession, seat_id: UUID) -> Person | None:
        """Return the seat, or ``None`` if this scope has none such."""
        ...

    async def seat_of(self, session: AsyncSession, officer_id: UUID) -> Person | None:
        """Return the seat linked to an officer file, if the officer has one."""
        ...

    async def touch(self, session: AsyncSession, cases: Collection[UUID], others: Collection[UUID]) -> None:
        """Remember that the session's actor, and the seats ``others``, had to do with ``cases`` in its scope."""
        ...

    async def touched(self, session: AsyncSession, cases: Collection[UUID]) -> frozenset[UUID]:
        """Return those of ``cases`` that the session's actor has touched in another seat of the same person."""
        ...

    async def is_actor(self, session: AsyncSession, account: UUID) -> bool:
        """Say whether the person behind the session's actor stands behind ``account``, too, in whichever seat."""
        ...

    async def answered_for(self, session: AsyncSession) -> bool:
        """Say whether somebody is known who stands behind the session's actor: themselves, or who let a program in."""
        ...

    async def supervisors(self, session: AsyncSession, officer_id: UUID) -> list[Person]:
        """Return the seats that supervise the officer (by unit), by name."""
        ...
