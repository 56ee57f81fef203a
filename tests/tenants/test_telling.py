"""After an event the other side is told, in its own scope."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.events.notifications import text_of
from core.events.subscribers import Event
from core.ids import new_id
from core.people import Person
from core.use_cases.execution import execute
from tenants.contracts import propose_contract
from tenants.library import Library
from tenants.lifecycle import CONTRACT_PROPOSE
from tenants.schemas import ContractIn
from tenants.subscribers import tell_administrator, tell_privacy, tell_program
from tests.platform import Platform
from tests.tenants.conftest import Open

DAY = date(2026, 11, 23)


class OneEach:
    """A scope in which one person holds every role."""

    def __init__(self, seat: UUID) -> None:
        self.seat = seat

    async def holders(self, session: AsyncSession, role: str) -> list[Person]:
        return [Person(self.seat, role)]


def _ctx(platform: Platform, scope: Scope) -> tuple[Ctx, UUID]:
    seat = new_id(platform.clock)
    return replace(platform.ctx(scope), people=OneEach(seat)), seat  # type: ignore[arg-type] # all that telling asks


def _event(platform: Platform, subject: UUID, owner: UUID, writer: UUID) -> Event:
    return Event(
        id=new_id(platform.clock),
        name="x",
        subject_kind="x",
        subject_id=subject,
        owner_id=owner,
        writer_id=writer,
        on=DAY,
        key="x",
    )


async def _told(ctx: Ctx, seat: UUID) -> list[tuple[str, str]]:
    async with tenant_session(ctx, read_only=True) as session:
        rows = await session.scalars(select(NotificationRow).where(NotificationRow.seat_id == seat))
        return [(str(text_of(row)), row.link) for row in rows]


async def test_both_sides_hear_of_a_contract(platform: Platform, open_agency: Open, library: Library) -> None:
    scope = await open_agency(library.agencies["on-durham"])
    proposed = await execute(propose_contract, platform.ctx(scope, CONTRACT_PROPOSE), ContractIn(since=DAY))
    event = _event(platform, proposed.id, scope.id, scope.id)
    ipob, planner = _ctx(platform, platform.program)
    await tell_program(ipob, event)
    assert await _told(ipob, planner) == [
        (f"{scope.slug} proposes version 2 of its sharing contract.", f"/agencies/{scope.id}")
    ]
    ours, privacy = _ctx(platform, scope)
    await tell_privacy(ours, event)
    assert await _told(ours, privacy) == [("IPOB has accepted version 2 of the sharing contract.", "/agreements")]


async def test_administrators_hear_only_of_what_others_changed(platform: Platform) -> None:
    scope = await platform.agency()
    ctx, seat = _ctx(platform, scope)
    await tell_administrator(ctx, _event(platform, scope.id, scope.id, scope.id))
    assert await _told(ctx, seat) == []
    await tell_administrator(ctx, _event(platform, scope.id, scope.id, platform.operator.id))
    assert len(await _told(ctx, seat)) == 1
