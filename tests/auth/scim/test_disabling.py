"""What the directory says of a person decides whether they may come in, in the transaction in which it says so."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import select, update
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import ApiToken, Seat, Session
from auth.schemas import LinkOfficer, SwitchSeat
from auth.scim.feeding import follow_directory
from auth.scim.models import ScimResource
from auth.service import link_officer, switch_seat
from auth.tokens import create_token
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.rig import Browser, Rig
from tests.auth.scim.directory import ENTERPRISE, USER, Directory, directory_of
from tests.auth.test_people import WHY, link, manager, officer
from tests.standing_still import go_on

NUMBER = "E-4711"
OFF, ON = {"op": "Replace", "path": "active", "value": "False"}, {"op": "Replace", "path": "active", "value": "True"}


@dataclass
class Person:
    """An officer who is signed in, and their account in the agency's directory."""

    rig: Rig
    scope: Scope
    seat: UUID
    browser: Browser
    directory: Directory

    async def is_in(self) -> bool:
        answer = await self.browser.get(f"/en/{self.scope.slug}/session")
        assert answer.status_code in {200, 303}
        return answer.status_code == 200

    async def account(self, name: str = "ozanne", number: str = NUMBER, **attributes: Any) -> dict[str, Any]:
        return await self.directory.add(
            name, schemas=[USER, ENTERPRISE], **{ENTERPRISE: {"employeeNumber": number}}, **attributes
        )

    async def lines(self, action: str) -> list[AuditLine]:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == action)
            return list(await session.scalars(chosen.order_by(AuditLine.id)))

    async def row(self) -> Seat:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            return (await session.scalars(select(Seat).where(Seat.id == self.seat))).one()

    async def switch(self, *, active: bool) -> None:
        row = await self.row()
        ctx = manager(self.rig, self.scope)
        await execute(switch_seat, ctx, SwitchSeat(id=str(self.seat), active=active, reason=WHY), expected=row.version)


@pytest.fixture
async def person(rig: Rig) -> Person:
    scope = await rig.agency()
    seat = await rig.seat(scope, "coordinator")
    await link(rig, scope, seat, await officer(rig, scope, NUMBER))
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    return Person(rig, scope, seat, browser, await directory_of(rig, scope))


async def test_a_disabled_account_ends_sessions_and_tokens_at_once_and_an_enabled_one_opens_the_door(
    person: Person,
) -> None:
    account = await person.account()
    async with tenant_session(person.rig.ctx(person.scope)) as session:
        clock = person.rig.platform.clock
        await create_token(session, clock, person.scope, name="own", roles=["auditor"], days=9, created_by=person.seat)
    assert await person.is_in()
    assert (await person.directory.patch(account, OFF)).status_code == 200
    assert not await person.is_in()
    async with tenant_session(person.rig.ctx(person.scope), read_only=True) as session:
        assert all(row.ended_at is not None for row in await session.scalars(select(Session)))
        tokens = {row.kind: row.revoked_at is None for row in await session.scalars(select(ApiToken))}
    assert tokens == {"api": False, "scim": True}
    refused = await person.rig.sign_in(person.browser, person.scope)
    assert refused.status_code == 403
    (line,) = await person.lines("seat.switch")
    assert (line.subject_id, line.actor_kind, line.actor_name) == (person.seat, "token", "Entra")
    assert line.after == {"active": False, "sessions_ended": 1, "tokens_ended": 1}
    assert (await person.directory.patch(account, ON)).status_code == 200
    assert not await person.is_in(), "a session that has ended stays ended"
    assert (await person.rig.sign_in(person.browser, person.scope)).status_code == 303
    assert await person.is_in()


