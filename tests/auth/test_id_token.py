"""Each faulty id token is refused for its own reason, and an honest one is accepted."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest
from joserfc import jwt
from joserfc.jwk import ECKey, RSAKey

from auth.relying_party.refusals import SignInRefused, Why
from core.clock import ManualClock
from tests.auth.hostile import CLIENT, ISSUER, PROVIDER, Change, Hostile, forged, sets

START = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
NOW = int(START.timestamp())


@pytest.fixture
def hostile() -> Hostile:
    return Hostile(ManualClock(START))


async def refusal(hostile: Hostile) -> Why:
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem()
    return caught.value.why


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


CLAIMS: dict[str, tuple[Change, Why]] = {
    "wrong issuer": (sets(iss="https://login.example.com"), Why.ISSUER),
    "issuer with a slash more": (sets(iss=ISSUER + "/"), Why.ISSUER),
    "missing issuer": (sets(iss=None), Why.ISSUER),
    "wrong audience": (sets(aud="contingent-qc-other"), Why.AUDIENCE),
    "empty audience": (sets(aud=[]), Why.AUDIENCE),
    "missing audience": (sets(aud=None), Why.AUDIENCE),
    "another audience besides": (sets(aud=[CLIENT, "payroll"], azp=CLIENT), Why.AUDIENCE),
    "audience that only begins alike": (sets(aud=CLIENT + "-2"), Why.AUDIENCE),
    "issued to another client": (sets(azp="payroll"), Why.AUTHORIZED_PARTY),
    "missing subject": (sets(sub=None), Why.SUBJECT),
    "empty subject": (sets(sub=""), Why.SUBJECT),
    "subject that is a number": (sets(sub=17), Why.SUBJECT),
    "subject with a control character": (sets(sub="person\x00-1"), Why.SUBJECT),
    "oversized subject": (sets(sub="x" * 256), Why.SUBJECT),
    "wrong nonce": (sets(nonce="another sign-in's"), Why.NONCE),
    "missing nonce": (sets(nonce=None), Why.NONCE),
    "nonce that is a list": (sets(nonce=["n" * 43]), Why.NONCE),
    "expired": (sets(exp=NOW - 60), Why.EXPIRED),
    "missing expiry": (sets(exp=None), Why.TIMES),
    "expiry that is text": (sets(exp="tomorrow"), Why.TIMES),
    "expiry that is true": (sets(exp=True), Why.TIMES),
    "expiry beyond all numbers": (sets(exp=10**400), Why.TIMES),
    "expiry that is infinite": (sets(exp=float("inf")), Why.TIMES),
    "issued in the future": (sets(iat=NOW + 61), Why.TIMES),
    "missing time of issue": (sets(iat=None), Why.TIMES),
    "issued before the sign-in began": (sets(iat=NOW - 61), Why.TIMES),
    "not valid yet": (sets(nbf=NOW + 61), Why.TIMES),
    "another access token's hash": (sets(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), Why.ACCESS_TOKEN_HASH),
    "hash that is no text": (sets(at_hash=0), Why.ACCESS_TOKEN_HASH),
    "a logout token": (sets(events={"http://schemas.openid.net/event/backchannel-logout": {}}), Why.TOKEN_TYPE),
}


@pytest.mark.parametrize("case", CLAIMS)
async def test_a_token_with_a_faulty_claim_is_refused(hostile: Hostile, case: str) -> None:
    hostile.claims, why = CLAIMS[case]
    assert await refusal(hostile) == why


HEADERS: dict[str, tuple[Change, Why]] = {
    "typed as a logout token": (sets(typ="logout+jwt"), Why.TOKEN_TYPE),
    "typed as an access token": (sets(typ="at+jwt"), Why.TOKEN_TYPE),
    "unknown key id": (sets(kid="another"), Why.KEY),
}


@pytest.mark.parametrize("case", HEADERS)
async def test_a_token_with_a_faulty_header_is_refused(hostile: Hostile, case: str) -> None:
    hostile.header, why = HEADERS[case]
    assert await refusal(hostile) == why


def with_public_key_as_password(hostile: Hostile) -> str:
    return forged({"alg": "HS256", "kid": hostile.key.kid}, hostile.honest_claims(), hostile.key.as_pem(private=False))


def tampered(hostile: Hostile) -> str:
    header, _, signature = hostile.sign(hostile.honest_claims()).split(".")
    other = hostile.sign(hostile.honest_claims() | {"sub": "somebody-else"}).split(".")[1]
    return f"{header}.{other}.{signature}"


def by_unpublished_key(hostile: Hostile) -> str:
    stranger = ECKey.generate_key("P-256", {"kid": str(hostile.key.kid)})
    return jwt.encode({"alg": "ES256", "kid": hostile.key.kid}, hostile.honest_claims(), stranger, algorithms=["ES256"])


def by_another_algorithm(hostile: Hostile) -> str:
    key = ECKey.generate_key("P-384", auto_kid=True)
    hostile.published.append(key.as_dict(private=False))
    return jwt.encode({"alg": "ES384", "kid": key.kid}, hostile.honest_claims(), key, algorithms=["ES384"])


def by_a_weak_key(hostile: Hostile) -> str:
    key = RSAKey.generate_key(1024, auto_kid=True)
    hostile.published.append(key.as_dict(private=False))
    return jwt.encode({"alg": "RS256", "kid": key.kid}, hostile.honest_claims(), key, algorithms=["RS256"])


RAW: dict[str, tuple[Callable[[Hostile], str], Why]] = {
    "unsigned": (lambda hostile: forged({"alg": "none"}, hostile.honest_claims()), Why.ALGORITHM),
    "unsigned and says so loudly": (lambda hostile: forged({"alg": "NONE"}, hostile.honest_claims()), Why.ALGORITHM),
    "without an algorithm": (lambda hostile: forged({"typ": "JWT"}, hostile.honest_claims()), Why.TOKEN_FORM),
    "of a type that is a number": (lambda _: forged({"alg": "ES256", "typ": 1}, {}), Why.TOKEN_TYPE),
    "under a key id that is a number": (lambda _: forged({"alg": "ES256", "kid": 1}, {}), Why.KEY),
    "critical in a way unknown": (lambda _: forged({"alg": "ES256", "crit": ["exp"]}, {}), Why.TOKEN_FORM),
    "signed with the public key as a password": (with_public_key_as_password, Why.ALGORITHM),
    "signed with an algorithm that is not pinned": (by_another_algorithm, Why.ALGORITHM),
    "with its claims exchanged": (tampered, Why.SIGNATURE),
    "signed by a stranger under a known key id": (by_unpublished_key, Why.SIGNATURE),
    "signed with a weak key": (by_a_weak_key, Why.KEY),
    "oversized": (lambda hostile: hostile.sign(hostile.honest_claims() | {"x": "x" * 20_000}), Why.TOKEN_FORM),
    "no token at all": (lambda _: "abc", Why.TOKEN_FORM),
    "of five parts": (lambda _: "a.b.c.d.e", Why.TOKEN_FORM),
    "not even letters": (lambda _: "é.é.é", Why.TOKEN_FORM),
}


@pytest.mark.filterwarnings("ignore::joserfc.errors.SecurityWarning")
@pytest.mark.parametrize("case", RAW)
async def test_a_token_that_is(hostile: Hostile, case: str) -> None:
    make, why = RAW[case]
    hostile.id_token = lambda _: make(hostile)
    assert await refusal(hostile) == why


@pytest.mark.parametrize("seconds", [0, 59])
async def test_clocks_may_differ_by_a_minute(hostile: Hostile, seconds: int) -> None:
    hostile.claims = sets(exp=NOW - seconds, iat=NOW + seconds)
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


async def test_a_token_of_a_removed_key_is_refused_after_the_key_sets_hour(hostile: Hostile) -> None:
    party = hostile.party()
    await hostile.redeem(party)
    hostile.published = [ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False)]
    assert isinstance(hostile.clock, ManualClock)
    hostile.clock.advance(timedelta(hours=1))
    with pytest.raises(SignInRefused) as caught:
        await hostile.redeem(party)
    assert caught.value.why == Why.KEY


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
