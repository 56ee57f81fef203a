"""Who decides in whose place: told on both people's pages, and ended by whoever gave it or whoever gives roles."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from auth.schemas import EndDelegation
from auth.service import end_delegation_of, get_seat
from core.approvals.models import Delegation
from core.approvals.schemas import DelegateIn
from core.approvals.service import delegate, end_delegation
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import NotFound, Refused
from core.events.models import NotificationRow
from core.events.notifications import text_of
from core.ids import new_id
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.rig import Rig
from tests.auth.test_people import WHY, manager


async def test_delegations_in_force_today_are_told_of_whoever_gave_and_whoever_has_them(rig: Rig) -> None:
    scope, elsewhere = await rig.platform.agency(), await rig.platform.agency()
    giver, taker, other = await rig.seat(scope, name="Maude Roy"), await rig.seat(scope, name="Léo Bé"), uuid4()
    today = rig.ctx(scope).today

    async def give(where: Scope, first: int, last: int, **more: Any) -> UUID:
        made = new_id(rig.platform.clock)
        values = {"from_seat": giver, "to_seat": taker, "reason": WHY, "created_at": rig.platform.clock.now()} | more
        days = {"first_day": today + timedelta(first), "last_day": today + timedelta(last)}
        async with tenant_session(rig.ctx(where)) as session:
            session.add(Delegation(tenant_id=where.id, id=made, **days, **values))
        return made

    running = await give(scope, 0, 0)
    await give(scope, -9, -1)
    await give(scope, 1, 9)
    await give(scope, -9, 9, ended_at=rig.platform.clock.now())
    await give(scope, -9, 9, from_seat=other, to_seat=other)
    await give(elsewhere, -9, 9)
    for seat in (giver, taker):
        (told,) = (await execute(get_seat, manager(rig, scope), ById(str(seat)))).delegations
        assert (told.id, told.from_name, told.to_name) == (running, "Maude Roy", "Léo Bé")
        assert (told.first_day, told.last_day, told.reason) == (today, today, WHY)


async def test_who_gives_roles_ends_a_delegation_for_whoever_gave_it_and_both_are_told(rig: Rig) -> None:
    scope, elsewhere = await rig.platform.agency(), await rig.platform.agency()
    giver, taker = await rig.seat(scope, name="Maude Roy"), await rig.seat(scope, name="Léo Bé")
    other, abroad = await rig.seat(scope, name="Zoé Caza"), await rig.seat(elsewhere)
    giving = rig.platform.ctx(scope, "approval.delegate", seat=giver, name="Maude Roy")
    days = {"first_day": giving.today, "last_day": giving.today + timedelta(9)}
    given = await execute(delegate, giving, DelegateIn(to_seat=str(taker), reason="off to Mali", **days))
    ending = {"delegation_id": str(given.id), "reason": "gone for good"}
    for where, seat in ((scope, other), (elsewhere, abroad), (elsewhere, giver)):
        with pytest.raises(NotFound):
            await execute(end_delegation_of, manager(rig, where), EndDelegation(id=str(seat), **ending))
    file = await execute(end_delegation_of, manager(rig, scope), EndDelegation(id=str(giver), **ending))
    assert file.delegations == []
    with pytest.raises(Refused, match="ended already"):
        await execute(end_delegation_of, manager(rig, scope), EndDelegation(id=str(taker), **ending))
    with pytest.raises(Refused, match="ended already"):
        await execute(end_delegation, giving, ById(str(given.id)))
    async with tenant_session(rig.ctx(scope)) as session:
        told = await session.scalars(select(NotificationRow).where(NotificationRow.tenant_id == scope.id))
        ended = [(row.seat_id, text_of(row).render(str)) for row in told if "ended" in row.sentence]
        wanted = select(AuditLine).where(AuditLine.tenant_id == scope.id, AuditLine.action == "delegation.end")
        (line,) = await session.scalars(wanted)
    said = "Ghislain Lespérance has ended the delegation from Maude Roy to Léo Bé: “gone for good”."
    assert sorted(ended, key=str) == sorted([(giver, said), (taker, said)], key=str)
    assert (line.subject_id, line.reason) == (given.id, "gone for good")


@pytest.mark.parametrize("scope_of", ["program", "operator"])
async def test_a_scope_without_approvals_tells_of_no_delegation(rig: Rig, scope_of: str) -> None:
    scope: Scope = getattr(rig.platform, scope_of)
    seat = await rig.seat(scope)
    assert (await execute(get_seat, manager(rig, scope), ById(str(seat)))).delegations == []
