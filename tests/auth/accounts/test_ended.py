"""A program that has ended is listed with why, and comes in again as the same one, unless it was shut out."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from sqlalchemy import select

from auth.accounts.schemas import AccountList, AccountOut, EndAccount, Made
from auth.accounts.service import add_account, end_account, list_accounts, rotate_token
from auth.leaving import end_unvouched
from auth.models import ApiToken, IdentityProvider
from auth.red_button.models import SignInStop
from auth.red_button.schemas import PressIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button
from auth.schemas import SwitchSeat
from auth.service import switch_seat
from auth.tokens import create_token
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import NotFound, Refused
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.accounts.test_programs import WHY, account, administrator, calls, rotation
from tests.auth.rig import Rig
from tests.auth.test_people import manager


@dataclass
class Office:
    """An agency whose two administrators are there; the one let a program in, the other looks after it."""

    rig: Rig
    scope: Scope
    maker: Ctx
    ctx: Ctx
    made: Made

    async def listed(self) -> AccountList:
        found: AccountList = await execute(list_accounts, self.ctx, Nothing())
        return found

    async def ended(self) -> AccountOut:
        found = await self.listed()
        assert found.accounts == []
        (one,) = found.ended
        return one

    async def shut_out(self) -> None:
        await execute(end_account, self.ctx, EndAccount(id=str(self.made.account.id), reason=WHY))


@pytest.fixture
async def office(rig: Rig) -> Office:
    scope = await rig.agency(programs="end")
    maker, other = await administrator(rig, scope, "person-2"), await administrator(rig, scope)
    return Office(rig, scope, maker, other, await execute(add_account, maker, account()))


async def by_its_day(office: Office) -> None:
    office.rig.platform.clock.advance(timedelta(days=91))


async def by_a_stop(office: Office) -> None:
    ctx = office.rig.platform.ctx(office.scope, RED_BUTTON_PRESS)
    await execute(press_red_button, ctx, PressIn(reason=WHY, understood=True))
    async with tenant_session(office.rig.ctx(office.scope)) as session:
        (stop,) = await session.scalars(select(SignInStop).where(SignInStop.scope_id == office.scope.id))
        stop.lifted_at = office.rig.platform.clock.now()
    office.rig.platform.clock.advance(timedelta(minutes=1))


async def with_its_maker(office: Office) -> None:
    out = SwitchSeat(id=str(office.maker.actor.id), active=False, reason=WHY)
    await execute(switch_seat, manager(office.rig, office.scope), out)


async def unvouched(office: Office) -> None:
    ctx = office.rig.platform.ctx(office.scope)
    async with tenant_session(ctx) as session:
        chosen = select(IdentityProvider.id).where(IdentityProvider.tenant_id == office.scope.id)
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await end_unvouched(work, office.maker.actor.id, (await session.scalars(chosen)).one())


@pytest.mark.parametrize(
    ("end", "cause"),
    [(by_its_day, "expired"), (by_a_stop, "stop"), (with_its_maker, "maker"), (unvouched, "unvouched")],
)
async def test_a_program_that_has_ended_is_told_with_why_and_comes_in_again_as_the_same(
    office: Office, end: Callable[[Office], Awaitable[None]], cause: str
) -> None:
    rig = office.rig
    assert (await office.listed()).ended == []
    await end(office)
    assert await calls(rig, office.made.text) == 401
    one = await office.ended()
    assert (one.id, one.name, one.end_cause, one.outlived) == (office.made.account.id, "Payroll export", cause, None)
    assert one.ended_at is not None
    assert one.ended_at <= rig.platform.clock.now()
    again = await execute(rotate_token, office.ctx, rotation(office.made))
    assert (again.account.id, again.account.ended_at) == (office.made.account.id, None)
    assert [await calls(rig, made.text) for made in (office.made, again)] == [401, 200]
    found = await office.listed()
    assert ([one.id for one in found.accounts], found.ended) == ([office.made.account.id], [])
    assert [len(one.tokens) for one in found.accounts] == [1]
    async with tenant_session(rig.ctx(office.scope), read_only=True) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == office.scope.id, AuditLine.action == "api_token.rotate")
        assert (await session.scalars(chosen)).one().reason == WHY


@pytest.mark.parametrize("end", [None, by_its_day, by_a_stop])
async def test_a_program_that_was_shut_out_stays_so(
    office: Office, end: Callable[[Office], Awaitable[None]] | None
) -> None:
    if end is not None:
        await end(office)
    await office.shut_out()
    one = await office.ended()
    assert one.end_cause == "shut_out"
    for attempt in (execute(rotate_token, office.ctx, rotation(office.made)), office.shut_out()):
        with pytest.raises(Refused, match="was shut out, and stays so"):
            await attempt
    assert await calls(office.rig, office.made.text) == 401


async def test_a_program_whose_newest_token_the_operator_withdrew_stays_in_by_the_other_and_is_shut_out_whole(
    office: Office,
) -> None:
    newer = await execute(rotate_token, office.ctx, rotation(office.made))
    async with tenant_session(office.rig.ctx(office.scope)) as session:
        row = await session.get_one(ApiToken, (office.scope.id, newer.account.tokens[0].id))
        row.revoked_at, row.end_cause = office.rig.platform.clock.now(), "operator"
    (one,) = (await office.listed()).accounts
    assert ([token.id for token in one.tokens], one.end_cause) == ([office.made.account.id], None)
    await office.shut_out()
    assert (await office.ended()).end_cause == "shut_out"
    assert await calls(office.rig, office.made.text) == 401


async def test_what_ended_long_ago_is_not_listed_and_gets_no_token(office: Office) -> None:
    office.rig.platform.clock.advance(timedelta(days=179))
    assert (await office.ended()).end_cause == "expired"
    office.rig.platform.clock.advance(timedelta(days=1))
    assert await office.listed() == AccountList([], [])
    with pytest.raises(NotFound):
        await execute(rotate_token, office.ctx, rotation(office.made))


async def test_while_signing_in_is_stopped_no_token_is_made_that_would_never_work(office: Office) -> None:
    ctx = office.rig.platform.ctx(office.scope, RED_BUTTON_PRESS)
    await execute(press_red_button, ctx, PressIn(reason=WHY, understood=True))
    attempts: list[Any] = [(rotate_token, rotation(office.made)), (add_account, account("Dashboard"))]
    for case, data in attempts:
        with pytest.raises(Refused, match="Signing in is stopped here"):
            await execute(case, office.ctx, data)
    assert (await office.ended()).end_cause == "stop"


async def test_another_services_ended_program_is_not_there(office: Office) -> None:
    elsewhere = await office.rig.agency()
    ctx = await administrator(office.rig, elsewhere, "person-9")
    await by_its_day(office)
    assert (await execute(list_accounts, ctx, Nothing())).ended == []
    with pytest.raises(NotFound):
        await execute(rotate_token, ctx, rotation(office.made))


async def test_the_page_says_what_has_ended_and_why_and_lets_it_in_again(office: Office) -> None:
    rig, scope = office.rig, office.scope
    async with tenant_session(rig.ctx(scope)) as session:
        await create_token(session, rig.platform.clock, scope, name="Archive", roles=["auditor"], days=200)
    (archive,) = [one for one in (await office.listed()).accounts if one.name == "Archive"]
    await execute(end_account, office.ctx, EndAccount(id=str(archive.id), reason=WHY))
    await by_its_day(office)
    await execute(add_account, office.ctx, account("Dashboard"))
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    for language, words in (
        ("en", ("Ended in the last 90 days", "it ran out", "Let it in again", "One that was shut out stays so")),
        (
            "fr",
            (
                "Terminés au cours des 90 derniers jours",
                "arrivé à échéance",
                "Redonner accès",
                "Un accès fermé le reste",
            ),
        ),
    ):
        page = unescape((await browser.get(f"/{language}/{scope.slug}/programs")).text)
        assert [one for one in words if one not in page] == []
        ended = page.split('id="ended"')[1]
        assert f"/programs/{office.made.account.id}/rotate" in ended
        assert f"/programs/{archive.id}/rotate" not in ended, "it may have ended since, but it was shut out"
    address = f"/en/{scope.slug}/programs"
    token = page.split('name="_token" value="')[-1].split('"')[0]
    sent = {"_token": token, "days": "30", "reason": WHY}
    answer = await browser.post(f"{address}/{office.made.account.id}/rotate", sent)
    assert answer.status_code == 200, answer.text
    assert "Copy it now" in answer.text
    assert sorted(one.name for one in (await office.listed()).accounts) == ["Dashboard", "Payroll export"]
