"""An officer who is selected, their way in, and everything that can happen to them meanwhile."""

from __future__ import annotations

import html
import json
import re
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import httpx2
from sqlalchemy import select, update

from auth.member.ending import MEMBER_END, list_member_access, switch_member_access
from auth.member.models import MemberAccess
from auth.member.schemas import AddPasskey, SwitchAccess
from auth.member.service import MEMBER_ENROL, add_passkey, begin_passkey, passkey_to_make, print_codes
from auth.models import IdentityProvider, Seat
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.deployments.models import Tour
from core.ids import new_id
from core.missions.calls import create_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn, MissionIn, PositionIn
from core.missions.service import add_position, create_mission
from core.nominations.models import Candidacy, Dossier, Nomination, PersonKey
from core.personnel.models import Officer
from core.returns.models import ReturnFile
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.member.authenticator import Authenticator
from tests.auth.rig import Browser, Rig
from tests.auth.test_people import link, officer


@dataclass(frozen=True)
class Entrance:
    """The page of the way in, as a browser was shown it."""

    browser: Browser
    address: str
    hidden: dict[str, str]
    options: dict[str, Any]

    async def code(self, code: str, **more: str) -> httpx2.Response:
        return await self.browser.post(f"{self.address}/code?language=en", self.hidden | {"code": code} | more)

    async def passkey(self, answer: str, **more: str) -> httpx2.Response:
        return await self.browser.post(f"{self.address}/passkey?language=en", self.hidden | {"passkey": answer} | more)


def read_entrance(browser: Browser, address: str, page: str) -> Entrance:
    """Return what the forms of an entrance hold."""
    hidden = dict(re.findall(r'<input type="hidden" name="(challenge|next)" value="([^"]*)">', page))
    (options,) = re.findall(r'data-options="([^"]*)"', page)
    return Entrance(browser, address, hidden, json.loads(html.unescape(options)))


async def approach(rig: Rig, scope: Scope, browser: Browser | None = None, query: str = "") -> Entrance:
    """Open the entrance of a service."""
    browser, address = browser or rig.browser(), f"/t/{scope.slug}/member"
    answer = await browser.get(f"{address}?language=en{query}")
    assert answer.status_code == 200, answer.text
    return read_entrance(browser, address, answer.text)


@dataclass
class Member:
    """One officer of a fresh agency, selected for a mission that nobody else goes to."""

    rig: Rig
    scope: Scope
    seat: UUID
    officer_id: UUID
    candidacy: UUID
    place: dict[str, UUID]
    tour: UUID | None = None
    codes: list[str] = field(default_factory=list)

    @property
    def ctx(self) -> Ctx:
        """The officer, signed in."""
        return self.rig.platform.ctx(
            self.scope, f"{MEMBER_ENROL}:own", roles=("member",), officer_id=self.officer_id, seat=self.seat
        )

    @property
    def today(self) -> date:
        return self.rig.ctx(self.scope).today

    async def print(self) -> list[str]:
        """Print codes."""
        self.codes = (await execute(print_codes, self.ctx, Nothing())).codes
        return self.codes

    async def begin(self) -> UUID:
        """Begin to add a passkey and return the challenge's id."""
        return (await execute(begin_passkey, self.ctx, Nothing())).id

    async def add(self, device: Authenticator, name: str = "My telephone") -> UUID:
        """Add a passkey and return its id."""
        key = str(await self.begin())
        asked = await execute(passkey_to_make, self.ctx, ById(key))
        data = AddPasskey(id=key, name=name, passkey=device.make(asked.options))
        return (await execute(add_passkey, self.ctx, data)).passkeys[-1].id

    async def enters(self, code: str | None = None) -> bool:
        """Try a code that was not used yet, and say whether it let the officer in."""
        door = await approach(self.rig, self.scope)
        answer = await door.code(code or self.codes.pop())
        assert answer.status_code in {303, 403}
        if answer.status_code == 303:
            inside = await door.browser.get(f"/en/{self.scope.slug}/my/access")
            assert inside.status_code == 200, inside.text
        return answer.status_code == 303

    async def switch(self, *, opened: bool) -> None:
        """Let a named person end the access, or allow it again."""
        ctx = self.rig.platform.ctx(self.scope, MEMBER_END, name="Privacy Officer")
        (access,) = (await execute(list_member_access, ctx, Nothing())).accesses
        data = SwitchAccess(id=str(access.id), open=opened, reason="It was asked for in writing.")
        await execute(switch_member_access, ctx, data)

    async def set_officer(self, **values: Any) -> None:
        """Write the officer's file as HR's loading does."""
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            await session.execute(update(Officer).where(Officer.id == self.officer_id).values(**values))

    async def set_seat(self, **values: Any) -> None:
        """Write the seat as the directory, or an administrator, does."""
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            await session.execute(update(Seat).where(Seat.id == self.seat).values(**values))

    async def switch_provider(self, *, active: bool) -> None:
        """Take the service's provider away, or bring it back."""
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            await session.execute(update(IdentityProvider).values(state="enforced" if active else "off"))

    async def set_candidacy(self, state: str) -> None:
        """Let IPOB move the candidacy."""
        async with tenant_session(self.rig.ctx(self.rig.platform.program)) as session:
            await session.execute(update(Candidacy).where(Candidacy.id == self.candidacy).values(state=state))

    async def set_tour(self, state: str, **values: Any) -> None:
        """Let IPOB plan the tour, or move it."""
        clock = self.rig.platform.clock
        async with tenant_session(self.rig.ctx(self.rig.platform.program)) as session:
            if self.tour is None:
                self.tour = new_id(clock)
                row = Tour(
                    tenant_id=self.scope.id, id=self.tour, candidacy_id=self.candidacy, person_id=self.place["person"],
                    program_id=self.place["program"], mission_id=self.place["mission"],
                    position_id=self.place["position"], state=state, starts_on=self.today,
                    ends_on=self.today + timedelta(days=365), created_at=clock.now(),
                )  # fmt: skip
                session.add(row)
                await session.flush()
            await session.execute(update(Tour).where(Tour.id == self.tour).values(state=state, **values))

    async def set_return(self, state: str, closed_on: date | None = None) -> None:
        """Open the return file, move it, or close it."""
        clock = self.rig.platform.clock
        async with tenant_session(self.rig.ctx(self.scope)) as session:
            row = await session.scalar(select(ReturnFile).where(ReturnFile.tour_id == self.tour))
            if row is None:
                row = ReturnFile(
                    tenant_id=self.scope.id, id=new_id(clock), tour_id=self.tour, officer_id=self.officer_id,
                    plan="complete", opened_on=self.today, tour_ends_on=self.today, created_at=clock.now(),
                )  # fmt: skip
                session.add(row)
            row.state, row.closed_on = state, closed_on

    async def lines(self, action: str) -> list[AuditLine]:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            chosen = select(AuditLine).where(AuditLine.tenant_id == self.scope.id, AuditLine.action == action)
            return list(await session.scalars(chosen.order_by(AuditLine.id)))

    async def refusals(self) -> list[str]:
        """Return why the log says that somebody was refused."""
        return [line.after["why"] for line in await self.lines("member_access.refused") if line.after]

    async def row(self) -> MemberAccess:
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            return (await session.scalars(select(MemberAccess).where(MemberAccess.seat_id == self.seat))).one()


