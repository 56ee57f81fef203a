"""The whole way over real connections: application on localhost, provider on 127.0.0.1, as in the demonstration."""

from __future__ import annotations

import asyncio
import re
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from uuid import UUID

import httpx2
import pytest
import uvicorn
from sqlalchemy import select

from auth.models import IdentityProvider, RoleGrant, Seat
from auth.parts import make_parts
from auth.plugin import ROOMS
from auth.secrets import session_cookie
from contingent.demo.issuers import places
from contingent.demo.personas import personas_for
from contingent.demo.provider import beside, make_provider
from contingent.demo.seats import link_officers, seat_id, seat_people
from core.app import create_app
from core.clock import ManualClock
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.settings import Settings
from tests.platform import NOW, Platform

pytestmark = pytest.mark.http


@dataclass
class Running:
    """A server that listens, and its settings."""

    settings: Settings
    platform: Platform

    @property
    def address(self) -> str:
        return self.settings.address


@asynccontextmanager
async def listening(platform: Platform) -> AsyncIterator[Running]:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = replace(Settings(demonstration=True), port=port)
    # The day that all tests live in: roles given on another would not have begun yet for those who come after.
    clock = ManualClock(NOW)
    parts = make_parts(settings, clock)
    app = create_app(
        settings,
        platform.database,
        clock=clock,
        callers=parts.callers,
        people=parts.people,
        rooms=ROOMS,
        handlers=parts.handlers,
        lifespan=[parts.lifespan],
    )
    whole = beside(app, make_provider(settings, clock))
    server = uvicorn.Server(uvicorn.Config(whole, host="127.0.0.1", port=port, log_level="error", lifespan="on"))
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0)
    try:
        yield Running(settings, platform)
    finally:
        server.should_exit = True
        await serving


async def test_a_persona_signs_in_reads_a_page_and_signs_out(platform: Platform) -> None:
    async with listening(platform) as running:
        where = places(running.settings)
        await seat_people(platform.database, where, ManualClock(NOW), platform.program)
        async with httpx2.AsyncClient(trust_env=False) as client:
            asked = await client.get(f"{running.address}/fr/ipob/session")
            start = await client.get(f"{running.address}{asked.headers['location']}")
            authorize = start.headers["location"]
            assert authorize.startswith(f"{where.providers}/idp/ca-rcmp/authorize?")
            assert "Qui voulez-vous être" in (await client.get(authorize)).text
            chosen = await client.post(authorize, data={"person": "ipob.planner"})
            cookie = cookie_of(start, "__Host-sign-in")
            back = await client.get(chosen.headers["location"], headers={"Cookie": f"__Host-sign-in={cookie}"})
            assert back.headers["location"] == "/fr/ipob/session"
            seat = {"Cookie": f"{session_cookie('ipob')}={cookie_of(back, session_cookie('ipob'))}"}
            page = await client.get(f"{running.address}/fr/ipob/session", headers=seat)
            planner = next(one for one in personas_for("ipob") if one.key == "planner")
            assert planner.name in page.text
            token = re.findall(r'name="_token" value="([^"]+)', page.text)[-1]
            out = f"{running.address}/t/ipob/auth/logout?language=fr"
            left = await client.post(out, data={"_token": token}, headers=seat)
            assert left.headers["location"].startswith(f"{where.providers}/idp/ca-rcmp/end-session?")
            home = await client.get(left.headers["location"])
            assert home.headers["location"] == f"{running.address}/fr/"
            again = await client.get(f"{running.address}/fr/ipob/session", headers=seat)
            assert again.status_code == 303


def cookie_of(response: httpx2.Response, name: str) -> str:
    found = re.search(rf"{re.escape(name)}=([^;]+)", "; ".join(response.headers.get_list("set-cookie")))
    assert found is not None
    return found[1]


async def test_seating_twice_changes_nothing(platform: Platform) -> None:
    where = places(Settings(demonstration=True))
    # The day that all tests live in: roles given on another would not have begun yet for those who come after.
    clock = ManualClock(NOW)
    await seat_people(platform.database, where, clock, platform.program)
    before = await counted(platform)
    assert await seat_people(platform.database, where, clock, platform.program) == 0
    assert await counted(platform) == before
    assert await link_officers(platform.database, clock, await platform.agency()) == 0


def context(platform: Platform) -> Ctx:
    nobody = Actor(id=UUID(int=0), name="test", kind="system")
    return Ctx(scope=platform.program, actor=nobody, clock=platform.clock, database=platform.database)


async def counted(platform: Platform) -> tuple[set[UUID], int]:
    async with tenant_session(context(platform), read_only=True) as session:
        seats = set(await session.scalars(select(Seat.id).where(Seat.tenant_id == platform.program.id)))
        grants = list(await session.scalars(select(RoleGrant.id).where(RoleGrant.tenant_id == platform.program.id)))
    assert {seat_id(platform.program, persona) for persona in personas_for("ipob")} <= seats
    return seats, len(grants)


async def test_another_port_is_another_provider_for_the_same_people(platform: Platform) -> None:
    # The day that all tests live in: roles given on another would not have begun yet for those who come after.
    clock = ManualClock(NOW)
    for port in (8000, 8123, 8000):
        where = places(Settings(demonstration=True, port=port))
        await seat_people(platform.database, where, clock, platform.program)
        async with tenant_session(context(platform), read_only=True) as session:
            issuers = select(IdentityProvider.issuer).where(IdentityProvider.tenant_id == platform.program.id)
            assert list(await session.scalars(issuers)) == [f"http://127.0.0.1:{port}/idp/ca-rcmp"]
