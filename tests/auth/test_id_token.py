"""Honest id tokens are accepted, also at the edges; faulty ones are among the cases beside."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx2
import msgspec
import pytest
from joserfc.jwk import ECKey

from auth.relying_party.refusals import SignInRefused, Why
from core.clock import ManualClock
from tests.auth.hostile import CLIENT, ISSUER, PROVIDER, Hostile, sets

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NOW = int(START.timestamp())


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(ManualClock(START))


async def test_an_honest_token_is_accepted(hostile: Hostile) -> None:
    proof = await hostile.redeem()
    assert (proof.issuer, proof.subject, proof.sid) == (ISSUER, "person-1", "session-1")
    assert hostile.form["code_verifier"] == ["v" * 43]


async def test_an_honest_token_without_an_access_token_hash_is_accepted(hostile: Hostile) -> None:
    hostile.claims = sets(at_hash=None)
    assert (await hostile.redeem()).subject == "person-1"


async def test_an_honest_token_for_a_list_of_one_audience_is_accepted(hostile: Hostile) -> None:
    hostile.claims = sets(aud=[CLIENT], azp=CLIENT)
    assert (await hostile.redeem()).subject == "person-1"


@pytest.mark.parametrize("seconds", [0, 59])
async def test_clocks_may_differ_by_a_minute(hostile: Hostile, seconds: int) -> None:
    hostile.claims = sets(exp=NOW - seconds, iat=NOW + seconds)
    assert (await hostile.redeem()).subject == "person-1"


async def test_a_token_dated_five_minutes_back_as_entra_id_does_is_accepted(hostile: Hostile) -> None:
    hostile.claims = sets(iat=NOW - 300, nbf=NOW - 300, exp=NOW + 3600)
    assert (await hostile.redeem()).subject == "person-1"


async def test_a_shared_providers_scopes_are_told_apart_by_the_pinned_claim(hostile: Hostile) -> None:
    pinned = msgspec.structs.replace(PROVIDER, pinned=("organization", "qc-example"))
    hostile.claims = sets(organization="qc-example")
    assert (await hostile.redeem(provider=pinned)).subject == "person-1"
    for other in ("qc-other", None, ["qc-example"]):
        hostile.claims = sets(organization=other)
        with pytest.raises(SignInRefused) as caught:
            await hostile.redeem(provider=pinned)
        assert caught.value.why == Why.PINNED_CLAIM


async def test_a_new_key_is_found_at_once_but_asked_for_only_twice_a_minute(hostile: Hostile) -> None:
    party, clock = hostile.party(), hostile.clock
    assert isinstance(clock, ManualClock)
    await hostile.redeem(party)
    clock.advance(timedelta(seconds=31))
    new_key(hostile, kid=None)
    await hostile.redeem(party)
    assert hostile.asked.count("/keys") == 2
    hostile.header = sets(kid="never heard of")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await hostile.redeem(party)
    assert hostile.asked.count("/keys") == 2


async def test_a_key_set_that_is_out_of_order_is_asked_for_no_oftener(hostile: Hostile) -> None:
    party, clock = hostile.party(), hostile.clock
    assert isinstance(clock, ManualClock)
    await hostile.redeem(party)
    clock.advance(timedelta(seconds=31))
    hostile.answers["/keys"] = lambda: httpx2.Response(503)
    honest, hostile.header = hostile.header, sets(kid="never heard of")
    for _ in range(5):
        with pytest.raises(SignInRefused):
            await hostile.redeem(party)
    assert hostile.asked.count("/keys") == 2
    hostile.header = honest
    assert (await hostile.redeem(party)).subject == "person-1", "the keys there were count for their hour"


async def test_a_new_key_under_the_same_id_is_found(hostile: Hostile) -> None:
    party, clock = hostile.party(), hostile.clock
    assert isinstance(clock, ManualClock)
    await hostile.redeem(party)
    clock.advance(timedelta(seconds=31))
    new_key(hostile, kid=hostile.key.kid)
    assert (await hostile.redeem(party)).subject == "person-1"


def new_key(hostile: Hostile, *, kid: Any) -> None:
    hostile.key = ECKey.generate_key("P-256", {"kid": kid} if kid else None, auto_kid=kid is None)
    hostile.published = [hostile.key.as_dict(private=False)]
