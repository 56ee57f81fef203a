"""``ctx.http``: how a plugin asks a service on the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol, get_args
from urllib.parse import urlsplit

import msgspec

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]
METHODS = get_args(Method)
MOST_SENT = 2**20
"""Bytes of one request: content, address and headers."""


class HttpAnswer(msgspec.Struct, frozen=True):
    """What a service answered, whatever its status. Names of headers are in lower case."""

    status: int
    headers: Mapping[str, str]
    content: bytes


class HttpFailed(Exception):
    """No answer was had: one line that says why, without addresses beyond the machine's name."""


class Http(Protocol):
    """https to the machines that the manifest names and the agency consented to, and to no other."""

    async def send(
        self,
        method: Method,
        address: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        deadline: float = 8.0,
        attempts: int = 1,
    ) -> HttpAnswer:
        """Send a request; return the answer, whatever its status. Redirects are answers too.

        ``deadline``: seconds for the whole of one attempt. ``attempts``: up to 5; it is sent again
        after a pause where no answer came, or 429, 502, 503 or 504: only what may arrive twice.
        Raises ``NotConsented`` for a machine that was not consented to, ``HttpFailed``
        where no answer was had. At most 1 MiB is sent, with address and headers, and 256 KiB are taken.
        """
        ...


def host_of(address: str) -> str | None:
    """Return the name of the machine in an address or in a bare ``host`` or ``host:port``; ``None`` if it has none."""
    try:
        return urlsplit(address if "//" in address else f"//{address}").hostname
    except ValueError:
        return None


def check_request(
    method: Method, address: str, *, headers: Mapping[str, str] | None, content: bytes, deadline: float, attempts: int
) -> None:
    """Raise ``HttpFailed`` for what is no request, wherever it should go."""
    if method not in METHODS:
        raise HttpFailed(f"the method is none of {', '.join(METHODS)}")
    if not _is_text(address):
        raise HttpFailed("the address is no text")
    given = {} if headers is None else headers
    if not isinstance(given, Mapping) or not all(_is_text(one) for pair in given.items() for one in pair):
        raise HttpFailed("headers are text by name")
    if type(content) is not bytes:
        raise HttpFailed(f"the content is bytes, got {type(content).__name__}: encode text")
    if type(deadline) not in (int, float) or type(attempts) is not int:
        raise HttpFailed("the deadline is a number of seconds, and attempts are counted in whole numbers")
    if abs(deadline) > _LONGEST_COUNT or abs(attempts) > _LONGEST_COUNT:
        raise HttpFailed("the deadline or the number of attempts is out of all measure")
    size = len(content) + len(address) + sum(len(name) + len(value) for name, value in given.items())
    if size > MOST_SENT:
        raise HttpFailed(f"{size} bytes to send, at most {MOST_SENT}")


_LONGEST_COUNT = 2**31


def _is_text(value: object) -> bool:
    if type(value) is not str:
        return False
    try:
        value.encode()
    except UnicodeEncodeError:
        return False
    return True
