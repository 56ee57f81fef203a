"""Logouts that come while something else is under way: keys of another service, deadlocks, a process that dies."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import httpx2
import pytest
from sqlalchemy import select

from auth import backchannel
from auth.models import Session
from auth.refresh_grants import EVERY
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.hostile import ISSUER, sets
from tests.auth.red_button.scene import press
from tests.auth.refreshing.asked import ask
from tests.auth.relying_party.kept import change_provider, lines
from tests.auth.rig import Rig
from tests.auth.test_backchannel import OTHER_KEY, come, honest, is_in, send, signed
from tests.auth.test_unvouched import let_in, let_in_still
from tests.standing_still import go_on

OTHER_KEYS = "/keys-of-another"


@pytest.fixture(autouse=True)
def _apart(rig: Rig) -> None:
    rig.stand_apart()


async def held_sessions(rig: Rig, scope: Scope, session: Any) -> None:
    await session.execute(select(Session.id).where(Session.tenant_id == scope.id).with_for_update())


@pytest.mark.parametrize("programs", ["end", "go_on"])
async def test_a_logout_and_a_sign_in_of_one_person_do_not_wait_for_each_other(rig: Rig, programs: str) -> None:
    scope = await rig.agency(programs=programs)
    await let_in(rig, scope, await rig.seat(scope), "Roster")
    await come(rig, scope)
    browser = rig.browser()
    sent = await rig.begin(browser, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    async with tenant_session(rig.ctx(scope)) as session:
        await held_sessions(rig, scope, session)
        leaving = asyncio.create_task(send(rig, scope, signed(rig, honest(rig))))
        await go_on(rig.ctx(scope), leaving)
        coming = asyncio.create_task(rig.finish(browser, scope, sent))
        await go_on(rig.ctx(scope), leaving, coming)
    assert (await leaving).status_code == 200
    assert (await coming).status_code == 403
    assert len(await let_in_still(rig, scope)) == (0 if programs == "end" else 1)


async def test_a_logout_and_an_asking_again_about_one_session_do_not_wait_for_each_other(rig: Rig) -> None:
    scope = await rig.agency(programs="end", refresh="given")
    await let_in(rig, scope, await rig.seat(scope), "Roster")
    await come(rig, scope)
    rig.platform.clock.advance(EVERY)
    async with tenant_session(rig.ctx(scope)) as session:
        await held_sessions(rig, scope, session)
        leaving = asyncio.create_task(send(rig, scope, signed(rig, honest(rig))))
        await go_on(rig.ctx(scope), leaving)
        asking = asyncio.create_task(ask(rig, scope, after=timedelta()))
        await go_on(rig.ctx(scope), leaving, asking)
    assert (await leaving).status_code == 200
    assert await asking == 1
    assert await let_in_still(rig, scope) == []


async def test_only_keys_that_each_service_has_from_the_issuer_end_its_sessions(rig: Rig) -> None:
    """Whoever sets up a service says which keys count there: another service's sessions do not end by them."""
    scope, other = await rig.agency(), await rig.agency()
    await rig.seat(other)
    theirs = await come(rig, other)
    await change_provider(rig, scope, document=rig.hostile.metadata_told() | {"jwks_uri": ISSUER + OTHER_KEYS})
    rig.hostile.answers[OTHER_KEYS] = lambda: httpx2.Response(200, json={"keys": [OTHER_KEY.as_dict(private=False)]})
    forged = signed(rig, honest(rig), {"kid": OTHER_KEY.kid}, OTHER_KEY)
    assert (await send(rig, scope, forged)).status_code == 200
    assert await is_in(theirs, other)
    assert await lines(rig, other, "session.end") == []
    await change_provider(rig, scope, state="off")


async def test_a_logout_that_was_cut_off_is_taken_when_it_comes_again(
    rig: Rig, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope, other = await rig.agency(), await rig.agency()
    await rig.seat(scope)
    await rig.seat(other)
    here, there = await come(rig, scope), await come(rig, other)
    token = signed(rig, honest(rig))
    with monkeypatch.context() as patched:
        patched.setattr(backchannel, "end_session", cut_off)
        assert (await send(rig, scope, token)).status_code == 500
    assert (await send(rig, scope, token)).status_code == 200
    assert (await is_in(here, scope), await is_in(there, other)) == (False, False)
    assert (await send(rig, scope, token)).status_code == 400


async def cut_off(*args: object) -> None:
    raise ConnectionError


async def test_a_first_sign_in_that_ended_at_the_provider_meanwhile_opens_nothing(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency(just_in_time=True)
    rig.hostile.claims, rig.hostile.userinfo = sets(sid="session-1"), sets()
    browser = rig.browser()
    sent = await rig.begin(browser, other)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert (await send(rig, scope, signed(rig, honest(rig)))).status_code == 200
    assert (await rig.finish(browser, other, sent)).status_code == 403


async def test_a_stop_of_one_service_keeps_no_logout_from_another_that_is_the_same_client(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    await rig.seat(scope, "administrator")
    await rig.seat(other)
    there = await come(rig, other)
    await press(await come(rig, scope), scope)
    answer = await send(rig, scope, signed(rig, honest(rig)))
    assert (answer.status_code, answer.json()["error_description"]) == (400, "stopped")
    assert not await is_in(there, other)


async def test_of_two_set_ups_of_one_client_either_may_end_the_programs(rig: Rig) -> None:
    scope = await rig.agency(state="retiring")
    await rig.accept(scope, programs="end")
    await let_in(rig, scope, await rig.seat(scope), "Roster")
    assert (await send(rig, scope, signed(rig, honest(rig)))).status_code == 200
    assert await let_in_still(rig, scope) == []
