"""What a provider may answer when it is asked again: what ends the session, and what says nothing about the person."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import httpx2

from auth.relying_party.refusals import Why
from tests.auth.cases.case import Lie, honest, lying
from tests.auth.cases.faulty_providers import deep
from tests.auth.cases.faulty_tokens import by_a_stranger, by_another_algorithm, later, tampered
from tests.auth.hostile import CLIENT, ISSUER, OTHER_ISSUER, Hostile, forged, sets


@dataclass(frozen=True)
class Refresh:
    """One answer. ``why`` is what ends the session, or what it is put off for."""

    why: Why
    lie: Lie = honest


def saying(error: Any, status: int = 400) -> Lie:
    """Return the lie of a token endpoint that answers with an error."""
    return answering(lambda: httpx2.Response(status, json={"error": error}))


def answering(answer: Any, path: str = "/token") -> Lie:
    return lying(answers={path: answer})


def silent() -> httpx2.Response:
    raise httpx2.ReadTimeout("no answer")


def refused() -> httpx2.Response:
    raise httpx2.ConnectError("nobody there")


def unsigned(hostile: Hostile) -> str:
    return forged({"alg": "none"}, hostile.honest_claims())


def without_id_token(**userinfo: Any) -> Lie:
    return lying(token=sets(id_token=None), userinfo=sets(**userinfo))


def telling(make: Any) -> Lie:
    def lie(hostile: Hostile) -> None:
        hostile.id_token = lambda _: make(hostile)

    return lie


ENDS: dict[str, Refresh] = {
    "the token counts no more": Refresh(Why.TOKEN_REFUSED, saying("invalid_grant")),
    "the account is closed": Refresh(Why.TOKEN_REFUSED, saying("access_denied")),
    "the person is to sign in anew": Refresh(Why.TOKEN_REFUSED, saying("interaction_required")),
    "another person": Refresh(Why.OTHER_PERSON, lying(claims=sets(sub="person-2"))),
    "another person who begins alike": Refresh(Why.OTHER_PERSON, lying(claims=sets(sub="person-1 "))),
    "no person": Refresh(Why.SUBJECT, lying(claims=sets(sub=None))),
    "another issuer": Refresh(Why.ISSUER, lying(claims=sets(iss=OTHER_ISSUER))),
    "the issuer with a slash more": Refresh(Why.ISSUER, lying(claims=sets(iss=ISSUER + "/"))),
    "another audience": Refresh(Why.AUDIENCE, lying(claims=sets(aud="payroll"))),
    "an audience besides": Refresh(Why.AUDIENCE, lying(claims=sets(aud=[CLIENT, "payroll"]))),
    "another client": Refresh(Why.AUTHORIZED_PARTY, lying(claims=sets(azp="payroll"))),
    "another organization": Refresh(Why.PINNED_CLAIM, lying(claims=sets(organization="there"))),
    "an organization no longer": Refresh(Why.PINNED_CLAIM, lying(claims=sets(organization=None))),
    "a token from long before it was asked": Refresh(Why.TIMES, lying(claims=later(iat=-601))),
    "a token of the future": Refresh(Why.TIMES, lying(claims=later(iat=61))),
    "a token that has expired": Refresh(Why.EXPIRED, lying(claims=later(exp=-60))),
    "another access token's hash": Refresh(
        Why.ACCESS_TOKEN_HASH, lying(claims=sets(organization="here", at_hash="AAAAAAAAAAAAAAAAAAAAAA"))
    ),
    "a logout token": Refresh(
        Why.TOKEN_TYPE, lying(claims=sets(events={"http://schemas.openid.net/event/backchannel-logout": {}}))
    ),
    "a token typed as an access token": Refresh(Why.TOKEN_TYPE, lying(header=sets(typ="at+jwt"))),
    "an unsigned token": Refresh(Why.ALGORITHM, telling(unsigned)),
    "a token by another algorithm": Refresh(Why.ALGORITHM, telling(by_another_algorithm)),
    "a token with its claims exchanged": Refresh(Why.SIGNATURE, telling(tampered)),
    "a token signed by a stranger": Refresh(Why.SIGNATURE, telling(by_a_stranger())),
    "an access token of somebody else": Refresh(Why.USERINFO, without_id_token(sub="person-2")),
    "an access token of nobody": Refresh(Why.USERINFO, without_id_token(sub=None)),
}

PASSES: dict[str, Refresh] = {
    "no answer in time": Refresh(Why.PROVIDER_DOWN, answering(silent)),
    "nobody there": Refresh(Why.PROVIDER_DOWN, answering(refused)),
    "an error of the server": Refresh(Why.PROVIDER_DOWN, answering(lambda: httpx2.Response(500, text="oh"))),
    "a server that is being mended": Refresh(Why.PROVIDER_DOWN, answering(lambda: httpx2.Response(503, html="<p>"))),
    "an error that passes": Refresh(Why.TOKEN_REFUSED, saying("temporarily_unavailable", 503)),
    "too many questions": Refresh(Why.TOKEN_REFUSED, answering(lambda: httpx2.Response(429, text="slower"))),
    "a client that it does not know": Refresh(Why.TOKEN_REFUSED, saying("invalid_client", 401)),
    "an error that is no text": Refresh(Why.TOKEN_REFUSED, saying(["invalid_grant"])),
    "a page": Refresh(Why.PROVIDER_ANSWER, answering(lambda: httpx2.Response(200, html="<p>Welcome"))),
    "a redirect": Refresh(
        Why.TOKEN_REFUSED, answering(lambda: httpx2.Response(302, headers={"Location": "https://evil.example/token"}))
    ),
    "a list": Refresh(Why.PROVIDER_ANSWER, answering(lambda: httpx2.Response(200, json=[]))),
    "no tokens": Refresh(Why.PROVIDER_ANSWER, answering(lambda: httpx2.Response(200, json={}))),
    "tokens nested without end": Refresh(Why.PROVIDER_ANSWER, answering(deep)),
    "an access token that no header can hold": Refresh(
        Why.PROVIDER_ANSWER, lying(token=sets(id_token=None, access_token="accès"))
    ),
    "a key that is not there yet": Refresh(Why.KEY, lying(header=sets(kid="tomorrow's"))),
}
