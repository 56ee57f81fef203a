"""Rights shrink without a sign-in: by each cause, each thing that hung on them is gone within a minute of the clock.

What stays is in the table, too: somebody on leave comes in and decides nothing, and the programs of a service do
not end because somebody has signed out at their provider, unless the service wants it so.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

import httpx2
import pytest
from sqlalchemy import func, select

from auth.linking.directory import link_seat_account
from auth.linking.schemas import SeatAccount
from auth.models import RefreshGrant, Session
from auth.plugin import ROOMS
from auth.refresh_grants import EVERY
from auth.schemas import SwitchSeat
from auth.service import switch_seat
from auth.tokens import create_token
from core.app import ROOMS as CORE
from core.approvals.chain import Chain, open_case
from core.approvals.models import ApprovalDecision
from core.approvals.subjects import SUBJECTS
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.events.worker import drain
from core.hooks.host import PluginHost
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.cases.faulty_refreshes import saying
from tests.auth.hr import enter, load
from tests.auth.relying_party.kept import change_provider
from tests.auth.rig import Browser, Rig, make_rig
from tests.auth.scim.directory import ENTERPRISE, USER, directory_of
from tests.auth.test_backchannel import honest, send, signed
from tests.auth.test_people import WHY, link, manager, officer
from tests.core.approvals.bench import Toy, step
from tests.platform import found

NUMBER = "E-4711"
LIMIT = 60
"""Seconds after the cause within which what hung on it is gone."""


Cause = Callable[["Person"], Awaitable[None]]


@dataclass
class Person:
    """An approver who is signed in, with a case before them, and a program that they let in."""

    rig: Rig
    scope: Scope
    seat: UUID
    officer: UUID
    browser: Browser
    case: UUID
    token: str

    def wiring(self, scope: Scope, actor: Actor, request_id: str) -> Ctx:
        return self.rig.platform.host.bind(
            Ctx(
                scope=scope,
                actor=actor,
                clock=self.rig.platform.clock,
                request_id=request_id,
                database=self.rig.platform.database,
                people=self.rig.parts.people,
            )
        )

    async def wait_a_second(self) -> None:
        """Let a second pass, in which workers do what they do."""
        platform = self.rig.platform
        platform.clock.advance(timedelta(seconds=1))
        await drain(platform.database, self.wiring, platform.clock, only={self.scope.id})
        await self.rig.parts.refreshing.run(platform.database, platform.clock, only={self.scope.id})

    async def count(self, chosen: Any) -> int:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            return int(await session.scalar(chosen) or 0)


async def by_a_clerk(person: Person) -> None:
    await enter(person.rig, person.scope, person.officer, "left")


async def by_a_load(person: Person) -> None:
    await load(person.rig, person.scope, NUMBER, "suspended")


async def by_leave(person: Person) -> None:
    await enter(person.rig, person.scope, person.officer, "leave")


async def by_the_directory(person: Person) -> None:
    directory = await directory_of(person.rig, person.scope)
    enterprise = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"employeeNumber": NUMBER}}
    account = await directory.add("ozanne", **enterprise)
    closed = await directory.patch(account, {"op": "Replace", "path": "active", "value": "False"})
    assert closed.status_code == 200


async def by_the_directory_without_a_file(person: Person) -> None:
    """Close the account of somebody whom an administrator linked to it: no number tells whose it is."""
    await link(person.rig, person.scope, person.seat)
    directory = await directory_of(person.rig, person.scope)
    account = await directory.add("clerk")
    data = SeatAccount(id=account["id"], seat_id=str(person.seat), reason=WHY)
    await execute(link_seat_account, manager(person.rig, person.scope), data)
    assert await session(person)
    closed = await directory.patch(account, {"op": "Replace", "path": "active", "value": "False"})
    assert closed.status_code == 200


async def by_an_administrator(person: Person) -> None:
    data = SwitchSeat(id=str(person.seat), active=False, reason=WHY)
    await execute(switch_seat, manager(person.rig, person.scope), data)


async def by_back_channel(person: Person) -> None:
    assert (await send(person.rig, person.scope, signed(person.rig, honest(person.rig)))).status_code == 200


async def by_a_refresh(person: Person) -> None:
    saying("invalid_grant")(person.rig.hostile)


def where_programs_end(cause: Cause) -> Cause:
    """Return the cause in an agency that wants programs to end with it."""

    async def happens(person: Person) -> None:
        await change_provider(person.rig, person.scope, programs="end")
        await cause(person)

    return happens


async def session(person: Person) -> bool:
    answer: httpx2.Response = await person.browser.get(f"/en/{person.scope.slug}/session")
    return answer.status_code == 200


async def provider_tokens(person: Person) -> bool:
    id_tokens = select(func.count()).where(Session.seat_id == person.seat, Session.id_token_sealed.is_not(None))
    refresh_tokens = select(func.count()).select_from(RefreshGrant).where(RefreshGrant.tenant_id == person.scope.id)
    return await person.count(id_tokens) + await person.count(refresh_tokens) > 0


async def api_token(person: Person) -> bool:
    answer = await person.rig.browser().get("/api/v1/seats", authorization=f"Bearer {person.token}")
    assert answer.status_code in {200, 401}
    return answer.status_code == 200


def address(person: Person) -> str:
    return f"/en/{person.scope.slug}/approvals/{person.case}"


async def authority(person: Person) -> bool:
    page = await person.browser.get(address(person))
    return f"/approvals/{person.case}/decision" in page.text


Thing = Callable[[Person], Awaitable[bool]]
ALL: tuple[Thing, ...] = (session, provider_tokens, api_token, authority)
OF_THE_SESSION: tuple[Thing, ...] = (session, provider_tokens, authority)
TABLE: dict[str, tuple[Cause, tuple[Thing, ...]]] = {
    "HR: a clerk enters that they have left": (by_a_clerk, ALL),
    "HR: a load says that they are suspended": (by_a_load, ALL),
    "HR: on leave": (by_leave, (authority,)),
    "SCIM: active is false": (by_the_directory, ALL),
    "SCIM: active is false, of somebody without an officer file": (by_the_directory_without_a_file, ALL),
    "an administrator shuts them out": (by_an_administrator, ALL),
    "back-channel logout": (by_back_channel, OF_THE_SESSION),
    "back-channel logout, where programs end with it": (where_programs_end(by_back_channel), ALL),
    "the provider refuses a refresh": (by_a_refresh, OF_THE_SESSION),
    "the provider refuses a refresh, where programs end with it": (where_programs_end(by_a_refresh), ALL),
}


@pytest.fixture(scope="module")
async def whole(database: Database, host: PluginHost) -> Rig:
    rig = make_rig(await found(database, host), rooms=(*CORE, *ROOMS))
    rig.stand_apart()
    return rig


@pytest.fixture
async def person(whole: Rig) -> AsyncIterator[Person]:
    rig, platform = whole, whole.platform
    rig.renew()
    scope = await rig.agency(refresh="given")
    seat = await rig.seat(scope, "approver", "member")
    owner = await officer(rig, scope, NUMBER)
    await link(rig, scope, seat, owner)
    ctx = platform.ctx(scope, "approval.open", "approval.decide")
    kind = f"toy-{scope.slug}"
    SUBJECTS[kind] = Toy()
    async with tenant_session(ctx) as opened:
        work = Work(ctx, opened, ctx.today, ctx.clock.now(), decided=Chain(plugin="toy", steps=(step("chief"),)))
        case = await open_case(
            work,
            work.decided,
            kind="nomination",
            subject=(kind, work.new_id()),
            number="NOM-1",
            title="Somebody → MISSION",
            link="/x",
            concerns=None,
        )
        _, token = await create_token(opened, ctx.clock, scope, name="own", roles=["auditor"], days=9, created_by=seat)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    platform.clock.advance(EVERY - timedelta(seconds=1))
    yield Person(rig, scope, seat, owner, browser, case.id, token)
    del SUBJECTS[kind]


async def decide(person: Person, page: str) -> tuple[int, int]:
    """Send the form that was on ``page``; return the status, and how many decisions there are then."""
    token = page.rsplit('name="_token" value="', maxsplit=1)[-1].split('"', maxsplit=1)[0]
    answer = await person.browser.post(f"{address(person)}/decision", {"_token": token, "verdict": "approve"})
    decided = select(func.count()).select_from(ApprovalDecision).where(ApprovalDecision.case_id == person.case)
    return answer.status_code, await person.count(decided)


@pytest.mark.parametrize("name", TABLE)
async def test_within_a_minute(person: Person, name: str) -> None:
    cause, gone = TABLE[name]
    page = (await person.browser.get(address(person))).text
    assert [await thing(person) for thing in ALL] == [True] * len(ALL)
    await cause(person)
    for _ in range(LIMIT):
        if not [thing for thing in gone if await thing(person)]:
            break
        await person.wait_a_second()
    stays = [thing for thing in ALL if thing not in gone]
    assert [thing for thing in ALL if await thing(person)] == stays
    status, decided = await decide(person, page)
    assert (status in {303, 403, 409, 422}, decided) == (True, 0)
    for _ in range(LIMIT):
        await person.wait_a_second()
    assert [thing for thing in ALL if await thing(person)] == stays


async def test_without_a_cause_they_decide(person: Person) -> None:
    page = (await person.browser.get(address(person))).text
    await person.wait_a_second()
    assert await decide(person, page) == (303, 1)
