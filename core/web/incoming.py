"""What arrived: address, headers, cookies and body of one request, each read at most once and within limits."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from functools import cached_property
from ipaddress import IPv6Address, ip_address
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qsl

from litestar.types import Receive, Scope

from core.context import Scope as TenantScope
from core.limits.buckets import Allowance
from core.text import t
from core.web.problems import Malformed, TooSlow, too_large

if TYPE_CHECKING:
    from core.web.site import Site

JSON_LIMIT = 2**20
FORM_LIMIT = 2**20
MOST_FIELDS = 2000
LONGEST_QUERY = 8192
LONGEST_NUMBER = 12

Pairs = list[tuple[str, str]]


class Incoming:
    """One request to ``site``. ``params`` are the parts of its address that its pattern names."""

    def __init__(self, scope: Scope, receive: Receive, params: Mapping[str, str], site: Site) -> None:
        self.site = site
        self.scope = scope
        self.receive = receive
        self.params = params
        self.method: str = scope["method"]  # type: ignore[typeddict-item]
        self.path: str = scope["path"]

    @cached_property
    def headers(self) -> dict[str, str]:
        """The headers by name in lower case; of a repeated one the last."""
        return {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in self.scope["headers"]}

    @cached_property
    def cookies(self) -> dict[str, str]:
        """The cookies by name."""
        found: dict[str, str] = {}
        for part in self.headers.get("cookie", "").split(";"):
            name, equals, value = part.strip().partition("=")
            if equals:
                found.setdefault(name, value.strip('"'))
        return found

    @cached_property
    def query(self) -> Pairs:
        """The query's pairs in their order. Raises ``Malformed``."""
        raw = self.scope["query_string"]
        if not raw:
            return []
        if len(raw) > LONGEST_QUERY:
            raise Malformed(t("The address is too long."))
        return pairs_of(raw)

    @property
    def address(self) -> str:
        """Where the request comes from, as the server in front of the application saw it; empty if it did not."""
        client = self.scope.get("client")
        return client[0] if client else ""

    @property
    def network(self) -> str:
        """What limits count as one place: an IPv4 address, of an IPv6 address the first 64 bits.

        Of the other 64 each machine chooses as many as it likes (RFC 8981). What is no address counts as it is.
        """
        try:
            found = ip_address(self.address)
        except ValueError:
            return self.address
        if isinstance(found, IPv6Address):
            return str(found.ipv4_mapped or IPv6Address(int(found) >> 64 << 64))
        return str(found)

    @property
    def request_id(self) -> str:
        """The request's own number, as the log line has it."""
        return str(self.scope.get("request_id", ""))

    def note_scope(self, scope: TenantScope) -> None:
        """Remember for the log line whose request this is."""
        self.scope["log_scope"] = scope.id  # type: ignore[typeddict-unknown-key]

    def note_route(self, route: str) -> None:
        """Remember for the log line and the metrics which page this is, where its address has several."""
        self.scope["log_route"] = route  # type: ignore[typeddict-unknown-key]

    def note_allowance(self, allowance: Allowance) -> None:
        """Remember for the answer's headers what the caller may still ask, whatever the answer is."""
        self.scope["allowance"] = allowance  # type: ignore[typeddict-unknown-key]

    @property
    def content_type(self) -> str:
        """The body's media type without its parameters, in lower case."""
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def check_length(self, limit: int) -> None:
        """Raise ``TooLarge`` where the announced length is over ``limit`` bytes, before anything is read."""
        announced = self.headers.get("content-length", "")
        if not announced:
            return
        if not announced.isascii() or not announced.isdigit() or len(announced) > LONGEST_NUMBER:
            raise Malformed(t("The request cannot be read."))
        if int(announced) > limit:
            raise too_large(limit)

    async def chunks(self, limit: int) -> AsyncIterator[bytes]:
        """Yield the body as it comes.

        Raises ``TooLarge`` as soon as more than ``limit`` bytes came, ``TooSlow`` where its end is too long in coming.
        """
        self.check_length(limit)
        minutes, clock = self.site.settings.body_minutes, self.site.clock
        ends = clock.monotonic() + minutes * 60
        seen = 0
        more = True
        while more:
            try:
                async with asyncio.timeout(ends - clock.monotonic()):
                    message: Any = await self.receive()
            except TimeoutError:
                raise TooSlow(minutes) from None
            if clock.monotonic() > ends:
                raise TooSlow(minutes)
            if message["type"] == "http.disconnect":
                raise Malformed(t("The request ended before its body did."))
            chunk: bytes = message.get("body", b"")
            more = message.get("more_body", False)
            seen += len(chunk)
            if seen > limit:
                raise too_large(limit)
            if chunk:
                yield chunk

    async def body(self, limit: int) -> bytes:
        """Return the whole body, at most ``limit`` bytes."""
        return b"".join([chunk async for chunk in self.chunks(limit)])


def pairs_of(raw: bytes) -> Pairs:
    """Return the pairs of a query or an urlencoded form. Raises ``Malformed`` for what is not UTF-8."""
    try:
        return parse_qsl(raw.decode("utf-8"), keep_blank_values=True, errors="strict", max_num_fields=MOST_FIELDS)
    except ValueError:
        raise Malformed(t("The text is not valid UTF-8, or there are too many fields.")) from None
