"""What a test sign-in brought, as its page shows it: enough to see what is there, and no more of the person."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import UTC, datetime
from typing import Any

from auth.relying_party.claims import visible

MOST_CLAIMS = 60
MOST_VALUES = 30
LONGEST = 120
TIMES = frozenset({"auth_time", "iat", "exp", "nbf"})
PLAIN = frozenset({"iss", "aud", "azp", "acr", "amr", "acrs", "ver", "typ"})
"""What says nothing of the person: who vouches, for whom, how and when they signed in."""


def masked(claims: Mapping[str, Any], plain: Collection[str] = ()) -> dict[str, str]:
    """Return the claims in words, by name. Those in ``PLAIN`` and ``plain`` are whole, others only begin.

    ``plain``: what decides here, such as the claims that rules name.
    """
    whole = PLAIN | set(plain)
    shown = sorted(claims.items())[:MOST_CLAIMS]
    told = {name: _time(value) if name in TIMES else _told(value, name in whole) for name, value in shown}
    return {visible(name[:LONGEST]): visible(words) for name, words in told.items()}


def _time(value: Any) -> str:
    """Return a time, in seconds since 1970, as a date and time of day in UTC."""
    try:
        return f"{datetime.fromtimestamp(value, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (TypeError, ValueError, OverflowError, OSError):
        return "…"


def _told(value: Any, whole: bool) -> str:
    match value:
        case bool() | None:
            return str(value).lower() if value is not None else "null"
        case int() | float():
            return str(value) if whole else "…"
        case str():
            return value[:LONGEST] if whole else _begun(value)
        case list():
            told = [_told(one, whole) for one in value[:MOST_VALUES]]
            more = [f"… ({len(value)})"] if len(value) > MOST_VALUES else []
            return ", ".join(told + more)
        case dict():
            inside = {str(name): _told(one, whole) for name, one in sorted(value.items())[:MOST_VALUES]}
            return "; ".join(f"{name}: {told}" for name, told in inside.items())
    return "…"


def _begun(text: str) -> str:
    """Return how a text begins: of an e-mail address the domain too, which says whose it is."""
    start, at, domain = text.partition("@")
    kept = start[: min(2, len(start) // 2)]
    return f"{kept}…{at}{domain[:LONGEST]}"
