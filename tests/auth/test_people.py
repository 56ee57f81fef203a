"""People and roles: given with a reason, ended where they come from, and never so that nobody is left to give them."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from auth.models import RoleGrant, Seat
from auth.people import ThePeople
from auth.roles import RESTS, ROLES
from auth.schemas import EndGrant, GrantIn, LinkOfficer, ListSeats, SeatIn, SwitchSeat
from auth.service import (
    SEAT_MANAGE,
    SEAT_READ,
    SESSION_READ,
    add_seat,
    end_grant,
    get_seat,
    grant_role,
    link_officer,
    list_seats,
    own_seat,
    switch_seat,
)
from core.audit.models import AuditLine
from core.context import Ctx, Scope, ScopeKind
from core.database.sessions import tenant_session
from core.errors import Conflict, Forbidden, Invalid, NotFound, Refused
from core.ids import new_id
from core.personnel.models import Officer
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.rig import Rig

TODAY = date(2026, 11, 23)
WHY = "takes over from Anouk"


def manager(rig: Rig, scope: Scope) -> Ctx:
    return rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE, name="Ghislain Lespérance")


async def officer(rig: Rig, scope: Scope, number: str, **fields: str) -> UUID:
    made = new_id(rig.platform.clock)
    values = {"given_name": "Ozanne", "family_name": "Mainguy", "rank_code": "AGT", "folded": "mainguy ozanne"} | fields
    async with tenant_session(rig.ctx(scope)) as session:
        session.add(
            Officer(
                tenant_id=scope.id,
                id=made,
                employee_number=number,
                created_at=rig.platform.clock.now(),
                **values,
            )
        )
    return made


async def link(rig: Rig, scope: Scope, seat: UUID, officer_id: UUID | None = None, unit: str | None = None) -> None:
    async with tenant_session(rig.ctx(scope)) as session:
        row = await session.get(Seat, (scope.id, seat))
        assert row is not None
        row.officer_id, row.unit = officer_id, unit


async def test_a_role_is_given_with_a_reason_and_says_where_it_comes_from(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    file = await execute(grant_role, manager(rig, scope), GrantIn(id=str(seat), role="approver", reason=WHY))
    assert file.seat.roles == ["approver"]
    (grant,) = file.grants
    assert (grant.origin, grant.reason, grant.starts_on, grant.ends_on, grant.holds) == (
        "manual",
        WHY,
        TODAY,
        None,
        True,
    )
    async with tenant_session(rig.ctx(scope)) as session:
        line = (await session.scalars(select(AuditLine).where(AuditLine.action == "seat.grant"))).one()
    assert (line.reason, line.actor_name) == (WHY, "Ghislain Lespérance")
    assert line.after == {"role": "approver", "origin": "manual", "starts_on": "2026-11-23", "ends_on": None}


async def test_a_role_of_another_kind_of_scope_cannot_be_given(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    for role in ("planner", "operator", "commander", "nonsense"):
        with pytest.raises(Invalid) as caught:
            await execute(grant_role, manager(rig, scope), GrantIn(id=str(seat), role=role, reason=WHY))
        assert [fault.pointer for fault in caught.value.faults] == ["/role"]


async def test_who_gives_roles_does_not_give_themselves_what_is_healths(rig: Rig) -> None:
    scope = await rig.platform.agency()
    mine, other = await rig.seat(scope), await rig.seat(scope)
    ctx = manager(rig, scope)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=mine))
    with pytest.raises(Refused, match="Nobody gives themselves"):
        await execute(grant_role, ctx, GrantIn(id=str(mine), role="health", reason=WHY))
    file = await execute(grant_role, ctx, GrantIn(id=str(mine), role="coordinator", reason=WHY))
    assert file.seat.roles == ["coordinator"]
    file = await execute(grant_role, ctx, GrantIn(id=str(other), role="health", reason=WHY))
    assert file.seat.roles == ["health"]


async def test_no_program_gives_what_is_healths_for_whoever_holds_its_token(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    ctx = manager(rig, scope)
    program = replace(ctx, actor=msgspec.structs.replace(ctx.actor, kind="token"))
    with pytest.raises(Refused, match="A person gives this role"):
        await execute(grant_role, program, GrantIn(id=str(seat), role="health", reason=WHY))
    file = await execute(grant_role, program, GrantIn(id=str(seat), role="coordinator", reason=WHY))
    assert file.seat.roles == ["coordinator"]


@pytest.mark.parametrize(("kind", "subjects"), [("agency", "fitness"), ("program", "candidacy.health")])
def test_every_role_that_opens_health_s_own_is_given_by_another(kind: ScopeKind, subjects: str) -> None:
    opening = {key for key, role in ROLES[kind].items() if any(one.startswith(subjects) for one in role.permissions)}
    assert opening == {key for key, role in ROLES[kind].items() if role.apart} == {"health"}


async def test_every_fault_of_a_role_is_told_at_once(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    yesterday = TODAY - timedelta(days=1)
    data = GrantIn(id=str(seat), role="planner", starts_on=yesterday, ends_on=yesterday, reason=WHY)
    with pytest.raises(Invalid) as caught:
        await execute(grant_role, manager(rig, scope), data)
    assert [fault.pointer for fault in caught.value.faults] == ["/role", "/starts_on", "/ends_on"]


async def test_the_same_role_is_not_given_twice_for_the_same_days(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    ctx = manager(rig, scope)
    until = TODAY + timedelta(days=30)
    await execute(grant_role, ctx, GrantIn(id=str(seat), role="approver", ends_on=until, reason=WHY))
    with pytest.raises(Refused):
        await execute(grant_role, ctx, GrantIn(id=str(seat), role="approver", reason=WHY))
    file = await execute(grant_role, ctx, GrantIn(id=str(seat), role="approver", starts_on=until, reason=WHY))
    assert len(file.grants) == 2
    assert file.seat.roles == ["approver"]


async def test_a_role_is_taken_back_today_and_its_past_stays(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope, "approver")
    ctx = manager(rig, scope)
    (grant,) = (await execute(get_seat, ctx, ById(str(seat)))).grants
    file = await execute(end_grant, ctx, EndGrant(id=str(seat), grant_id=str(grant.id), reason="moved on"))
    assert file.seat.roles == []
    assert (file.grants[0].ends_on, file.grants[0].end_reason) == (TODAY, "moved on")
    with pytest.raises(Refused):
        await execute(end_grant, ctx, EndGrant(id=str(seat), grant_id=str(grant.id), reason="again"))


@pytest.mark.parametrize("origin", ["claim", "hr", "delegation"])
async def test_a_role_from_elsewhere_is_ended_there(rig: Rig, origin: str) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope, "approver")
    async with tenant_session(rig.ctx(scope)) as session:
        grant = (await session.scalars(select(RoleGrant).where(RoleGrant.tenant_id == scope.id))).one()
        grant.origin = origin
    with pytest.raises(Refused):
        await execute(end_grant, manager(rig, scope), EndGrant(id=str(seat), grant_id=str(grant.id), reason=WHY))


async def test_the_last_administrator_cannot_be_locked_out(rig: Rig) -> None:
    scope = await rig.platform.agency()
    last = await rig.seat(scope, "administrator")
    ctx = manager(rig, scope)
    (grant,) = (await execute(get_seat, ctx, ById(str(last)))).grants
    end = EndGrant(id=str(last), grant_id=str(grant.id), reason=WHY)
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(end_grant, ctx, end)
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(switch_seat, ctx, SwitchSeat(id=str(last), active=False, reason=WHY))
    another = await rig.seat(scope, subject="person-2", name="Cyprien Abran")
    limited = GrantIn(id=str(another), role="administrator", ends_on=TODAY + timedelta(days=9), reason=WHY)
    await execute(grant_role, ctx, limited)
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(end_grant, ctx, end)
    third = await rig.seat(scope, "administrator", subject="person-3", name="Bastien Ouimette")
    assert (await execute(end_grant, ctx, end)).seat.roles == []
    with pytest.raises(Refused, match="Nobody would be left"):
        await execute(switch_seat, ctx, SwitchSeat(id=str(third), active=False, reason=WHY))


async def test_a_person_is_added_without_a_role_and_shut_out_with_a_reason(rig: Rig) -> None:
    scope = await rig.platform.agency()
    ctx = manager(rig, scope)
    file = await execute(add_seat, ctx, SeatIn(name="Yolaine Vollant", language="fr", unit="patrol", reason=WHY))
    assert (file.seat.name, file.seat.roles, file.seat.active) == ("Yolaine Vollant", [], True)
    out = SwitchSeat(id=str(file.seat.id), active=False, reason="left the service")
    assert not (await execute(switch_seat, ctx, out)).seat.active
    with pytest.raises(Refused):
        await execute(switch_seat, ctx, out)
    found = await execute(list_seats, ctx, ListSeats(q="vollant"))
    assert [seat.active for seat in found.seats] == [False]


async def test_a_stale_page_changes_nothing(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    ctx = manager(rig, scope)
    version = (await execute(get_seat, ctx, ById(str(seat)))).version
    await execute(switch_seat, ctx, SwitchSeat(id=str(seat), active=False, reason=WHY), expected=version)
    with pytest.raises(Conflict):
        await execute(switch_seat, ctx, SwitchSeat(id=str(seat), active=True, reason=WHY), expected=version)


async def test_an_officer_file_belongs_to_one_person_at_most(rig: Rig) -> None:
    scope = await rig.platform.agency()
    first, second = await rig.seat(scope), await rig.seat(scope, subject="person-2", name="Cyprien Abran")
    mine = await officer(rig, scope, "4711")
    ctx = manager(rig, scope)
    file = await execute(link_officer, ctx, LinkOfficer(id=str(first), employee_number="4711", reason=WHY))
    assert (file.seat.officer_id, file.seat.employee_number) == (mine, "4711")
    with pytest.raises(Refused):
        await execute(link_officer, ctx, LinkOfficer(id=str(second), employee_number="4711", reason=WHY))
    with pytest.raises(Invalid):
        await execute(link_officer, ctx, LinkOfficer(id=str(second), employee_number="4712", reason=WHY))
    file = await execute(link_officer, ctx, LinkOfficer(id=str(first), reason=WHY))
    assert file.seat.officer_id is None


async def test_another_tenants_people_do_not_exist_here(rig: Rig) -> None:
    scope, other = await rig.platform.agency(), await rig.platform.agency()
    seat = await rig.seat(scope, "approver")
    ctx = manager(rig, other)
    with pytest.raises(NotFound):
        await execute(get_seat, ctx, ById(str(seat)))
    with pytest.raises(NotFound):
        await execute(grant_role, ctx, GrantIn(id=str(seat), role="approver", reason=WHY))
    with pytest.raises(NotFound):
        await execute(switch_seat, ctx, SwitchSeat(id=str(seat), active=False, reason=WHY))
    with pytest.raises(NotFound):
        await execute(link_officer, ctx, LinkOfficer(id=str(seat), reason=WHY))
    assert (await execute(list_seats, ctx, ListSeats())).seats == []


async def test_reading_is_not_managing(rig: Rig) -> None:
    scope = await rig.platform.agency()
    seat = await rig.seat(scope)
    with pytest.raises(Forbidden):
        await execute(
            grant_role, rig.platform.ctx(scope, SEAT_READ), GrantIn(id=str(seat), role="approver", reason=WHY)
        )


async def test_a_person_sees_the_seats_they_have_elsewhere(rig: Rig) -> None:
    here, there, nowhere = [await rig.platform.agency() for _ in range(3)]
    seat = await rig.seat(here, "member", subject="two-seats")
    await rig.seat(there, "auditor", subject="two-seats")
    await rig.seat(nowhere, subject="one-seat")
    own = await execute(own_seat, rig.platform.ctx(here, SESSION_READ, seat=seat, roles=("member",)), Nothing())
    assert own.roles == ["member"]
    assert [other.slug for other in own.others] == [there.slug]


async def test_core_learns_who_holds_a_role_today(rig: Rig) -> None:
    scope, other = await rig.platform.agency(), await rig.platform.agency()
    seat = await rig.seat(scope, "approver")
    shut_out = await rig.seat(scope, "approver", subject="person-2", name="Cyprien Abran")
    await rig.seat(other, "approver", subject="person-3")
    async with tenant_session(rig.ctx(scope)) as session:
        row = await session.get(Seat, (scope.id, shut_out))
        assert row is not None
        row.active = False
    people = ThePeople(rig.platform.clock)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        assert [person.id for person in await people.holders(session, "approver")] == [seat]
        assert await people.holders(session, "coordinator") == []
        past = await people.person(session, shut_out)
        assert past is not None
        assert past.name == "Cyprien Abran"
    async with tenant_session(rig.ctx(other), read_only=True) as session:
        assert await people.person(session, seat) is None


async def test_the_supervisor_is_whom_hr_names_then_the_units_then_whoever_holds_the_role(rig: Rig) -> None:
    scope = await rig.platform.agency()
    people = ThePeople(rig.platform.clock)
    boss_file = await officer(rig, scope, "9")
    named = await officer(rig, scope, "1", supervisor_number="9", unit="patrol")
    plain = await officer(rig, scope, "2", unit="patrol")
    stray = await officer(rig, scope, "3", unit="harbour")
    boss = await rig.seat(scope, "supervisor", name="Aurore Fafard")
    patrol = await rig.seat(scope, "supervisor", subject="person-2", name="Bastien Abran")
    traffic = await rig.seat(scope, "supervisor", subject="person-3", name="Clovis Yergeau")
    await link(rig, scope, boss, boss_file, "traffic")
    await link(rig, scope, patrol, None, "patrol")
    await link(rig, scope, traffic, None, "traffic")

    async def supervisors(officer_id: UUID) -> list[UUID]:
        async with tenant_session(rig.ctx(scope), read_only=True) as session:
            return [person.id for person in await people.supervisors(session, officer_id)]

    assert await supervisors(named) == [boss]
    assert await supervisors(plain) == [patrol]
    assert await supervisors(stray) == [boss, patrol, traffic]
    assert await supervisors(boss_file) == [patrol, traffic]
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        seat = await people.seat_of(session, boss_file)
    assert seat is not None
    assert seat.id == boss


async def stands(rig: Rig, scope: Scope, officer_id: UUID, standing: str) -> None:
    async with tenant_session(rig.ctx(scope)) as session:
        row = await session.get(Officer, (scope.id, officer_id))
        assert row is not None
        row.status = standing


@pytest.mark.parametrize(
    ("standing", "roles", "active", "away"),
    [
        ("active", {"approver", "member"}, True, False),
        ("leave", {"approver", "member"}, True, True),
        ("seconded", {"approver", "member"}, True, True),
        ("suspended", {"member"}, False, False),
        ("retired", {"member"}, False, False),
        ("left", {"member"}, False, False),
    ],
)
async def test_what_the_worker_file_says_of_somebody_shrinks_their_rights_at_once_and_never_membership(
    rig: Rig, standing: str, roles: set[str], active: bool, away: bool
) -> None:
    scope = await rig.agency()
    seat, file = await rig.seat(scope, "approver", "member"), await officer(rig, scope, "4711")
    await link(rig, scope, seat, file)
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    await stands(rig, scope, file, standing)
    page = await browser.get(f"/en/{scope.slug}/session")
    assert ("Approver" in page.text, "Member" in page.text) == ("approver" in roles, True)
    people = ThePeople(rig.platform.clock)
    async with tenant_session(rig.ctx(scope)) as session:
        person = await people.person(session, seat)
        assert person is not None
        assert (set(person.roles), person.active, person.away) == (roles, active, away)
        assert bool(await people.holders(session, "approver")) == ("approver" in roles)
    shown = await execute(get_seat, rig.platform.ctx(scope, SEAT_READ), ById(str(seat)))
    assert shown.seat.standing == standing
    assert (standing in RESTS) == (away or not active)
    await stands(rig, scope, file, "active")
    assert "Approver" in (await browser.get(f"/en/{scope.slug}/session")).text
