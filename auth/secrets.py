"""The names of the cookies that carry secrets, and what is made from a session's."""

from __future__ import annotations

import hashlib

SIGN_IN_COOKIE = "__Host-sign-in"
"""Binds the sign-ins that a browser has begun to that browser, for minutes; two tabs share it."""
LAST_COOKIE = "__Host-last"
"""Which scope the browser signed in to last: the chooser offers it first."""


def form_secret(secret: str) -> bytes:
    """Return what the forms of a session are signed with: from its secret, and leading back to it for nobody."""
    return hashlib.sha256(b"contingent forms\0" + secret.encode()).digest()


def session_cookie(slug: str) -> str:
    """Return the name of a scope's session cookie."""
    return f"__Host-{slug}"


def link_cookie(slug: str) -> str:
    """Return the name of the cookie of somebody who has come to a scope by a link, beside that of their session."""
    return f"__Host-{slug}.link"


def set_cookie(name: str, value: str, *, seconds: int | None = None) -> str:
    """Return a ``Set-Cookie`` value. ``Strict`` would be lost on the return from the provider, hence ``Lax``."""
    age = "" if seconds is None else f"; Max-Age={seconds}"
    return f"{name}={value}; Path=/; Secure; HttpOnly; SameSite=Lax{age}"


def drop_cookie(name: str) -> str:
    """Return the ``Set-Cookie`` value that makes the browser forget the cookie."""
    return set_cookie(name, "", seconds=0)
