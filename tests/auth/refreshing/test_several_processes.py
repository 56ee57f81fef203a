"""One token, several processes: one alone asks with it, and one that dies costs the session, no more."""

from __future__ import annotations

import asyncio
import json
import signal
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path

import httpx2
import pytest

from auth.people import ThePeople
from auth.refresh_grants import EVERY, LEASE
from auth.refreshing import Refreshing
from auth.relying_party.party import RelyingParty
from core.context import Scope
from core.database.engines import Database
from tests.auth.hostile import CLIENT, Hostile
from tests.auth.refreshing.asked import grants, is_in
from tests.auth.refreshing.served import served
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig
from tests.contingent.processes import Running

SESSIONS = 12
PATIENCE = 60.0


@pytest.fixture
async def provider(rig: Rig) -> AsyncIterator[Hostile]:
    """A provider that every process reaches; the application of this one asks it, too."""
    async with served(rig.platform.clock) as hostile:
        rig.hostile = hostile
        party = RelyingParty(rig.platform.clock, loopback=True)
        rig.parts.sign_ins.party = rig.parts.refreshing.party = party
        yield hostile
        await party.close()


async def registered(rig: Rig, provider: Hostile) -> Scope:
    scope = await rig.agency(issuer=provider.issuer, client_id=CLIENT, refresh="given")
    await rig.seat(scope, issuer=provider.issuer)
    return scope


def asking(rig: Rig, scope: Scope, folder: Path) -> Running:
    """Return a process that has begun to ask about the scope's sessions."""
    target, settings = rig.platform.database.target, rig.platform.database.settings
    told = {"host": target.host, "port": target.port, "database": target.database, "scope": str(scope.id)}
    told |= {"folder": str(settings.data_folder), "now": rig.platform.clock.now().isoformat()}
    other = Running(folder)
    other("-m", "tests.auth.refreshing.other_process", json.dumps(told))
    return other


async def test_of_processes_that_ask_at_the_same_moment_one_asks_about_each_session(
    rig: Rig, provider: Hostile
) -> None:
    scope = await registered(rig, provider)
    browsers = []
    for _ in range(SESSIONS):
        start = await rig.begin(browser := rig.browser(), scope)
        assert (await rig.finish(browser, scope, start, iss=provider.issuer)).status_code == 303
        browsers.append(browser)

    clock = rig.platform.clock
    databases = [Database(rig.platform.database.target, rig.platform.database.settings) for _ in range(2)]
    parties = [RelyingParty(clock, loopback=True) for _ in range(4)]
    try:
        for turn in range(1, 4):
            clock.advance(EVERY)
            asked = await asyncio.gather(
                *(
                    Refreshing(party, ThePeople(clock)).run(databases[number % 2], clock, only={scope.id})
                    for number, party in enumerate(parties)
                )
            )
            assert sum(asked) == SESSIONS
            assert provider.refreshed == turn * SESSIONS
            assert [row.leased_until for row in await grants(rig, scope)] == [None] * SESSIONS
    finally:
        await asyncio.gather(*(one.close() for one in databases), *(one.close() for one in parties))
    assert all([await is_in(browser, scope) for browser in browsers])
    assert await lines(rig, scope, "session.end") == []


async def test_a_process_that_is_killed_between_asking_and_storing_costs_the_session_and_leaves_a_line(
    rig: Rig, provider: Hostile, tmp_path: Path
) -> None:
    scope = await registered(rig, provider)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope, iss=provider.issuer)).status_code == 303
    clock = rig.platform.clock
    clock.advance(EVERY)
    asked, never = asyncio.Event(), asyncio.Event()

    async def answer() -> httpx2.Response:
        provider.next_token(0)
        asked.set()
        await never.wait()
        raise ConnectionResetError

    provider.answers["/token"] = answer
    other = asking(rig, scope, tmp_path)
    try:
        async with asyncio.timeout(PATIENCE):
            await asked.wait()
        assert await asyncio.to_thread(other.stop, signal.SIGKILL) == -signal.SIGKILL
    finally:
        other.end()
        never.set()
    del provider.answers["/token"]
    assert await is_in(browser, scope)
    assert await rig.parts.refreshing.run(rig.platform.database, clock, only={scope.id}) == 0, "it is leased"
    clock.advance(LEASE + timedelta(seconds=1))
    assert await rig.parts.refreshing.run(rig.platform.database, clock, only={scope.id}) == 1
    assert not await is_in(browser, scope)
    assert await grants(rig, scope) == []
    (line,) = await lines(rig, scope, "session.end")
    assert (line["cause"], line["detail"]) == ("refresh", "'invalid_grant'")


async def test_a_process_of_its_own_asks_and_the_session_goes_on(rig: Rig, provider: Hostile, tmp_path: Path) -> None:
    scope = await registered(rig, provider)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope, iss=provider.issuer)).status_code == 303
    clock = rig.platform.clock
    clock.advance(EVERY)
    other = asking(rig, scope, tmp_path)
    try:
        assert await asyncio.to_thread(other.wait) == 0, other.output
    finally:
        other.end()
    assert other.output == "1 asked\n"
    (row,) = await grants(rig, scope)
    assert (row.generation, row.leased_until) == (2, None)
    assert await is_in(browser, scope)
