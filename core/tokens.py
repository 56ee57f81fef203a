"""Secrets that are handed out in text and kept as digests, and the text that names the scope besides.

``ctg_{scope}_{secret}`` is what programs carry and what the address of a calendar ends in: whoever reads it knows
whose it is before anything is looked up.
"""

from __future__ import annotations

import hashlib
import re
import secrets

SECRET_BYTES = 32
PREFIX = "ctg_"
_SHAPE = re.compile(r"[A-Za-z0-9_-]{43}")


def new_secret() -> str:
    """Return 32 random bytes as text without padding (43 characters)."""
    return secrets.token_urlsafe(SECRET_BYTES)


def looks_like_secret(value: str | None) -> bool:
    """Say whether ``value`` could have come from ``new_secret``."""
    return value is not None and _SHAPE.fullmatch(value) is not None


def digest(secret: str) -> str:
    """Return what is stored of ``secret``: it has enough randomness for a plain hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def read_token(text: str) -> tuple[str, str] | None:
    """Return the slug and the secret of a token's text, or ``None`` if it has not the form of one."""
    if not text.startswith(PREFIX):
        return None
    # A slug holds no underscore, a secret may: the first one after the prefix divides them.
    slug, _, secret = text.removeprefix(PREFIX).partition("_")
    return (slug, secret) if slug and looks_like_secret(secret) else None


def write_token(slug: str, secret: str) -> str:
    """Return the text that is handed out: a program's bearer token, or the end of a calendar's address."""
    return f"{PREFIX}{slug}_{secret}"
