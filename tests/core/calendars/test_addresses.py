"""Addresses are made in person and shown once; their maker and those who look after the scope see and revoke them."""

from __future__ import annotations

from typing import Any

import msgspec
import pytest
from sqlalchemy import func, select

from auth.red_button.models import SignInStop
from auth.red_button.pressing import end_all
from core.audit.models import AuditLine
from core.calendars.lifecycle import CALENDAR_KEEP, CALENDAR_MANAGE, CALENDAR_MISSION
from core.calendars.models import CalendarAddress
from core.calendars.schemas import ListAddresses, OwnAddressIn, Withdraw
from core.calendars.service import (
    MOST,
    get_address,
    list_addresses,
    list_own_addresses,
    make_own_address,
    revoke_address,
    withdraw_address,
)
from core.context import Ctx
from core.database.sessions import tenant_session
from core.deployments.lifecycle import TOUR_READ
from core.errors import Forbidden, NotFound, Refused
from core.events.models import NotificationRow
from core.ids import new_id
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.core.calendars.conftest import Desk
from tests.platform import Platform

WHY = "The telephone was lost."


async def lines(ctx: Ctx, action: str, subject: Any) -> list[AuditLine]:
    chosen = select(AuditLine).where(AuditLine.action == action, AuditLine.subject_id == subject)
    async with tenant_session(ctx, read_only=True) as session:
        return list(await session.scalars(chosen))


async def test_an_address_is_shown_once_and_kept_as_a_digest(desk: Desk) -> None:
    ctx = await desk.member(desk.officer())
    made = await desk.own(ctx)
    place = f"{desk.world.cast.assembly.settings.address}/calendar/ctg_{ctx.scope.slug}_"
    assert made.url.startswith(place)
    assert made.url.endswith(".ics")
    secret = made.url.removeprefix(place).removesuffix(".ics")
    async with tenant_session(ctx, read_only=True) as session:
        row = await session.get_one(CalendarAddress, (ctx.scope.id, made.address.id))
    assert secret not in repr(vars(row))
    (line,) = await lines(ctx, "calendar_address.create", made.address.id)
    assert line.after is not None
    assert secret not in str(line.after)
    (listed,) = (await execute(list_own_addresses, ctx, Nothing())).addresses
    assert listed == made.address
    assert (listed.kind, listed.label, listed.last_fetched_at) == ("own", "Telephone", None)


async def test_sent_twice_it_is_made_once_and_not_shown_again(desk: Desk) -> None:
    ctx = await desk.member(desk.officer())
    asked = OwnAddressIn(label="Telephone", language="en")
    await execute(make_own_address, ctx, asked, key="the-same")
    with pytest.raises(Refused):
        await execute(make_own_address, ctx, asked, key="the-same")
    assert len((await execute(list_own_addresses, ctx, Nothing())).addresses) == 1


async def test_one_sees_and_revokes_ones_own_and_nobody_elses(desk: Desk) -> None:
    one, another = [await desk.member(desk.officer()) for _ in range(2)]
    made, theirs = await desk.own(one), await desk.own(another)
    listed = (await execute(list_own_addresses, one, Nothing())).addresses
    assert [row.id for row in listed] == [made.address.id]
    with pytest.raises(NotFound):
        await execute(revoke_address, one, ById(id=str(theirs.address.id)))
    assert (await execute(revoke_address, one, ById(id=str(made.address.id)))).addresses == []
    assert len(await lines(one, "calendar_address.revoke", made.address.id)) == 1
    with pytest.raises(NotFound):
        await execute(revoke_address, one, ById(id=str(made.address.id)))


async def test_who_looks_after_the_scope_sees_all_and_revokes_any_and_its_maker_is_told(desk: Desk) -> None:
    member = await desk.member(desk.officer())
    made, administrator = await desk.own(member), await desk.world.ctx("administrator")
    found = await execute(list_addresses, administrator, ListAddresses(q=member.actor.name))
    assert [one.id for one in found.addresses] == [made.address.id]
    assert (await execute(get_address, administrator, ById(id=str(made.address.id)))).owner_name == member.actor.name
    await execute(withdraw_address, administrator, Withdraw(id=str(made.address.id), reason=WHY))
    (line,) = await lines(administrator, "calendar_address.revoke", made.address.id)
    assert (line.reason, line.seat_id) == (WHY, administrator.actor.id)
    async with tenant_session(member, read_only=True) as session:
        told = await session.scalars(select(NotificationRow).where(NotificationRow.seat_id == member.actor.id))
        assert WHY in str([one.params for one in told])
    assert (await desk.fetch(made.url)).status_code == 404


