"""A provider whose discovery is silent for a while stays usable by what it said before; its keys do not."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime, timedelta

import httpx2
import pytest

from auth.relying_party import network
from auth.relying_party.discovery import COOL_DOWN, LIFE, STAND_IN
from auth.relying_party.party import RelyingParty
from auth.relying_party.refusals import SignInRefused, Why
from core.clock import ManualClock
from tests.auth.cases.faulty_providers import DISCOVERY, dripping, slow
from tests.auth.hostile import PROVIDER, Answer, Hostile, raw_token, sets

HOUR = timedelta(seconds=LIFE)


@pytest.fixture
def clock() -> ManualClock:
    return ManualClock(datetime(2026, 11, 23, 14, 0, tzinfo=UTC))


@pytest.fixture
def hostile(clock: ManualClock) -> Hostile:
    return Hostile(clock)


async def party_after_an_hour(hostile: Hostile, clock: ManualClock) -> RelyingParty:
    """Return a party that knows the provider, whose answers have come to the end of their life."""
    party = hostile.party()
    await hostile.redeem(party)
    clock.advance(HOUR)
    hostile.asked.clear()
    return party


async def refusal(hostile: Hostile, party: RelyingParty) -> Why:
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem(party)
    return caught.value.why


def unreachable() -> httpx2.Response:
    raise httpx2.ConnectError("no route")


def too_slow() -> httpx2.Response:
    raise httpx2.ReadTimeout("8 s")


SILENCE = {
    "not reachable": unreachable,
    "too slow": too_slow,
    "out of order": lambda: httpx2.Response(503, text="<h1>Maintenance</h1>"),
}


@pytest.mark.parametrize("case", SILENCE)
async def test_people_still_sign_in_while_discovery_is(hostile: Hostile, clock: ManualClock, case: str) -> None:
    party = await party_after_an_hour(hostile, clock)
    hostile.answers[DISCOVERY] = SILENCE[case]
    for _ in range(3):
        assert (await hostile.redeem(party)).subject == "person-1"
    assert hostile.asked.count(DISCOVERY) == 1, "a provider that is silent is not asked at every sign-in"
    clock.advance(timedelta(seconds=COOL_DOWN))
    await hostile.redeem(party)
    assert hostile.asked.count(DISCOVERY) == 2
    del hostile.answers[DISCOVERY]
    hostile.metadata = sets(userinfo_endpoint=None)
    clock.advance(timedelta(seconds=COOL_DOWN))
    hostile.asked.clear()
    await hostile.redeem(party)
    assert "/userinfo" not in hostile.asked, "what it says when it is back counts at once"


@pytest.mark.parametrize("answer", [slow, dripping])
async def test_people_still_sign_in_while_discovery_does_not_come_to_an_end(
    hostile: Hostile, clock: ManualClock, monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    party = await party_after_an_hour(hostile, clock)
    monkeypatch.setattr(network, "WHOLE", 0.0)
    hostile.answers[DISCOVERY] = answer
    for _ in range(2):
        assert (await hostile.redeem(party)).subject == "person-1"
    assert hostile.asked.count(DISCOVERY) == 1


async def test_whoever_needs_nothing_new_does_not_wait_for_those_who_do(hostile: Hostile) -> None:
    party = hostile.party()
    await hostile.redeem(party)
    assert isinstance(hostile.clock, ManualClock)
    hostile.clock.advance(timedelta(seconds=31))
    asked = asyncio.Event()

    async def answer() -> httpx2.Response:
        asked.set()
        return await slow()

    hostile.answers["/keys"] = answer
    of_an_unknown_key = hostile.sign(hostile.honest_claims()).split(".")
    of_an_unknown_key[0] = raw_token(b'{"alg": "ES256", "kid": "unknown"}', b"").split(".")[0]
    waiting = asyncio.create_task(party.logged_out(PROVIDER, ".".join(of_an_unknown_key)))
    await asked.wait()
    try:
        async with asyncio.timeout(5):
            assert (await hostile.redeem(party)).subject == "person-1"
    finally:
        waiting.cancel()
        await asyncio.wait([waiting])


async def test_after_a_day_what_it_said_no_longer_stands_in(hostile: Hostile, clock: ManualClock) -> None:
    party = await party_after_an_hour(hostile, clock)
    hostile.answers[DISCOVERY] = unreachable
    clock.advance(timedelta(seconds=STAND_IN - 1))
    assert (await hostile.redeem(party)).subject == "person-1"
    clock.advance(timedelta(seconds=1))
    assert await refusal(hostile, party) == Why.PROVIDER_DOWN


async def test_a_provider_that_never_answered_is_not_usable(hostile: Hostile) -> None:
    hostile.answers[DISCOVERY] = unreachable
    assert await refusal(hostile, hostile.party()) == Why.PROVIDER_DOWN


WRONG = {
    "another issuer": (lambda: httpx2.Response(200, json={"issuer": "https://login.example.com"}), Why.DISCOVERY),
    "a page": (lambda: httpx2.Response(200, text="<h1>Welcome</h1>"), Why.PROVIDER_ANSWER),
    "not found": (lambda: httpx2.Response(404, json={}), Why.PROVIDER_ANSWER),
    "elsewhere": (lambda: httpx2.Response(302, headers={"Location": "https://evil.example/"}), Why.PROVIDER_ANSWER),
}


@pytest.mark.parametrize("case", WRONG)
async def test_nothing_stands_in_for_a_wrong_answer_nor_afterwards(
    hostile: Hostile, clock: ManualClock, case: str
) -> None:
    party = await party_after_an_hour(hostile, clock)
    hostile.answers[DISCOVERY], why = WRONG[case]
    assert await refusal(hostile, party) == why
    hostile.answers[DISCOVERY] = unreachable
    assert await refusal(hostile, party) == Why.PROVIDER_DOWN


@pytest.mark.parametrize("case", SILENCE)
async def test_no_key_outlives_its_hour_because_the_key_set_is(hostile: Hostile, clock: ManualClock, case: str) -> None:
    party = await party_after_an_hour(hostile, clock)
    hostile.answers["/keys"] = SILENCE[case]
    for _ in range(2):
        assert await refusal(hostile, party) == Why.PROVIDER_DOWN
    del hostile.answers["/keys"]
    assert (await hostile.redeem(party)).subject == "person-1"
