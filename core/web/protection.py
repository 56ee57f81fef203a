"""What keeps a page from being used against its reader: form tokens, signed notices, headers.

A form's one-time token is ``nonce.mac``: the nonce is fresh for each answer, the mac proves
that it was made for this session. Nothing in it repeats between answers, so compression
leaks nothing; nothing is stored, so any process can check it. The same token is the
idempotency key of the form.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections.abc import Iterable

NONCE_BYTES = 16
MAC_BYTES = 16
LONGEST_NOTICE = 600

SECURITY_HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"x-frame-options", b"DENY"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
)
"""Sent with every answer."""

TRANSPORT_HEADER = (b"strict-transport-security", b"max-age=31536000")
"""Sent besides where the canonical address is https."""


def content_policy(form_origins: Iterable[str] = ()) -> str:
    """Return the content security policy; ``form_origins`` are added to ``form-action``.

    Only a page with a sign-out form adds one: its scope's identity provider.
    """
    targets = " ".join(["'self'", *form_origins])
    return (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; font-src 'self'; "
        f"connect-src 'self'; form-action {targets}; base-uri 'none'; frame-ancestors 'none'; "
        "require-trusted-types-for 'script'; trusted-types ui"
    )


POLICY = content_policy()


def make_token(secret: bytes) -> str:
    """Return a fresh one-time token for the session that ``secret`` belongs to."""
    nonce = secrets.token_bytes(NONCE_BYTES)
    return _text(nonce + _mac(secret, b"form", nonce))


def check_token(secret: bytes, token: str) -> bytes | None:
    """Return the token's nonce if it was made for this session, else ``None``."""
    raw = _bytes(token)
    if raw is None or len(raw) != NONCE_BYTES + MAC_BYTES or not secret:
        return None
    nonce, mac = raw[:NONCE_BYTES], raw[NONCE_BYTES:]
    return nonce if hmac.compare_digest(mac, _mac(secret, b"form", nonce)) else None


def form_key(nonce: bytes, *parts: str) -> str:
    """Return the idempotency key of one form of a page: its token, its use case, its address."""
    return "form:" + hashlib.sha256(nonce + "\0".join(parts).encode()).hexdigest()


def sign_notice(secret: bytes, sentence: str) -> str:
    """Return ``sentence`` as a cookie value that only this session accepts."""
    raw = sentence[:LONGEST_NOTICE].encode()
    return _text(_mac(secret, b"notice", raw) + raw)


def read_notice(secret: bytes, value: str) -> str | None:
    """Return the sentence that was signed, or ``None`` if this session did not sign it."""
    raw = _bytes(value)
    if raw is None or len(raw) < MAC_BYTES or not secret:
        return None
    mac, sentence = raw[:MAC_BYTES], raw[MAC_BYTES:]
    if not hmac.compare_digest(mac, _mac(secret, b"notice", sentence)):
        return None
    return sentence.decode(errors="replace")


def _mac(secret: bytes, purpose: bytes, content: bytes) -> bytes:
    return hmac.digest(secret, purpose + b"\0" + content, "sha256")[:MAC_BYTES]


def _text(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


def _bytes(text: str) -> bytes | None:
    try:
        return urlsafe_b64decode(text.encode("ascii") + b"=" * (-len(text) % 4))
    except ValueError:
        return None
