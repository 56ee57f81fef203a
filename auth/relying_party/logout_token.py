"""Is this logout token for us, from them, new, and about somebody? Every check is here.

Source: OpenID Connect Back-Channel Logout 1.0, section 2.6. Older providers call its type ``JWT``
or leave it out; an id token has no ``events`` and is refused for that.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

import msgspec
from joserfc import jws
from joserfc.errors import JoseError

from auth.relying_party.keys import KeySets
from auth.relying_party.providers import Provider
from auth.relying_party.refusals import SignInRefused, Why
from auth.relying_party.signed import (
    LONGEST,
    SKEW,
    check_life,
    check_parties,
    check_subject,
    is_usable,
    read_claims,
    read_header,
)

EVENT = "http://schemas.openid.net/event/backchannel-logout"
KINDS = frozenset({"jwt", "logout+jwt"})
OLDEST = 120
"""Seconds after its issue for which a logout token is taken."""


class LoggedOut(msgspec.Struct, frozen=True):
    """Whose session has ended: of this ``subject``, this session ``sid``, or both. ``token_id`` comes once."""

    issuer: str
    subject: str | None
    sid: str | None
    token_id: str


def issuer_of(raw: str) -> str | None:
    """Return the issuer that a token claims to be of, before anything is checked: to know whom to ask."""
    if len(raw) > LONGEST:
        return None
    try:
        claims: Any = msgspec.json.decode(jws.extract_compact(raw.encode("ascii")).payload)
    except (JoseError, ValueError, TypeError, RecursionError):
        return None
    issuer = claims.get("iss") if isinstance(claims, dict) else None
    return issuer if is_usable(issuer) else None


async def validate_logout(raw: str, provider: Provider, jwks_uri: str, keys: KeySets, now: datetime) -> LoggedOut:
    """Return what ``raw`` says; raises ``SignInRefused`` with the first check that fails.

    Whether it came before is the caller's to know: it has the database.
    """
    algorithm, kid = read_header(raw, provider.algorithms, KINDS)
    claims = await read_claims(raw, algorithm, kid, jwks_uri, keys)
    try:
        return _said(claims, provider, now)
    except SignInRefused as refused:
        refused.vouched = True
        raise


def _said(claims: dict[str, Any], provider: Provider, now: datetime) -> LoggedOut:
    check_parties(claims, provider.issuer, provider.client_id)
    if now.timestamp() > check_life(claims, now) + OLDEST + SKEW:
        raise SignInRefused(Why.TIMES, "issued too long ago")
    events = claims.get("events")
    if not isinstance(events, dict) or not isinstance(events.get(EVENT), dict):
        raise SignInRefused(Why.TOKEN_TYPE, "no logout token: the event is missing")
    if "nonce" in claims:
        raise SignInRefused(Why.TOKEN_TYPE, "an id token: it has a nonce")
    subject = None if "sub" not in claims else check_subject(claims["sub"])
    sid = _text(claims, "sid")
    if subject is None and sid is None:
        raise SignInRefused(Why.SUBJECT, "neither sub nor sid")
    token_id = _text(claims, "jti")
    if token_id is None:
        raise SignInRefused(Why.TOKEN_FORM, "jti is missing")
    return LoggedOut(provider.issuer, subject, sid, token_id)


def _text(claims: dict[str, Any], name: str) -> str | None:
    value = claims.get(name)
    if value is None:
        return None
    if not is_usable(value):
        raise SignInRefused(Why.TOKEN_FORM, f"{name} is no usable text")
    return value
