"""The register that the engine compares with and changes. The officers' room is bound to it at start."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any, Protocol
from uuid import UUID

from core.use_cases.work import Work


class Register(Protocol):
    """Officer files as the engine sees them; every call is within ``work``'s transaction."""

    async def known(self, work: Work) -> dict[str, dict[str, Any]]:
        """Return the HR fields, ``id`` and ``missing_since`` of every officer, by employee number."""
        ...

    async def add(self, work: Work, values: Mapping[str, Any], *, source: str) -> UUID:
        """Add an officer and return the id."""
        ...

    async def change(self, work: Work, officer_id: UUID, values: Mapping[str, Any]) -> None:
        """Change HR fields of an officer; whoever was missing is back."""
        ...

    async def mark_missing(self, work: Work, officer_id: UUID) -> None:
        """Note that HR no longer sends this officer."""
        ...

    async def numbers(self, work: Work, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return ``employee_number``, ``external_id`` and ``name`` of those of the officers that there are, by id."""
        ...


_bound: list[Register] = []


def bind(register: Register) -> None:
    """Say which register the engine works on: once, by the composition root."""
    _bound[:] = [register]


def bound() -> Register:
    """Return the register; an engine without one is a mistake in the composition root."""
    if not _bound:
        raise RuntimeError("no register is bound to the HR engine: call core.workforce.register.bind() at start")
    return _bound[0]
