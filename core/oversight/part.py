"""Which part of the picture was asked for: one mission's, one service's, or all of it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import ColumnElement

from core.database.directory import ScopeRow
from core.missions.models import Mission


class Placed(Protocol):
    """Anything of one service in one mission."""

    @property
    def tenant_id(self) -> UUID:
        """The service's scope."""
        ...

    @property
    def mission_id(self) -> UUID:
        """The mission."""
        ...


@dataclass(frozen=True, slots=True)
class Part:
    """The missions and services that count; ``None`` is all of them, and an empty set is none."""

    missions: frozenset[UUID] | None = None
    agencies: frozenset[UUID] | None = None

    def has(self, one: Placed) -> bool:
        """Say whether ``one`` belongs to this part."""
        return (self.missions is None or one.mission_id in self.missions) and (
            self.agencies is None or one.tenant_id in self.agencies
        )

    def of(self, mission: Any, tenant: Any = None) -> list[ColumnElement[bool]]:
        """Return the conditions that keep a query's rows to this part, by their columns; calls have no service."""
        found = [] if self.missions is None else [mission.in_(self.missions)]
        return found if self.agencies is None or tenant is None else [*found, tenant.in_(self.agencies)]


def part_of(mission: str | None, agency: str | None, missions: Iterable[Mission], scopes: Iterable[ScopeRow]) -> Part:
    """Return the part that a mission's acronym, in either language, and a service's slug name."""
    return Part(
        frozenset(one.id for one in missions if mission in (one.acronym_en, one.acronym_fr)) if mission else None,
        frozenset(one.id for one in scopes if one.slug == agency) if agency else None,
    )
