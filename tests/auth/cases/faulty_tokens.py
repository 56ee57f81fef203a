"""Id tokens that must not let anybody in: claim by claim, header by header, and put together by hand."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from joserfc import jws, jwt
from joserfc.jwk import ECKey, RSAKey

from auth.relying_party.refusals import Why
from tests.auth.cases.case import Case, Lie, lying
from tests.auth.hostile import CLIENT, ISSUER, OTHER_ISSUER, Change, Hostile, forged, raw_token, sets


def later(**seconds: int) -> Change:
    """Return a change that sets instants, in seconds from now."""
    return lambda told: told.update({name: told["iat"] + by for name, by in seconds.items()})


CLAIMS: dict[str, tuple[Change, Why]] = {
    "wrong issuer": (sets(iss=OTHER_ISSUER), Why.ISSUER),
    "issuer with a slash more": (sets(iss=ISSUER + "/"), Why.ISSUER),
    "issuer in capitals": (sets(iss=ISSUER.upper()), Why.ISSUER),
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
    "subject with half a character": (sets(sub="person-\ud800"), Why.SUBJECT),
    "oversized subject": (sets(sub="x" * 256), Why.SUBJECT),
    "wrong nonce": (sets(nonce="another sign-in's"), Why.NONCE),
    "missing nonce": (sets(nonce=None), Why.NONCE),
    "nonce that is a list": (sets(nonce=["n" * 43]), Why.NONCE),
    "nonce with half a character": (sets(nonce="\ud800"), Why.NONCE),
    "expired": (later(exp=-60), Why.EXPIRED),
    "missing expiry": (sets(exp=None), Why.TIMES),
    "expiry that is text": (sets(exp="tomorrow"), Why.TIMES),
    "expiry that is true": (sets(exp=True), Why.TIMES),
    "expiry beyond all numbers": (sets(exp=10**400), Why.TIMES),
    "expiry that is infinite": (sets(exp=float("inf")), Why.TIMES),
    "issued in the future": (later(iat=61), Why.TIMES),
    "missing time of issue": (sets(iat=None), Why.TIMES),
    "issued long before the sign-in began": (later(iat=-601), Why.TIMES),
    "not valid yet": (later(nbf=61), Why.TIMES),
    "another access token's hash": (sets(at_hash="AAAAAAAAAAAAAAAAAAAAAA"), Why.ACCESS_TOKEN_HASH),
    "hash that is no text": (sets(at_hash=0), Why.ACCESS_TOKEN_HASH),
    "session that is a number": (sets(sid=17), Why.SESSION_ID),
    "session with a control character": (sets(sid="session\x00-1"), Why.SESSION_ID),
    "oversized session": (sets(sid="x" * 256), Why.SESSION_ID),
    "a logout token": (sets(events={"http://schemas.openid.net/event/backchannel-logout": {}}), Why.TOKEN_TYPE),
}

HEADERS: dict[str, tuple[Change, Why]] = {
    "typed as a logout token": (sets(typ="logout+jwt"), Why.TOKEN_TYPE),
    "typed as an access token": (sets(typ="at+jwt"), Why.TOKEN_TYPE),
    "unknown key id": (sets(kid="another"), Why.KEY),
    "key id that is a path": (sets(kid="../../keys/private.pem"), Why.KEY),
    "key id that is an address": (sets(kid="https://evil.example/keys"), Why.KEY),
}


def with_public_key_as_password(hostile: Hostile) -> str:
    return forged({"alg": "HS256", "kid": hostile.key.kid}, hostile.honest_claims(), hostile.key.as_pem(private=False))


def with_client_as_password(hostile: Hostile) -> str:
    return forged({"alg": "HS256"}, hostile.honest_claims(), CLIENT.encode())


def tampered(hostile: Hostile) -> str:
    header, _, signature = hostile.sign(hostile.honest_claims()).split(".")
    other = hostile.sign(hostile.honest_claims() | {"sub": "somebody-else"}).split(".")[1]
    return f"{header}.{other}.{signature}"


def by_a_stranger(**header: Any) -> Callable[[Hostile], str]:
    """Return what signs with a key that the provider never had, under its key id unless ``header`` names another."""
    stranger = ECKey.generate_key("P-256", {"kid": "stranger"})
    told = {name: stranger.as_dict(private=False) if value is Ellipsis else value for name, value in header.items()}

    def sign(hostile: Hostile) -> str:
        named = {"alg": "ES256", "kid": hostile.key.kid} | told
        claims = json.dumps(hostile.honest_claims()).encode()
        return jws.serialize_compact(named, claims, stranger, algorithms=["ES256"])

    return sign


def by_another_algorithm(hostile: Hostile) -> str:
    key = ECKey.generate_key("P-384", auto_kid=True)
    hostile.published.append(key.as_dict(private=False))
    return jwt.encode({"alg": "ES384", "kid": key.kid}, hostile.honest_claims(), key, algorithms=["ES384"])


def by_a_weak_key(hostile: Hostile) -> str:
    key = RSAKey.generate_key(1024, auto_kid=True)
    hostile.published.append(key.as_dict(private=False))
    return jwt.encode({"alg": "RS256", "kid": key.kid}, hostile.honest_claims(), key, algorithms=["RS256"])


def without_a_key_id_among_several(hostile: Hostile) -> str:
    hostile.published.append(ECKey.generate_key("P-256", auto_kid=True).as_dict(private=False))
    return jwt.encode({"alg": "ES256"}, hostile.honest_claims(), hostile.key, algorithms=["ES256"])


def holding(payload: bytes) -> Callable[[Hostile], str]:
    """Return what signs ``payload`` as if it were claims."""

    def sign(hostile: Hostile) -> str:
        header = {"alg": "ES256", "kid": hostile.key.kid}
        return jws.serialize_compact(header, payload, hostile.key, algorithms=["ES256"])

    return sign


RAW: dict[str, tuple[Callable[[Hostile], str], Why]] = {
    "unsigned": (lambda hostile: forged({"alg": "none"}, hostile.honest_claims()), Why.ALGORITHM),
    "unsigned and says so loudly": (lambda hostile: forged({"alg": "NONE"}, hostile.honest_claims()), Why.ALGORITHM),
    "unsigned though it names an algorithm": (
        lambda hostile: forged({"alg": "ES256", "kid": hostile.key.kid}, hostile.honest_claims()),
        Why.SIGNATURE,
    ),
    "without an algorithm": (lambda hostile: forged({"typ": "JWT"}, hostile.honest_claims()), Why.TOKEN_FORM),
    "with a header that is text": (lambda _: raw_token(b'"alg"', b"{}"), Why.TOKEN_FORM),
    "with a header that is a list": (lambda _: raw_token(b'["alg"]', b"{}"), Why.TOKEN_FORM),
    "of a type that is a number": (lambda _: forged({"alg": "ES256", "typ": 1}, {}), Why.TOKEN_TYPE),
    "under a key id that is a number": (lambda _: forged({"alg": "ES256", "kid": 1}, {}), Why.KEY),
    "under no key id though there are several": (without_a_key_id_among_several, Why.KEY),
    "critical in a way unknown": (lambda _: forged({"alg": "ES256", "crit": ["exp"]}, {}), Why.TOKEN_FORM),
    "signed with the public key as a password": (with_public_key_as_password, Why.ALGORITHM),
    "signed with the client's name as a password": (with_client_as_password, Why.ALGORITHM),
    "signed with an algorithm that is not pinned": (by_another_algorithm, Why.ALGORITHM),
    "with its claims exchanged": (tampered, Why.SIGNATURE),
    "signed by a stranger under a known key id": (by_a_stranger(), Why.SIGNATURE),
    "signed by a stranger whose key it brings along": (by_a_stranger(jwk=...), Why.SIGNATURE),
    "signed by a stranger who says where the keys are": (
        by_a_stranger(jku="https://evil.example/keys", kid="stranger"),
        Why.KEY,
    ),
    "signed by a stranger who says where the certificate is": (
        by_a_stranger(x5u="https://evil.example/chain.pem", kid="stranger"),
        Why.KEY,
    ),
    "signed with a weak key": (by_a_weak_key, Why.KEY),
    "oversized": (lambda hostile: hostile.sign(hostile.honest_claims() | {"x": "x" * 20_000}), Why.TOKEN_FORM),
    "no token at all": (lambda _: "abc", Why.TOKEN_FORM),
    "of five parts": (lambda _: "a.b.c.d.e", Why.TOKEN_FORM),
    "not even letters": (lambda _: "é.é.é", Why.TOKEN_FORM),
    "of claims that are a list": (holding(b"[]"), Why.TOKEN_FORM),
    "of claims that are no JSON": (holding(b"iss=https://login.example.org"), Why.TOKEN_FORM),
    "of claims nested without end": (holding(b"[" * 11_000), Why.TOKEN_FORM),
}


def _told(make: Callable[[Hostile], str]) -> Lie:
    def lie(hostile: Hostile) -> None:
        hostile.id_token = lambda _: make(hostile)

    return lie


CASES = {
    **{f"token with: {name}": Case(why, lie=lying(claims=change)) for name, (change, why) in CLAIMS.items()},
    **{f"token: {name}": Case(why, lie=lying(header=change)) for name, (change, why) in HEADERS.items()},
    **{f"token: {name}": Case(why, lie=_told(make)) for name, (make, why) in RAW.items()},
}
