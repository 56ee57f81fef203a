"""``ctx.http``: how a plugin asks a service on the network."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, Protocol
from urllib.parse import urlsplit

import msgspec

Method = Literal["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"]


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
