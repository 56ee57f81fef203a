"""The register of officers as the HR engine sees it: who is known, add, change, mark as missing."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.database.folding import fold
from core.personnel.models import Officer
from core.use_cases.work import Work

HR_FIELDS = (
    "external_id",
    "employee_number",
    "given_name",
    "family_name",
    "preferred_name",
    "language",
    "email",
    "status",
    "rank_code",
    "unit",
    "post",
    "supervisor_number",
    "hire_date",
)
"""Fields that HR owns wherever a source sends them; a sync never touches any other."""


def folded(officer: Officer) -> str:
    """Return what ``officer`` is searched by."""
    return fold(officer.family_name, officer.given_name, officer.preferred_name, officer.employee_number)


class OfficerRegister:
    """What the HR engine asks of the officer files; every call is within ``work``'s transaction."""

    async def known(self, work: Work) -> dict[str, dict[str, Any]]:
        """Return the HR fields, ``id`` and ``missing_since`` of every officer, by employee number."""
        columns = [getattr(Officer, name) for name in ("id", "missing_since", *HR_FIELDS)]
        rows = await work.session.execute(select(*columns))
        return {row.employee_number: dict(row._mapping) for row in rows}  # noqa: SLF001 - SQLAlchemy's public name

    async def add(self, work: Work, values: Mapping[str, Any], *, source: str) -> UUID:
        """Add an officer with these HR fields and return the id."""
        officer = Officer(tenant_id=work.ctx.scope.id, id=work.new_id(), source=source, created_at=work.now, **values)
        officer.folded = folded(officer)
        work.session.add(officer)
        return officer.id

    async def change(self, work: Work, officer_id: UUID, values: Mapping[str, Any]) -> None:
        """Change HR fields of an officer; whoever was missing is back."""
        officer: Officer = await work.get(Officer, officer_id)
        for name, value in values.items():
            setattr(officer, name, value)
        officer.missing_since = None
        officer.folded = folded(officer)

    async def mark_missing(self, work: Work, officer_id: UUID) -> None:
        """Note that HR no longer sends this officer: a question for a human, never a deletion."""
        officer: Officer = await work.get(Officer, officer_id)
        if officer.missing_since is None:
            officer.missing_since = work.on

    async def numbers(self, work: Work, ids: Collection[UUID]) -> dict[UUID, dict[str, Any]]:
        """Return the numbers by which HR knows these officers, and their names, by id."""
        query = select(Officer).where(Officer.tenant_id == work.ctx.scope.id, Officer.id.in_(ids))
        return {
            one.id: {
                "employee_number": one.employee_number,
                "external_id": one.external_id,
                "name": f"{one.preferred_name or one.given_name} {one.family_name}",
            }
            for one in await work.session.scalars(query)
        }
