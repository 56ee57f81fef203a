"""Printed codes: ten at a time, each good once. A code alone names the person, so it is as long as a secret."""

from __future__ import annotations

import secrets

from core.tokens import digest

MANY = 10
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
"""Crockford's: without the letters that are read as others (https://www.crockford.com/base32.html)."""
LENGTH, GROUP = 20, 4
_READ_AS = str.maketrans({"O": "0", "I": "1", "L": "1"})


def new_code() -> str:
    """Return a fresh code of 100 random bits, in five groups: ``7K3M-…``."""
    letters = "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))
    return "-".join(letters[start : start + GROUP] for start in range(0, LENGTH, GROUP))


def digest_of(typed: str) -> str | None:
    """Return what is stored of a code, however it was typed; ``None`` for what cannot be one."""
    letters = "".join(typed.upper().replace("-", "").split()).translate(_READ_AS)
    return digest(letters) if len(letters) == LENGTH and set(letters) <= set(ALPHABET) else None
