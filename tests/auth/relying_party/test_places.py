"""Every host has its own places on the way out, and each is given back, whatever the answer."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime

import pytest

from auth.relying_party import network as conversing
from auth.relying_party.network import GuardedTransport, fetch_json
from auth.relying_party.refusals import SignInRefused, Why
from core import network
from core.clock import ManualClock
from core.network import AT_ONCE
from tests.auth.cases.faulty_providers import DISCOVERY, dripping, elsewhere, endless, failing, packed, slow
from tests.auth.hostile import ISSUER, OTHER_ISSUER, Answer, Hostile

ENDINGS = [failing, dripping, endless, packed, elsewhere, slow]


@pytest.fixture
def hostile() -> Hostile:
    made = Hostile(ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC)))
    other = Hostile(made.clock, OTHER_ISSUER)
    made.beside[other.host] = other
    return made


async def test_who_finds_no_place_is_refused_and_another_host_has_its_own(
    hostile: Hostile, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(network, "PLACE", 0.0)
    way = GuardedTransport(hostile.transport)
    arrived = asyncio.Semaphore(0)

    async def silent() -> object:
        arrived.release()
        return await slow()

    hostile.answers["/silent"] = silent  # type: ignore[assignment]
    waiting = [asyncio.create_task(fetch_json(way, f"{ISSUER}/silent")) for _ in range(AT_ONCE)]
    for _ in waiting:
        await arrived.acquire()
    with pytest.raises(SignInRefused) as caught:
        await fetch_json(way, ISSUER + DISCOVERY)
    assert (caught.value.why, caught.value.detail) == (Why.PROVIDER_DOWN, "PoolTimeout")
    assert (await fetch_json(way, OTHER_ISSUER + DISCOVERY))["issuer"] == OTHER_ISSUER
    for one in waiting:
        one.cancel()
    await asyncio.wait(waiting)
    assert (await fetch_json(way, ISSUER + DISCOVERY))["issuer"] == ISSUER


@pytest.mark.parametrize("answer", ENDINGS)
async def test_a_place_is_given_back(hostile: Hostile, monkeypatch: pytest.MonkeyPatch, answer: Answer) -> None:
    monkeypatch.setattr(network, "PLACE", 0.0)
    way = GuardedTransport(hostile.transport)
    hostile.answers["/faulty"] = answer
    # Whoever holds a place keeps the host's places alive: without one, each request would find new ones.
    kept = await way._place(hostile.host)
    with monkeypatch.context() as impatient:
        impatient.setattr(conversing, "WHOLE", 0.0)
        for _ in range(AT_ONCE):
            with pytest.raises(SignInRefused):
                await fetch_json(way, f"{ISSUER}/faulty")
    assert (await fetch_json(way, ISSUER + DISCOVERY))["issuer"] == ISSUER
    kept.release()