async def test_each_change_has_one_line_that_says_before_and_after_and_a_repeated_one_has_none(person: Person) -> None:
    account = await person.account()
    for _ in range(2):
        assert (await person.directory.patch(account, OFF)).json()["active"] is False
    await person.directory.send("DELETE", f"/Users/{account['id']}")
    (added,), (changed,), (removed,) = [await person.lines(f"scim_user.{one}") for one in ("add", "change", "remove")]
    told = {"name": "ozanne", "external_id": None, "employee_number": NUMBER}
    assert (added.before, added.after) == (None, told | {"active": True})
    assert (changed.before, changed.after) == (told | {"active": True}, told | {"active": False})
    assert (removed.before, removed.after) == (told | {"active": False}, None)
    assert len(await person.lines("seat.switch")) == 1


@pytest.mark.parametrize("how", ["born disabled", "deleted", "PUT", "number cleared", "number changed"])
async def test_whichever_way_the_account_closes_the_person_is_out(person: Person, how: str) -> None:
    account = None if how == "born disabled" else await person.account()
    clear = {"op": "replace", "value": {"active": False, f"{ENTERPRISE}:employeeNumber": "E-9"}}
    if account is None:
        await person.account(active=False)
    elif how == "deleted":
        assert (await person.directory.send("DELETE", f"/Users/{account['id']}")).status_code == 204
    elif how == "PUT":
        body = {"schemas": [USER], "userName": "ozanne", "active": False}
        assert (await person.directory.send("PUT", f"/Users/{account['id']}", body)).status_code == 200
    elif how == "number cleared":
        cleared = {"op": "remove", "path": f"{ENTERPRISE}:employeeNumber"}
        assert (await person.directory.patch(account, OFF, cleared)).status_code == 200
    else:
        assert (await person.directory.patch(account, clear)).status_code == 200
    assert not await person.is_in()


async def test_who_does_not_say_that_an_account_is_open_does_not_open_it(person: Person) -> None:
    account = await person.account()
    assert account["active"] is True
    await person.directory.patch(account, OFF)
    body = {"schemas": [USER, ENTERPRISE], "userName": "ozanne", ENTERPRISE: {"employeeNumber": NUMBER}}
    assert (await person.directory.send("PUT", f"/Users/{account['id']}", body)).status_code == 200
    assert (await person.directory.patch(account, {"op": "remove", "path": "active"})).status_code == 200
    assert not (await person.row()).active


async def test_a_corrected_number_of_an_open_account_shuts_nobody_out(person: Person) -> None:
    account = await person.account()
    number = {"op": "Replace", "path": f"{ENTERPRISE}:employeeNumber", "value": "E-9"}
    assert (await person.directory.patch(account, number)).status_code == 200
    assert await person.is_in()


async def test_of_two_accounts_one_that_is_open_is_enough(person: Person) -> None:
    everyday, privileged = await person.account(), await person.account("adm-ozanne")
    await person.directory.patch(privileged, OFF)
    assert await person.is_in()
    await person.directory.patch(everyday, OFF)
    assert not await person.is_in()


async def close(person: Person, session: AsyncSession, name: str) -> None:
    """Close an account as the storage does, in an open transaction."""
    ctx = person.rig.ctx(person.scope)
    await session.execute(update(ScimResource).where(ScimResource.name_key == name).values(active=False))
    await follow_directory(Work(ctx, session, ctx.today, ctx.clock.now()), NUMBER)


async def test_two_accounts_closed_at_the_same_moment_leave_nobody_in(person: Person) -> None:
    await person.account()
    await person.account("adm-ozanne")
    ctx = person.rig.ctx(person.scope)

    async def second() -> None:
        async with tenant_session(ctx) as session:
            await close(person, session, "adm-ozanne")

    async with tenant_session(ctx) as session:
        await close(person, session, "ozanne")
        other = asyncio.create_task(second())
        await go_on(ctx, other)
    await other
    assert not await person.is_in()


