"""One half of an offline secret: text that is read from paper and typed, with a sign by which a slip is noticed."""

from __future__ import annotations

import secrets

ALPHABET = "23456789ABCDEFGHJKLMNPQRSTVWXYZ"
"""31 signs without those that are taken for one another; 31 is a prime, so one slip never goes unnoticed."""
DRAWN = 24
"""Signs drawn at random, 4.95 bits each: too many to guess, so a plain digest keeps them."""
GROUP = 5


def new_half() -> str:
    """Return a half as it is printed: five groups of five signs, the last of which is the check."""
    drawn = "".join(secrets.choice(ALPHABET) for _ in range(DRAWN))
    whole = drawn + _check(drawn)
    return "-".join(whole[at : at + GROUP] for at in range(0, len(whole), GROUP))


def read_half(text: str) -> str | None:
    """Return a half as it is digested, whatever spaces, dashes and case it was typed with; ``None`` after a slip."""
    plain = "".join(one for one in text.upper() if one.isalnum())
    if len(plain) != DRAWN + 1 or any(one not in ALPHABET for one in plain):
        return None
    return plain if _check(plain[:-1]) == plain[-1] else None


def _check(drawn: str) -> str:
    total = sum(place * ALPHABET.index(one) for place, one in enumerate(drawn, start=1))
    return ALPHABET[total % len(ALPHABET)]
