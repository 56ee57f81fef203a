"""What HR does: a clerk who enters how somebody stands, and a load of the worker file that says it."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, cast
from uuid import UUID

from core.context import Scope
from core.database.sessions import tenant_session
from core.personnel.lifecycle import OFFICER_READ, OFFICER_WRITE
from core.personnel.models import Officer
from core.personnel.schemas import OfficerChange, Status
from core.personnel.service import change_officer
from core.use_cases.execution import execute
from tests.auth.rig import Rig
from tests.core.workforce.office import Ladder, Office, line

if TYPE_CHECKING:
    from core.agencies import Agencies


async def enter(rig: Rig, scope: Scope, officer_id: UUID, status: Status) -> None:
    """Let a clerk enter how an officer stands."""
    ctx = replace(rig.platform.ctx(scope, OFFICER_READ, OFFICER_WRITE), agencies=cast("Agencies", Ladder()))
    async with tenant_session(ctx, read_only=True) as session:
        row = await session.get_one(Officer, (scope.id, officer_id))
    given = OfficerChange(
        id=str(officer_id),
        given_name=row.given_name,
        family_name=row.family_name,
        rank_code=row.rank_code,
        status=status,
    )
    await execute(change_officer, ctx, given)


async def load(rig: Rig, scope: Scope, number: str, status: Status) -> None:
    """Let a worker file say how the officer with this employee number stands, and apply it."""
    office = Office(rig.platform, scope)
    await office.enable()
    await office.scope_is(number)
    applied = await office.load(line(number, "Ozanne", "Mainguy", status=status))
    assert applied.run.state == "applied"