async def test_an_account_closed_while_the_seat_is_being_linked_shuts_it(person: Person) -> None:
    rig, scope, ctx = person.rig, person.scope, person.rig.ctx(person.scope)
    await link(rig, scope, person.seat)
    await person.account()
    linking = LinkOfficer(id=str(person.seat), employee_number=NUMBER, reason=WHY)
    async with tenant_session(ctx) as session:
        await close(person, session, "ozanne")
        other = asyncio.create_task(execute(link_officer, manager(rig, scope), linking))
        await go_on(ctx, other)
    await other
    assert not await person.is_in()


async def test_somebody_elses_account_and_an_unknown_number_change_nothing(person: Person) -> None:
    for name, number in (("other", "E-1"), ("nobody", "")):
        await person.directory.patch(await person.account(name, number), OFF)
    assert await person.is_in()
    assert await person.lines("seat.switch") == []


async def test_the_same_number_in_another_agency_is_another_person(person: Person) -> None:
    rig, elsewhere = person.rig, await person.rig.agency()
    directory = await directory_of(rig, elsewhere)
    account = await directory.add(
        "ozanne", schemas=[USER, ENTERPRISE], active=False, **{ENTERPRISE: {"employeeNumber": NUMBER}}
    )
    assert account["active"] is False
    assert await person.is_in()


async def test_whom_an_administrator_shut_out_the_directory_does_not_let_in(person: Person) -> None:
    account = await person.account()
    await person.switch(active=False)
    await person.directory.patch(account, OFF)
    await person.directory.patch(account, ON)
    assert not (await person.row()).active


async def test_whom_an_administrator_let_in_again_stays_in_until_the_directory_says_something_new(
    person: Person,
) -> None:
    account = await person.account()
    await person.directory.patch(account, OFF)
    await person.switch(active=True)
    await person.directory.patch(account, {"op": "Replace", "path": "title", "value": "Inspector"})
    assert (await person.row()).active
    await person.directory.patch(account, ON)
    await person.directory.patch(account, OFF)
    assert not (await person.row()).active


@pytest.mark.parametrize(("language", "said"), [("en", "closed in the directory"), ("fr", "fermé dans l’annuaire")])
async def test_the_persons_page_says_who_shut_them_out(person: Person, language: str, said: str) -> None:
    rig, scope = person.rig, person.scope
    await rig.seat(scope, "administrator", subject="person-2")
    rig.hostile.claims = rig.hostile.userinfo = lambda told: told.update(sub="person-2")
    administrator = rig.browser()
    assert (await rig.sign_in(administrator, scope)).status_code == 303
    account = await person.account()
    address = f"/{language}/{scope.slug}/people/{person.seat}"
    assert said not in (await administrator.get(address)).text
    await person.directory.patch(account, OFF)
    assert said in (await administrator.get(address)).text
    await person.switch(active=True)
    assert said not in (await administrator.get(address)).text


async def test_a_seat_that_is_linked_to_an_officer_later_is_as_the_directory_says(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "coordinator")
    await officer(rig, scope, NUMBER)
    person = Person(rig, scope, seat, rig.browser(), await directory_of(rig, scope))
    await rig.sign_in(person.browser, scope)
    await person.account(active=False)
    assert await person.is_in()
    ctx = manager(rig, scope)
    file = await execute(link_officer, ctx, LinkOfficer(id=str(seat), employee_number=NUMBER, reason=WHY))
    assert not file.seat.active
    assert not await person.is_in()


async def test_when_the_line_cannot_be_written_nothing_of_the_change_is_kept(
    person: Person, monkeypatch: pytest.MonkeyPatch
) -> None:
    account = await person.account()

    async def fail(*args: object, **kwargs: object) -> None:
        raise RuntimeError("the log is full")

    monkeypatch.setattr("core.use_cases.work.record", fail)
    assert (await person.directory.patch(account, OFF)).status_code == 500
    monkeypatch.undo()
    assert (await person.directory.send("GET", f"/Users/{account['id']}")).json()["active"] is True
    assert await person.is_in()
