"""A leaver is shut out with the account that was the last to carry their number, whatever was done to it before."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple
from uuid import UUID

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import select

from auth.linking.directory import link_account, link_seat_account
from auth.linking.schemas import LinkAccount, SeatAccount
from auth.models import Seat
from auth.schemas import LinkOfficer
from auth.service import link_officer
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.use_cases.execution import execute
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, USER, Directory, directory_of
from tests.auth.test_people import WHY, link, manager, officer

NUMBER, OTHER, NOBODYS = "E-4711", "E-4712", "LEFT-4711"
PATH = f"{ENTERPRISE}:employeeNumber"
CLEARED = {"op": "remove", "path": PATH}
OFF, ON = {"op": "replace", "path": "active", "value": False}, {"op": "replace", "path": "active", "value": True}


def numbered(number: str) -> dict[str, Any]:
    return {"op": "replace", "path": PATH, "value": number}


@dataclass
class Agency:
    """Two people with numbers, who answer for nothing, an administrator, and the directory."""

    rig: Rig
    scope: Scope
    directory: Directory
    seats: dict[str, UUID]
    administrator: UUID

    async def account(self, name: str, number: str | None = None, **attributes: Any) -> dict[str, Any]:
        told = {} if number is None else {ENTERPRISE: {"employeeNumber": number}}
        return await self.directory.add(name, schemas=[USER, ENTERPRISE], **told, **attributes)

    async def patch(self, account: dict[str, Any], *operations: dict[str, Any]) -> None:
        answer = await self.directory.patch(account, *operations)
        assert answer.status_code == 200, answer.text

    async def delete(self, account: dict[str, Any]) -> None:
        assert (await self.directory.send("DELETE", f"/Users/{account['id']}")).status_code == 204

    async def inside(self) -> set[str]:
        """Return the numbers of who may come in."""
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(Seat.id).where(Seat.tenant_id == self.scope.id, Seat.active)
            active = set(await session.scalars(chosen))
        return {number for number, seat in self.seats.items() if seat in active}

    async def told(self) -> list[tuple[str, Any, str]]:
        """Return what the administrator was told: the sentence's beginning, its values, where it leads."""
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(NotificationRow).where(
                NotificationRow.tenant_id == self.scope.id, NotificationRow.seat_id == self.administrator
            )
            rows = await session.scalars(chosen.order_by(NotificationRow.id))
            return [(row.sentence, row.params, row.link) for row in rows]

    async def lines(self) -> list[AuditLine]:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == "seat.let_go")
            return list(await session.scalars(chosen.order_by(AuditLine.id)))


async def agency_of(rig: Rig) -> Agency:
    scope = await rig.platform.agency()
    administrator = await rig.seat(scope, "administrator", subject="person-9")
    seats = {}
    for number in (NUMBER, OTHER):
        seats[number] = await rig.seat(scope, "coordinator", subject=number)
        await link(rig, scope, seats[number], await officer(rig, scope, number))
    return Agency(rig, scope, await directory_of(rig, scope), seats, administrator)


@pytest.fixture
async def agency(rig: Rig) -> Agency:
    return await agency_of(rig)


@pytest.mark.parametrize("before", [[CLEARED], [numbered(NOBODYS)], [numbered("")], [numbered("X"), CLEARED]])
@pytest.mark.parametrize("end", ["closed", "deleted", "closed and deleted"])
async def test_a_leaver_whose_number_went_first_is_out_when_the_account_closes(
    agency: Agency, before: list[dict[str, Any]], end: str
) -> None:
    account = await agency.account("ozanne", NUMBER)
    for operation in before:
        await agency.patch(account, operation)
    assert await agency.inside() == {NUMBER, OTHER}, "a number that goes shuts nobody out by itself"
    if "closed" in end:
        await agency.patch(account, OFF)
        assert await agency.inside() == {OTHER}
    if "deleted" in end:
        await agency.delete(account)
    assert await agency.inside() == {OTHER}


async def test_an_account_that_was_of_two_people_shuts_out_both(agency: Agency) -> None:
    account = await agency.account("ozanne", NUMBER)
    await agency.patch(account, numbered(OTHER))
    await agency.patch(account, OFF)
    assert await agency.inside() == set()
    await agency.patch(account, ON)
    assert await agency.inside() == {OTHER}, "it lets in whom it names, and nobody whom it named"
    await agency.patch(account, numbered(NUMBER))
    assert await agency.inside() == {NUMBER, OTHER}


@pytest.mark.parametrize("first", ["given up", "taken over"])
async def test_a_number_that_has_passed_to_another_account_is_shut_with_that_one_alone(
    agency: Agency, first: str
) -> None:
    old = await agency.account("old", NUMBER)
    if first == "given up":
        await agency.patch(old, CLEARED)
        new = await agency.account("new", NUMBER)
    else:
        new = await agency.account("new", NUMBER)
        await agency.patch(old, CLEARED)
    await agency.patch(old, OFF)
    await agency.delete(old)
    assert await agency.inside() == {NUMBER, OTHER}
    await agency.patch(new, CLEARED)
    await agency.delete(new)
    assert await agency.inside() == {OTHER}


async def test_an_open_account_that_had_the_number_once_keeps_nobody_in(agency: Agency) -> None:
    await agency.patch(await agency.account("old", NUMBER), CLEARED)
    new = await agency.account("new", NUMBER)
    await agency.delete(new)
    assert await agency.inside() == {OTHER}