async def test_nobody_sees_or_revokes_an_address_of_another_scope(desk: Desk, platform: Platform) -> None:
    made = await desk.of_mission(await desk.world.ctx("coordinator"))
    id = str(made.address.id)
    everything = (CALENDAR_KEEP, CALENDAR_MANAGE, CALENDAR_MISSION, TOUR_READ)
    for scope in (await platform.agency(), platform.program):
        ctx = platform.ctx(scope, *everything)
        found = await execute(list_addresses, ctx, ListAddresses(limit=200))
        assert made.address.id not in {one.id for one in found.addresses}
        with pytest.raises(NotFound):
            await execute(get_address, ctx, ById(id=id))
        with pytest.raises(NotFound):
            await execute(revoke_address, ctx, ById(id=id))
        with pytest.raises(NotFound):
            await execute(withdraw_address, ctx, Withdraw(id=id, reason=WHY))
    assert (await desk.fetch(made.url)).status_code == 200


async def test_a_program_makes_none(desk: Desk) -> None:
    ctx = await desk.member(desk.officer())
    program = ctx.acting_as(msgspec.structs.replace(ctx.actor, kind="token"))
    with pytest.raises(Refused, match="person"):
        await desk.own(program)


async def test_without_a_file_there_are_no_dates_of_ones_own(desk: Desk) -> None:
    ctx = await desk.newcomer("member")
    with pytest.raises(Refused, match="not linked"):
        await desk.own(ctx)


async def test_whoever_has_gone_meanwhile_makes_none(desk: Desk) -> None:
    ctx = await desk.member(desk.officer())
    await desk.set_seat(ctx, active=False)
    with pytest.raises(Refused, match="not active"):
        await desk.own(ctx)


async def test_the_dates_of_a_mission_are_for_who_may_read_tours(desk: Desk) -> None:
    member = await desk.member(desk.officer())
    with pytest.raises(Forbidden):
        await desk.of_mission(member)
    with pytest.raises(NotFound):
        await desk.of_mission(await desk.world.ctx("coordinator"), mission=new_id(member.clock))


async def test_there_is_an_end_to_how_many_one_has(desk: Desk) -> None:
    ctx = await desk.member(desk.officer())
    for _ in range(MOST):
        await desk.own(ctx)
    with pytest.raises(Refused, match=str(MOST)):
        await desk.own(ctx)


async def test_a_stop_of_the_scope_ends_its_addresses_for_good(desk: Desk, platform: Platform) -> None:
    scope = await platform.agency()
    ctx = platform.ctx(scope, CALENDAR_MISSION, CALENDAR_KEEP, TOUR_READ)
    seat = await desk.sit(ctx, "coordinator")
    ctx = ctx.acting_as(msgspec.structs.replace(ctx.actor, id=seat))
    made = await desk.of_mission(ctx)
    assert (await desk.fetch(made.url)).status_code == 200
    clock = desk.world.cast.assembly.clock
    stop = SignInStop(
        id=new_id(clock),
        scope_id=scope.id,
        reason="A test",
        by_scope=scope.id,
        by_seat=seat,
        by_name="A test",
        began_at=clock.now(),
    )
    async with tenant_session(ctx) as session:
        session.add(stop)
    assert (await desk.fetch(made.url)).status_code == 404
    async with tenant_session(ctx) as session:
        row = await session.get_one(SignInStop, stop.id)
        row.lifted_at = clock.now()
    assert (await desk.fetch(made.url)).status_code == 404
    async with tenant_session(ctx) as session:
        await end_all(Work(ctx, session, ctx.today, ctx.clock.now()))
        assert await session.scalar(select(func.count()).select_from(CalendarAddress)) == 0
