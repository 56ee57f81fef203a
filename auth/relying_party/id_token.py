"""Is this id token for us, from them, about this sign-in, and still true? Every check is here.

Authlib's own parsing is not used: it accepts ``alg=none`` when the provider advertises it, a
wrong audience, a logout token and keys that are gone.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from datetime import datetime
from typing import Any

import msgspec

from auth.relying_party.assurance import NOTHING, AssuranceRule, read_assurance
from auth.relying_party.claims import decides
from auth.relying_party.keys import KeySets
from auth.relying_party.refusals import SignInRefused, Why
from auth.relying_party.signed import (
    SKEW,
    check_life,
    check_parties,
    check_subject,
    instant_of,
    is_usable,
    read_claims,
    read_header,
)

KINDS = frozenset({"jwt"})
BACKDATED = 600
"""Seconds by which a token may be older than the sign-in or refresh that it answers.

Microsoft Entra ID dates ``iat`` and ``nbf`` five minutes back (github.com/openid/AppAuth-iOS, issue 264;
github.com/psignoret/aad-sso-wordpress, issue 34). Freshness is the nonce's work, not this one's.
"""
_DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class Expected(msgspec.Struct, frozen=True):
    """What the token must say, from the scope's configuration and the flow's record.

    ``began`` is when the sign-in began, or the refresh; ``nonce`` and ``assurance``, how the person must have
    proved who they are, belong to a sign-in; ``subject`` is whom a refresh must be about; ``pinned`` a claim
    and the value it must have.
    """

    issuer: str
    client_id: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    access_token: str
    began: datetime
    nonce: str | None = None
    subject: str | None = None
    assurance: AssuranceRule = NOTHING
    pinned: tuple[str, str] | None = None


async def validate(raw: str, expected: Expected, keys: KeySets, now: datetime) -> dict[str, Any]:
    """Return the claims of ``raw``; raises ``SignInRefused`` with the first check that fails."""
    algorithm, kid = read_header(raw, expected.algorithms, KINDS)
    claims = await read_claims(raw, algorithm, kid, expected.jwks_uri, keys)
    if "events" in claims:
        raise SignInRefused(Why.TOKEN_TYPE, "a logout or security event token")
    check_parties(claims, expected.issuer, expected.client_id)
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise SignInRefused(Why.AUTHORIZED_PARTY, "issued to another client")
    subject = check_subject(claims.get("sub"))
    if expected.subject is not None and not _same(subject, expected.subject):
        raise SignInRefused(Why.OTHER_PERSON, "it is about somebody else")
    if claims.get("sid") is not None and not is_usable(claims["sid"]):
        raise SignInRefused(Why.SESSION_ID, "no usable session id")
    _check_times(claims, expected, now)
    if expected.nonce is not None and not _same(claims.get("nonce"), expected.nonce):
        raise SignInRefused(Why.NONCE, "not the nonce of this sign-in")
    _check_access_token(claims, algorithm, expected.access_token)
    if expected.pinned is not None:
        _check_pinned(claims, *expected.pinned)
    expected.assurance.check(read_assurance(claims))
    return claims


def _check_pinned(claims: dict[str, Any], name: str, value: str) -> None:
    if not decides(name):
        raise SignInRefused(Why.PINNED_CLAIM, f"{name} is text for display: pin another claim")
    if not _same(claims.get(name), value):
        raise SignInRefused(Why.PINNED_CLAIM, f"{name} is of another organization")


def _check_times(claims: dict[str, Any], expected: Expected, now: datetime) -> None:
    if check_life(claims, now) < expected.began.timestamp() - BACKDATED:
        raise SignInRefused(Why.TIMES, "issued long before this sign-in began")
    not_before = instant_of(claims, "nbf")
    if not_before is not None and not_before > now.timestamp() + SKEW:
        raise SignInRefused(Why.TIMES, "not valid yet")
    _check_age(instant_of(claims, "auth_time"), expected.assurance.max_age, now.timestamp())


def _check_age(authenticated: float | None, most: int | None, now: float) -> None:
    """Compare ``auth_time`` with the age that was asked for. A time that cannot be is refused in any case."""
    if authenticated is not None and not 0 <= authenticated <= now + SKEW:
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is in the future, or before all time")
    if most is None:
        return
    if authenticated is None:
        raise SignInRefused(Why.AUTHENTICATION_TIME, "auth_time is missing though max_age was asked")
    if now > authenticated + most + SKEW:
        raise SignInRefused(Why.AUTHENTICATION_TIME, f"auth_time is more than {most} seconds ago")


def _check_access_token(claims: dict[str, Any], algorithm: str, access_token: str) -> None:
    """Compare ``at_hash`` where there is one: in this flow the standard leaves it to the provider."""
    if "at_hash" not in claims:
        return
    digest = _DIGESTS[algorithm[-3:]](access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not _same(claims["at_hash"], half):
        raise SignInRefused(Why.ACCESS_TOKEN_HASH, "the access token is not the one of this id token")


def _same(given: Any, wanted: str) -> bool:
    # JSON can spell half a character, which is no text to encode otherwise.
    return isinstance(given, str) and hmac.compare_digest(given.encode(errors="surrogatepass"), wanted.encode())
