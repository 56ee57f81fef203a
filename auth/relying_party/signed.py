"""Is this token in one of the forms we read, and signed with a key that the provider publishes?"""

from __future__ import annotations

from datetime import datetime
from typing import Any, TypeGuard

from joserfc import jws, jwt
from joserfc.errors import BadSignatureError, JoseError

from auth.relying_party.keys import KeySets, SigningKey
from auth.relying_party.refusals import SignInRefused, Why

SKEW = 60
"""Seconds by which the provider's clock and ours may differ."""
LONGEST = 16 * 1024
LONGEST_NAME = 255
"""Characters of a subject, a session's id, and whatever else names something."""
LATEST = 1e11
"""Seconds since 1970 beyond which a claim is no instant: also keeps NaN and infinity out."""


def read_header(raw: str, algorithms: tuple[str, ...], kinds: frozenset[str]) -> tuple[str, str | None]:
    """Return algorithm and key id; raises ``SignInRefused`` unless both, and the ``typ``, are as expected.

    ``kinds``: the values of ``typ`` in lower case; a token without one counts as ``jwt``.
    """
    if len(raw) > LONGEST:
        raise SignInRefused(Why.TOKEN_FORM, "too long")
    try:
        header = jws.extract_compact(raw.encode("ascii")).headers()
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise SignInRefused(Why.TOKEN_FORM, type(error).__name__) from None
    # Any JSON that holds the word "alg" passes for one.
    if not isinstance(header, dict):
        raise SignInRefused(Why.TOKEN_FORM, "its header is no JSON object")
    algorithm, kid, kind = header.get("alg"), header.get("kid"), header.get("typ", "JWT")
    if not isinstance(algorithm, str) or algorithm not in algorithms:
        raise SignInRefused(Why.ALGORITHM, f"signed with {str(algorithm)[:20]!r}")
    if not isinstance(kind, str) or kind.lower() not in kinds:
        raise SignInRefused(Why.TOKEN_TYPE, f"of type {str(kind)[:40]!r}")
    if "crit" in header or "b64" in header:
        raise SignInRefused(Why.TOKEN_FORM, "an extension that we do not know is critical")
    if kid is not None and not isinstance(kid, str):
        raise SignInRefused(Why.KEY, "the key id is no text")
    return algorithm, kid


async def read_claims(raw: str, algorithm: str, kid: str | None, jwks_uri: str, keys: KeySets) -> dict[str, Any]:
    """Return the claims of a token whose signature holds, with the provider's keys as they are now."""
    key = await keys.find(jwks_uri, kid, algorithm)
    try:
        return _decoded(raw, key, algorithm)
    except BadSignatureError:
        newer = await keys.replaced(jwks_uri, kid, algorithm)
        if newer is None:
            raise SignInRefused(Why.SIGNATURE, "does not verify") from None
        try:
            return _decoded(raw, newer, algorithm)
        except BadSignatureError:
            raise SignInRefused(Why.SIGNATURE, "does not verify") from None


def check_parties(claims: dict[str, Any], issuer: str, client_id: str) -> None:
    """Refuse a token of another issuer, or one that is not for this client alone."""
    if claims.get("iss") != issuer:
        raise SignInRefused(Why.ISSUER, "another issuer")
    # Another audience beside ours could use the token in our name: we trust none.
    if claims.get("aud") not in (client_id, [client_id]):
        raise SignInRefused(Why.AUDIENCE, "not for this client alone")


def check_subject(subject: Any) -> str:
    """Return a subject that can be one."""
    if not is_usable(subject):
        raise SignInRefused(Why.SUBJECT, "no usable subject")
    return subject


def is_usable(name: Any) -> TypeGuard[str]:
    """Say whether a claim can be kept as a name: text of a sensible length, without what no database holds."""
    return isinstance(name, str) and 0 < len(name) <= LONGEST_NAME and name.isprintable()


def check_life(claims: dict[str, Any], now: datetime) -> float:
    """Return when the token was issued; refuse one that has expired or comes from the future. ``exp`` is required."""
    at = now.timestamp()
    expires, issued = instant_of(claims, "exp"), instant_of(claims, "iat")
    if expires is None or issued is None:
        raise SignInRefused(Why.TIMES, "exp or iat is missing")
    if at >= expires + SKEW:
        raise SignInRefused(Why.EXPIRED, "exp is past")
    if issued > at + SKEW:
        raise SignInRefused(Why.TIMES, "issued in the future")
    return issued


def instant_of(claims: dict[str, Any], name: str) -> float | None:
    """Return a claim in seconds since 1970, ``None`` if it is not there; refuse what is no instant."""
    value = claims.get(name)
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not abs(value) < LATEST:
        raise SignInRefused(Why.TIMES, f"{name} is no instant")
    return float(value)


def _decoded(raw: str, key: SigningKey, algorithm: str) -> dict[str, Any]:
    try:
        return dict(jwt.decode(raw, key, algorithms=[algorithm]).claims)
    except BadSignatureError:
        raise
    except (JoseError, ValueError, TypeError, RecursionError) as error:
        raise SignInRefused(Why.TOKEN_FORM, type(error).__name__) from None
