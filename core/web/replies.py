"""Making the bytes that go out: pages, files, JSON, redirects, errors."""

from __future__ import annotations

import gzip
from collections.abc import Iterable
from email.utils import encode_rfc2231
from typing import TYPE_CHECKING
from urllib.parse import quote

from litestar.response.base import ASGIResponse
from litestar.response.streaming import ASGIStreamingResponse

from core.web.incoming import Incoming
from core.web.protection import POLICY

if TYPE_CHECKING:
    from core.web.view import Download

HTML = "text/html; charset=utf-8"
JSON = "application/json"
SMALLEST_PACKED = 800
PACKING_LEVEL = 5
PRIVATE = "private, no-store"

Headers = list[tuple[str, str]]


def reply(
    incoming: Incoming, body: bytes, media_type: str, *, status: int = 200, headers: Iterable[tuple[str, str]] = ()
) -> ASGIResponse:
    """Return ``body`` as it goes out, packed with gzip where the reader takes it and it is worth it."""
    sent: Headers = [("content-type", media_type), *headers]
    if len(body) >= SMALLEST_PACKED:
        sent.append(("vary", "Accept-Encoding"))
        if takes_gzip(incoming):
            body = gzip.compress(body, PACKING_LEVEL, mtime=0)
            sent.append(("content-encoding", "gzip"))
    return ASGIResponse(body=body, status_code=status, headers=sent, media_type=media_type)


def takes_gzip(incoming: Incoming) -> bool:
    """Say whether the reader takes answers packed with gzip."""
    for part in incoming.headers.get("accept-encoding", "").split(","):
        name, _, weight = part.partition(";")
        if name.strip().lower() == "gzip":
            return weight.replace(" ", "").lower() not in ("q=0", "q=0.0", "q=0.00", "q=0.000")
    return False


def page_reply(
    incoming: Incoming, html: str, *, status: int = 200, policy: str = POLICY, headers: Iterable[tuple[str, str]] = ()
) -> ASGIResponse:
    """Return a page: never kept by anybody, different for each reader and fragment."""
    own = [
        ("content-security-policy", policy),
        ("cache-control", PRIVATE),
        ("vary", "Cookie, X-Fragment"),
        *headers,
    ]
    return reply(incoming, html.encode(), HTML, status=status, headers=own)


def file_reply(incoming: Incoming, download: Download, caching: str) -> ASGIResponse:
    """Return a file to save, streamed where its content is a stream."""
    headers = [("content-disposition", attachment(download.name)), ("cache-control", caching)]
    if isinstance(download.content, bytes):
        return reply(incoming, download.content, download.media_type, headers=headers)
    return ASGIStreamingResponse(iterator=download.content, headers=dict(headers), media_type=download.media_type)


def redirect(address: str, *, status: int = 303, headers: Iterable[tuple[str, str]] = ()) -> ASGIResponse:
    """Return a redirect to ``address``."""
    location = quote(address, safe="/:?#[]@!$&'()*+,;=%-._~")
    return ASGIResponse(
        status_code=status,
        headers=[("location", location), ("cache-control", "no-store"), *headers],
        media_type="text/plain",
    )


def attachment(name: str) -> str:
    """Return the header value that makes the browser save an answer as ``name``."""
    plain = "".join(one if one.isascii() and one.isprintable() and one not in '"\\' else "_" for one in name)
    encoded = encode_rfc2231(name, "utf-8")
    return f'attachment; filename="{plain}"; filename*={encoded}'


def cookie(name: str, value: str, *, path: str, seconds: int, secure: bool) -> tuple[str, str]:
    """Return a ``Set-Cookie`` header that scripts cannot read; ``seconds=0`` removes the cookie."""
    parts = [f"{name}={value}", f"Path={path}", f"Max-Age={seconds}", "HttpOnly", "SameSite=Lax"]
    if secure:
        parts.append("Secure")
    return ("set-cookie", "; ".join(parts))
