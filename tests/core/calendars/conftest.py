"""A service and IPOB with officers on their way, an application that anybody may ask, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from secrets import token_hex
from typing import Any, NamedTuple
from uuid import UUID

import httpx
import msgspec
import pytest
from icalendar import Calendar
from litestar import Litestar
from sqlalchemy import delete, update

from auth.models import RoleGrant, Seat
from contingent.assembly import ALL_ROOMS
from core.app import create_app
from core.calendars.schemas import MadeAddress, MissionAddressIn, OwnAddressIn
from core.calendars.service import make_mission_address, make_own_address
from core.context import Ctx
from core.database.sessions import tenant_session
from core.ids import new_id
from core.nominations.models import Dossier
from core.use_cases.execution import execute
from tests.way import AGENCY, World, make_world


@dataclass
class Desk:
    """Where addresses are made and fetched."""

    world: World
    app: Litestar

    def client(self) -> httpx.AsyncClient:
        """Return what fetches calendars; each from an address of its own, for failures are counted by it."""
        transport = httpx.ASGITransport(app=self.app, client=(token_hex(8), 1))  # type: ignore[arg-type]
        return httpx.AsyncClient(transport=transport, base_url=self.world.cast.assembly.settings.address)

    async def fetch(self, url: str, method: str = "GET", **headers: str) -> httpx.Response:
        """Ask for a calendar as a program does."""
        async with self.client() as client:
            return await client.request(method, url, headers={k.replace("_", "-"): v for k, v in headers.items()})

    async def entries(self, made: MadeAddress) -> list[Seen]:
        """Return the entries that are found at an address."""
        answer = await self.fetch(made.url)
        assert answer.status_code == 200, answer.text
        return events(answer.content)

    async def member(self, officer_id: UUID) -> Ctx:
        """Return an officer of the service with a seat of their own."""
        cast = self.world.cast
        ctx = await cast.member_ctx(AGENCY, officer_id)
        await self.sit(ctx, "member", officer_id)
        return await cast.member_ctx(AGENCY, officer_id)

    async def newcomer(self, role: str, slug: str = AGENCY) -> Ctx:
        """Return somebody new in a role, whose seat no other test needs."""
        ctx = await self.world.cast.ctx(slug, role)
        seat = await self.sit(ctx, role)
        return ctx.acting_as(msgspec.structs.replace(ctx.actor, id=seat))

    async def sit(self, ctx: Ctx, role: str, officer_id: UUID | None = None) -> UUID:
        """Return a new seat in the scope, with ``role``."""
        seat = new_id(ctx.clock)
        key = {"tenant_id": ctx.scope.id, "created_at": ctx.clock.now()}
        async with tenant_session(ctx) as session:
            session.add(Seat(**key, id=seat, name=ctx.actor.name, language="fr", officer_id=officer_id))
            await session.flush()
            given = {"origin": "manual", "starts_on": date(2026, 1, 1), "reason": "a test", "granted_by": seat}
            session.add(RoleGrant(**key, **given, id=new_id(ctx.clock), role=role, seat_id=seat))
        return seat

    def officer(self) -> UUID:
        """Return a fresh officer, who has no dates yet."""
        return self.world.officers.pop()

    async def officer_at(self, stage: str, **more: Any) -> tuple[UUID, UUID | None]:
        """Take a fresh officer as far as ``stage`` and return who it is, and their tour."""
        there = await self.world.at(stage, **more)
        ctx = await self.world.ctx("coordinator")
        async with tenant_session(ctx, read_only=True) as session:
            dossier = await session.get_one(Dossier, (ctx.scope.id, there.nomination))
        return dossier.officer_id, there.tour

    async def own(self, ctx: Ctx, language: str = "en") -> MadeAddress:
        """Make an address for somebody's own dates."""
        return await execute(make_own_address, ctx, OwnAddressIn(label="Telephone", language=_known(language)))

    async def of_mission(self, ctx: Ctx, language: str = "en", mission: UUID | None = None) -> MadeAddress:
        """Make an address for the mission's dates."""
        asked = MissionAddressIn(
            mission_id=str(mission or self.world.mission), label="Wall calendar", language=_known(language)
        )
        return await execute(make_mission_address, ctx, asked)

    async def set_seat(self, ctx: Ctx, **values: Any) -> None:
        """Change the seat of whoever acts."""
        async with tenant_session(ctx) as session:
            mine = update(Seat).where(Seat.tenant_id == ctx.scope.id, Seat.id == ctx.actor.id)
            await session.execute(mine.values(**values))

    async def take_roles(self, ctx: Ctx) -> None:
        """Take every role from whoever acts."""
        async with tenant_session(ctx) as session:
            mine = delete(RoleGrant).where(RoleGrant.tenant_id == ctx.scope.id, RoleGrant.seat_id == ctx.actor.id)
            await session.execute(mine)


def _known(language: str) -> Any:
    return language


class Seen(NamedTuple):
    """An entry as a calendar reads it."""

    uid: str
    summary: str
    first: date
    after: date
    status: str
    transparency: str
    url: str
    sequence: int
    stamp: datetime
    modified: datetime
    categories: list[str]
    kinds_of_day: set[str]


def events(text: str | bytes) -> list[Seen]:
    """Return the entries of a calendar, which has to be without a fault."""
    read: Any = Calendar.from_ical(text)
    found: list[Any] = read.walk("VEVENT")
    assert [one.errors for one in (read, *found) if one.errors] == []
    return [
        Seen(
            uid=str(one["UID"]),
            summary=str(one["SUMMARY"]),
            first=one["DTSTART"].dt,
            after=one["DTEND"].dt,
            status=str(one["STATUS"]),
            transparency=str(one["TRANSP"]),
            url=str(one["URL"]),
            sequence=int(one["SEQUENCE"]),
            stamp=one["DTSTAMP"].dt,
            modified=one["LAST-MODIFIED"].dt,
            categories=[str(word) for word in one["CATEGORIES"].cats],
            kinds_of_day={one[name].params["VALUE"] for name in ("DTSTART", "DTEND")},
        )
        for one in found
    ]


def kinds(found: list[Seen]) -> list[str]:
    """Return what entries are called, without the mission and what stands in brackets."""
    return sorted(one.summary.partition(": ")[2].partition(" (")[0] for one in found)


@pytest.fixture(scope="session")
async def desk(world: World) -> Desk:
    """The application over the tests' services; its mission is one that no other test counts in."""
    assembly = world.cast.assembly
    app = create_app(
        assembly.settings,
        assembly.database,
        clock=assembly.clock,
        callers=assembly.parts.callers,
        people=assembly.parts.people,
        wire=assembly.wire,
        rooms=ALL_ROOMS,
        handlers=assembly.parts.handlers,
    )
    own = await make_world(world.cast, "UNCAL", "ONUCAL", officers=[world.officers.pop() for _ in range(60)])
    return Desk(own, app)
