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
from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError

from auth.relying_party.assurance import NOTHING, AssuranceRule, read_assurance
from auth.relying_party.keys import KeySets, SigningKey
from auth.relying_party.refusals import SignInRefused, Why

SKEW = 60
"""Seconds by which the provider's clock and ours may differ."""
LONGEST = 16 * 1024
LONGEST_SUBJECT = 255
LATEST = 1e11
"""Seconds since 1970 beyond which a claim is no instant: also keeps NaN and infinity out."""
_DIGESTS = {"256": hashlib.sha256, "384": hashlib.sha384, "512": hashlib.sha512}


class Expected(msgspec.Struct, frozen=True):
    """What the token must say, from the scope's configuration and the flow's record.

    ``began`` is when the sign-in began; ``assurance`` how the person must have proved who they
    are; ``pinned`` a claim and the value it must have.
    """

    issuer: str
    client_id: str
    jwks_uri: str
    algorithms: tuple[str, ...]
    nonce: str
    access_token: str
    began: datetime
    assurance: AssuranceRule = NOTHING
    pinned: tuple[str, str] | None = None


async def validate(raw: str, expected: Expected, keys: KeySets, now: datetime) -> dict[str, Any]:
    """Return the claims of ``raw``; raises ``SignInRefused`` with the first check that fails."""
    algorithm, kid = _header(raw, expected)
    claims = await _verified(raw, algorithm, kid, expected, keys)
    _check_parties(claims, expected)
    _check_times(claims, expected, now.timestamp())
    if not _same(claims.get("nonce"), expected.nonce):
        raise SignInRefused(Why.NONCE, "not the nonce of this sign-in")
    _check_access_token(claims, algorithm, expected.access_token)
    if expected.pinned is not None and not _same(claims.get(expected.pinned[0]), expected.pinned[1]):
        raise SignInRefused(Why.PINNED_CLAIM, f"{expected.pinned[0]} is of another organization")
    expected.assurance.check(read_assurance(claims))
    return claims


def _header(raw: str, expected: Expected) -> tuple[str, str | None]:
    if len(raw) > LONGEST:
        raise SignInRefused(Why.TOKEN_FORM, "too long")
    try:
        header = jws.extract_compact(raw.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError) as error:
        raise SignInRefused(Why.TOKEN_FORM, type(error).__name__) from None
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in expected.algorithms:
        raise SignInRefused(Why.ALGORITHM, f"signed with {str(algorithm)[:20]!r}")
    if not isinstance(kind, str) or kind.lower() != "jwt":
        raise SignInRefused(Why.TOKEN_TYPE, f"of type {str(kind)[:40]!r}")
    if "crit" in header or "b64" in header:
        raise SignInRefused(Why.TOKEN_FORM, "an extension that we do not know is critical")
    if kid is not None and not isinstance(kid, str):
        raise SignInRefused(Why.KEY, "the key id is no text")
    return algorithm, kid


async def _verified(raw: str, algorithm: str, kid: str | None, expected: Expected, keys: KeySets) -> dict[str, Any]:
    key = await keys.find(expected.jwks_uri, kid, algorithm)
    try:
        claims = _decoded(raw, key, algorithm)
    except BadSignatureError:
        newer = await keys.replaced(expected.jwks_uri, kid, algorithm)
        if newer is None:
            raise SignInRefused(Why.SIGNATURE, "does not verify") from None
        try:
            claims = _decoded(raw, newer, algorithm)
        except BadSignatureError:
            raise SignInRefused(Why.SIGNATURE, "does not verify") from None
    if "events" in claims:
        raise SignInRefused(Why.TOKEN_TYPE, "a logout or security event token")
    return claims


def _decoded(raw: str, key: SigningKey, algorithm: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(raw, key, algorithms=[algorithm]).claims)
    except BadSignatureError:
        raise
    except (JoseError, ValueError, TypeError) as error:
        raise SignInRefused(Why.TOKEN_FORM, type(error).__name__) from None


def _check_parties(claims: dict[str, Any], expected: Expected) -> None:
    if claims.get("iss") != expected.issuer:
        raise SignInRefused(Why.ISSUER, "another issuer")
    # Another audience beside ours could use the token in our name: we trust none.
    if claims.get("aud") not in (expected.client_id, [expected.client_id]):
        raise SignInRefused(Why.AUDIENCE, "not for this client alone")
    if "azp" in claims and claims["azp"] != expected.client_id:
        raise SignInRefused(Why.AUTHORIZED_PARTY, "issued to another client")
    subject = claims.get("sub")
    if not isinstance(subject, str) or not 0 < len(subject) <= LONGEST_SUBJECT or not subject.isprintable():
        raise SignInRefused(Why.SUBJECT, "no usable subject")


def _check_times(claims: dict[str, Any], expected: Expected, now: float) -> None:
    expires, issued = _instant(claims, "exp"), _instant(claims, "iat")
    if expires is None or issued is None:
        raise SignInRefused(Why.TIMES, "exp or iat is missing")
    if now >= expires + SKEW:
        raise SignInRefused(Why.EXPIRED, "exp is past")
    if issued > now + SKEW:
        raise SignInRefused(Why.TIMES, "issued in the future")
    if issued < expected.began.timestamp() - SKEW:
        raise SignInRefused(Why.TIMES, "issued before this sign-in began")
    not_before = _instant(claims, "nbf")
    if not_before is not None and not_before > now + SKEW:
        raise SignInRefused(Why.TIMES, "not valid yet")
    _check_age(_instant(claims, "auth_time"), expected.assurance.max_age, now)


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


def _instant(claims: dict[str, Any], name: str) -> float | None:
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST:
        raise SignInRefused(Why.TIMES, f"{name} is no instant")
    return float(value)


def _check_access_token(claims: dict[str, Any], algorithm: str, access_token: str) -> None:
    """Compare ``at_hash`` where there is one: in this flow the standard leaves it to the provider."""
    if "at_hash" not in claims:
        return
    digest = _DIGESTS[algorithm[-3:]](access_token.encode()).digest()
    half = base64.urlsafe_b64encode(digest[: len(digest) // 2]).rstrip(b"=").decode()
    if not _same(claims["at_hash"], half):
        raise SignInRefused(Why.ACCESS_TOKEN_HASH, "the access token is not the one of this id token")


def _same(given: Any, wanted: str) -> bool:
    return isinstance(given, str) and hmac.compare_digest(given.encode(), wanted.encode())