async def selected(rig: Rig, scope: Scope | None = None, *, subject: str = "person-1", number: str = "E-1") -> Member:
    """Return an officer who is selected, with a seat that the provider's ``subject`` sits in."""
    scope, clock = scope or await rig.agency(), rig.platform.clock
    seat = await rig.seat(scope, "member", subject=subject)
    officer_id = await officer(rig, scope, number)
    await link(rig, scope, seat, officer_id)
    place = await _place(rig)
    person, candidacy = new_id(clock), new_id(clock)
    at = {"tenant_id": scope.id, "created_at": clock.now()}
    going = {
        "program_id": place["program"], "mission_id": place["mission"], "position_id": place["position"],
        "call_id": place["call"], "person_id": person,
    }  # fmt: skip
    async with tenant_session(rig.ctx(scope)) as session:
        session.add(PersonKey(tenant_id=scope.id, id=person, officer_id=officer_id))
        nomination = Nomination(
            **at, **going, id=candidacy, number=f"N-{number}", state="nominated", submitted_at=clock.now()
        )
        session.add(nomination)
        await session.flush()
        session.add(Dossier(**at, id=candidacy, officer_id=officer_id))
    async with tenant_session(rig.ctx(rig.platform.program)) as session:
        session.add(Candidacy(**at, **going, id=candidacy, state="selected"))
    return Member(rig, scope, seat, officer_id, candidacy, place | {"person": person})


async def _place(rig: Rig) -> dict[str, UUID]:
    """Return a mission of IPOB's with a position and a call."""
    ctx, acronym = rig.platform.ctx(rig.platform.program, "mission.write", "call.write"), uuid4().hex[:12].upper()
    mission = await execute(
        create_mission,
        ctx,
        MissionIn(
            acronym_en=acronym, acronym_fr=acronym, name_en="Mission of one test", name_fr="Mission d’un essai",
            organization="UN", country="HT", seat="Nowhere", latitude=1.0, longitude=1.0, starts_on=date(2021, 1, 1),
        ),
    )  # fmt: skip
    position = await execute(add_position, ctx, PositionIn(id=str(mission.id), title_en="Adviser", title_fr="Conseil"))
    closes, starts = ctx.today + timedelta(days=30), ctx.today + timedelta(days=120)
    call = await execute(create_call, ctx, CallIn(mission_id=str(mission.id), closes_on=closes, tour_starts_on=starts))
    await execute(offer_position, ctx, CallPositionIn(id=str(call.id), position_id=str(position.id)))
    return {
        "program": rig.platform.program.id, "mission": mission.id, "position": position.id, "call": call.id,
    }  # fmt: skip
