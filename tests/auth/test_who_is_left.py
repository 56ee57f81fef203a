"""Somebody who can give roles and come in is always left, unless the directory or the worker file has them go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import delete, select, update

from auth.models import IdentitySeat, RoleGrant
from auth.red_button.schemas import PressIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button
from auth.roles import ROLES
from auth.schemas import LinkOfficer, SwitchSeat
from auth.service import SEAT_MANAGE, get_seat, link_officer, switch_seat
from auth.setup.entering import managing
from core.context import Scope
from core.database.sessions import identity_session, tenant_session
from core.errors import Refused
from core.events.models import NotificationRow
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.hr import enter
from tests.auth.red_button.scene import told as told_to
from tests.auth.red_button.scene import work_off
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, USER, directory_of
from tests.auth.test_people import TODAY, WHY, link, manager, officer

NUMBER = "E-4711"


async def two(rig: Rig) -> tuple[Scope, UUID, UUID]:
    """Return an agency with two administrators who can both come in."""
    scope = await rig.agency()
    first = await rig.seat(scope, "administrator", name="Uriel Labonté")
    return scope, first, await rig.seat(scope, "administrator", subject="person-2", name="Cyprien Abran")


async def shut_out(rig: Rig, scope: Scope, seat: UUID) -> None:
    await execute(switch_seat, manager(rig, scope), SwitchSeat(id=str(seat), active=False, reason=WHY))


async def unlinked(rig: Rig, scope: Scope, seat: UUID) -> None:
    async with identity_session(rig.platform.database) as session:
        await session.execute(
            delete(IdentitySeat).where(IdentitySeat.scope_id == scope.id, IdentitySeat.seat_id == seat)
        )


async def suspended(rig: Rig, scope: Scope, seat: UUID) -> None:
    file = await officer(rig, scope, NUMBER)
    await link(rig, scope, seat, file)
    await enter(rig, scope, file, "suspended")


async def leaving(rig: Rig, scope: Scope, seat: UUID) -> None:
    async with tenant_session(rig.ctx(scope)) as session:
        grants = update(RoleGrant).where(RoleGrant.tenant_id == scope.id, RoleGrant.seat_id == seat)
        await session.execute(grants.values(ends_on=TODAY + timedelta(days=1)))


async def stopped(rig: Rig, scope: Scope, seat: UUID) -> None:
    ctx = rig.platform.ctx(scope, RED_BUTTON_PRESS)
    await execute(press_red_button, ctx, PressIn(seat=str(seat), reason=WHY, understood=True))


@pytest.mark.parametrize("state", [unlinked, suspended, leaving, stopped])
async def test_an_administrator_who_cannot_come_in_or_stay_is_not_one_who_is_left(rig: Rig, state: Any) -> None:
    scope, first, other = await two(rig)
    await state(rig, scope, other)
    with pytest.raises(Refused, match="Nobody would be left"):
        await shut_out(rig, scope, first)
    third = await rig.seat(scope, "administrator", subject="person-3")
    await shut_out(rig, scope, first)
    with pytest.raises(Refused, match="Nobody would be left"):
        await shut_out(rig, scope, third)


@pytest.mark.parametrize("status", ["left", "retired", "suspended"])
async def test_the_last_administrator_is_not_given_the_file_of_somebody_who_has_left(rig: Rig, status: str) -> None:
    scope, first, other = await two(rig)
    await unlinked(rig, scope, other)
    await officer(rig, scope, NUMBER, status=status)
    given = LinkOfficer(id=str(first), employee_number=NUMBER, reason=WHY)
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(link_officer, manager(rig, scope), given)
    assert (await execute(get_seat, manager(rig, scope), ById(str(first)))).seat.officer_id is None
    third = await rig.seat(scope, "administrator", subject="person-3")
    assert (await execute(link_officer, manager(rig, scope), given)).seat.standing == status
    with pytest.raises(Refused, match="Nobody would be left"):
        await shut_out(rig, scope, third)


async def by_the_directory(rig: Rig, scope: Scope, file: UUID) -> None:
    directory = await directory_of(rig, scope)
    account = await directory.add("uriel", schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"employeeNumber": NUMBER}})
    closed = await directory.patch(account, {"op": "Replace", "path": "active", "value": "False"})
    assert closed.status_code == 200


async def by_the_worker_file(rig: Rig, scope: Scope, file: UUID) -> None:
    await enter(rig, scope, file, "left")


@pytest.mark.parametrize("cause", [by_the_directory, by_the_worker_file])
@pytest.mark.parametrize("left", [True, False])
async def test_a_withdrawal_of_the_last_one_stands_and_is_alarmed(rig: Rig, cause: Any, left: bool) -> None:
    scope, first, other = await two(rig)
    privacy = await rig.seat(scope, "privacy", subject="person-3")
    file = await officer(rig, scope, NUMBER)
    await link(rig, scope, first, file)
    if not left:
        await unlinked(rig, scope, other)
    operator = rig.platform.operator
    await work_off(rig, operator)  # What other services left to do is told to nobody who comes later.
    watch = await rig.seat(operator, "operator", subject=f"watch of {scope.slug}")
    await cause(rig, scope, file)
    await work_off(rig, scope)
    await work_off(rig, operator)
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(NotificationRow.seat_id, NotificationRow.params).where(
            NotificationRow.tenant_id == scope.id, NotificationRow.sentence.startswith("Alarm: nobody is left")
        )
        told = {row.seat_id: row.params for row in await session.execute(chosen)}
    assert (privacy in told, other in told) == (not left, not left)
    alarms = [one for one in await told_to(rig, operator, watch) if "nobody is left in" in one]
    assert len(alarms) == (not left)
    assert all("Uriel Labonté" in str(params) for params in told.values())


async def test_the_alarm_is_raised_once_for_each_time_that_nobody_is_left(rig: Rig) -> None:
    scope, first, other = await two(rig)
    privacy = await rig.seat(scope, "privacy", subject="person-3")
    numbers = {first: NUMBER, other: "E-4712"}
    files = {seat: await officer(rig, scope, number) for seat, number in numbers.items()}
    for seat, file in files.items():
        await link(rig, scope, seat, file)

    async def alarms() -> int:
        await work_off(rig, scope)
        return len([one for one in await told_to(rig, scope, privacy) if "nobody is left" in one])

    async def load() -> None:
        ctx = manager(rig, scope)
        async with tenant_session(ctx) as session:
            await Work(ctx, session, ctx.today, ctx.clock.now()).emit("workers_changed", ("hr_run", uuid4()))

    await enter(rig, scope, files[first], "left")
    assert await alarms() == 0
    await enter(rig, scope, files[other], "left")
    assert await alarms() == 1
    for again in (load(), enter(rig, scope, files[first], "left"), load()):
        await again
        assert await alarms() == 1
    await enter(rig, scope, files[other], "active")
    await enter(rig, scope, files[other], "suspended")
    assert await alarms() == 1, "both were looked at together, when it was as before"
    await enter(rig, scope, files[other], "active")
    assert await alarms() == 1
    await enter(rig, scope, files[other], "suspended")
    assert await alarms() == 2
    await load()
    assert await alarms() == 2


def test_who_runs_sign_in_also_gives_roles() -> None:
    for kind, roles in ROLES.items():
        giving = {key for key, role in roles.items() if SEAT_MANAGE in role.permissions}
        assert managing(kind) == giving, kind