async def test_what_an_administrator_says_of_an_account_stands_against_what_it_said_once(agency: Agency) -> None:
    ctx = manager(agency.rig, agency.scope)
    for name, by_number in (("first", True), ("second", False)):
        account = await agency.account(name, NUMBER)
        await agency.patch(account, CLEARED)
        if by_number:
            await execute(link_account, ctx, LinkAccount(id=account["id"], employee_number=OTHER, reason=WHY))
        else:
            seat = str(agency.seats[OTHER])
            await execute(link_seat_account, ctx, SeatAccount(id=account["id"], seat_id=seat, reason=WHY))
        await agency.patch(account, OFF)
        assert await agency.inside() == {NUMBER}
        await agency.patch(account, ON)
        assert await agency.inside() == {NUMBER, OTHER}
        await agency.delete(account)
        assert await agency.inside() == {NUMBER}
        await agency.delete(await agency.account(f"{name}-again", OTHER))


async def test_a_seat_that_is_linked_to_a_number_that_went_is_as_the_account_is(agency: Agency) -> None:
    rig, scope = agency.rig, agency.scope
    seats = [await rig.seat(scope, "coordinator", subject=f"new-{place}") for place in range(2)]
    for seat, number, closed in zip(seats, ("E-1", "E-2"), (False, True), strict=True):
        await officer(rig, scope, number)
        account = await agency.account(f"of {number}", number)
        await agency.patch(account, CLEARED)
        if closed:
            await agency.patch(account, OFF)
        data = LinkOfficer(id=str(seat), employee_number=number, reason=WHY)
        file = await execute(link_officer, manager(rig, scope), data)
        assert file.seat.active is not closed


async def test_the_administrators_are_told_when_somebodys_number_is_nobodys_or_anothers(agency: Agency) -> None:
    old = await agency.account("old", NUMBER)
    await agency.patch(old, {"op": "replace", "path": "title", "value": "Sergeant"})
    await agency.account("new", NOBODYS)
    assert await agency.told() == []
    await agency.patch(old, CLEARED)
    new = await agency.account("other", NUMBER)
    both = await agency.account("adm", NUMBER)
    await agency.patch(both, CLEARED)
    said = {"name": "Maëlle Fafard", "old": "old"}
    link = f"/people/{agency.seats[NUMBER]}"
    told = await agency.told()
    assert [(params, where) for _, params, where in told] == [
        (said, link),
        (said | {"new": "other"}, link),
        (said | {"old": "adm", "new": "other"}, link),
    ]
    assert "is shut out" in told[0][0]
    assert [(line.subject_id, line.before, line.after) for line in await agency.lines()] == [
        (
            agency.seats[NUMBER],
            {"employee_number": NUMBER, "account": was},
            {"employee_number": NUMBER, "account": now},
        )
        for was, now in (("old", None), ("old", "other"), ("adm", "other"))
    ]
    await agency.patch(new, CLEARED, OFF)
    assert await agency.inside() == {OTHER}
    assert len(await agency.told()) == 3, "of a leaver who is out there is nothing to decide"
    assert len(await agency.lines()) == 4


async def test_another_agencys_account_of_the_same_number_is_another_persons(agency: Agency) -> None:
    account = await agency.account("ozanne", NUMBER)
    other = await agency_of(agency.rig)
    await agency.patch(account, CLEARED)
    await other.account("ozanne", NUMBER)
    await agency.patch(account, OFF)
    assert (await agency.inside(), await other.inside()) == ({OTHER}, {NUMBER, OTHER})


class Told(NamedTuple):
    """What an account says."""

    number: str | None
    active: bool


@dataclass
class Model:
    """Who should be in: reckoned from what the accounts said, one change after another."""

    accounts: dict[str, Told] = field(default_factory=dict)
    last: dict[str, str] = field(default_factory=dict)
    inside: set[str] = field(default_factory=lambda: {NUMBER, OTHER})

    def change(self, name: str, told: Told | None) -> None:
        before = self.accounts.pop(name, None)
        if told is not None:
            self.accounts[name] = told
        if told == before:
            return
        for number in (NUMBER, OTHER):
            carriers = [one for one in self.accounts.values() if one.number == number]
            if before is not None and before.number == number and not carriers:
                self.last[number] = name
            if carriers:
                self.last.pop(number, None)
            last = self.last.get(number)
            closed = last is not None and not (last in self.accounts and self.accounts[last].active)
            if any(one.active for one in carriers):
                self.inside.add(number)
            elif carriers or closed:
                self.inside.discard(number)
        if told is None:
            # The name may come again: it is another account then.
            self.last = {number: last for number, last in self.last.items() if last != name}


SAID = st.fixed_dictionaries(
    {}, optional={"number": st.sampled_from([NUMBER, OTHER, NOBODYS, None, None]), "active": st.booleans()}
)
STEPS = st.lists(
    st.tuples(st.sampled_from(["a", "a", "b"]), st.one_of(st.none(), *[SAID] * 5)), min_size=3, max_size=14
)


@given(steps=STEPS)
@settings(max_examples=60)
async def test_whoevers_number_no_open_account_carries_and_a_closed_one_was_the_last_to_is_out(
    rig: Rig, steps: list[tuple[str, dict[str, Any] | None]]
) -> None:
    agency, model = await agency_of(rig), Model()
    accounts: dict[str, dict[str, Any]] = {}
    for name, said in steps:
        before = model.accounts.get(name)
        told = None if said is None else (before or Told(NUMBER, active=True))._replace(**said)
        model.change(name, told)
        if before is None:
            if told is not None:
                accounts[name] = await agency.account(name, told.number, active=told.active)
        elif told is None:
            await agency.delete(accounts[name])
        else:
            operations: list[dict[str, Any]] = [ON if told.active else OFF]
            if told.number != before.number:
                operations.append(CLEARED if told.number is None else numbered(told.number))
            await agency.patch(accounts[name], *operations)
        assert await agency.inside() == model.inside, f"after {name}: {told}"
