"""A form with a file: fields first, token checked before the file's first byte is kept, the file streamed."""

from __future__ import annotations

import base64
from collections.abc import AsyncIterator, Callable
from typing import TYPE_CHECKING, Any

from litestar.exceptions import HTTPException
from multipart import (  # type: ignore[import-untyped]
    MultipartError,
    MultipartSegment,
    PushMultipartParser,
    parse_options_header,
)

from core.context import Ctx
from core.documents.service import store_upload
from core.errors import Fault, Invalid, TooLarge
from core.text import t
from core.web.incoming import FORM_LIMIT, MOST_FIELDS, Incoming, Pairs
from core.web.problems import Malformed, StaleForm, too_large

if TYPE_CHECKING:
    from core.documents.storing import Again
    from core.web.pages import Post

TOKEN = "_token"  # noqa: S105 - the name of a field


class Parts:
    """The parts of a multipart body as they come; at most one is a file."""

    def __init__(self, incoming: Incoming, limit: int) -> None:
        _, options = parse_options_header(incoming.headers.get("content-type", ""))
        boundary = options.get("boundary", "")
        if not boundary or not boundary.isascii():
            raise Malformed(t("The request cannot be read."))
        self._limit = limit
        self._events = self._parse(incoming, boundary, limit + FORM_LIMIT)

    async def _parse(
        self, incoming: Incoming, boundary: str, limit: int
    ) -> AsyncIterator[MultipartSegment | bytes | None]:
        try:
            with PushMultipartParser(
                boundary, max_segment_count=MOST_FIELDS, max_header_size=4096, max_header_count=8
            ) as parser:
                async for chunk in incoming.chunks(limit):
                    for event in parser.parse(chunk):
                        yield bytes(event) if isinstance(event, (bytearray, memoryview)) else event
                for event in parser.parse(b""):
                    yield event
        except TooLarge:
            raise too_large(self._limit) from None
        except (MultipartError, UnicodeDecodeError, HTTPException):
            raise Malformed(t("The form cannot be read: send it again.")) from None

    async def segments(self) -> AsyncIterator[MultipartSegment]:
        """Yield each part's head; what is left of the part before is skipped."""
        async for event in self._events:
            if isinstance(event, MultipartSegment):
                yield event

    async def content(self) -> AsyncIterator[bytes]:
        """Yield the present part's bytes until it ends."""
        async for event in self._events:
            if event is None:
                return
            if isinstance(event, bytes):
                yield event


async def read_upload(
    post: Post, incoming: Incoming, ctx: Ctx, check: Callable[[str], Any], again: Again
) -> tuple[Pairs, list[Fault]]:
    """Return the form's pairs, and what is wrong with the file.

    The file is stored, and its document's id is the field's value. It is stored by whoever the sender is ``again``
    once it has come.

    ``check`` raises for a token that is not this session's. The token stands before the file
    in every form that the pages make.
    """
    pairs: Pairs = []
    faults: list[Fault] = []
    size = 0
    parts = Parts(incoming, post.upload_limit)
    async for head in parts.segments():
        if head.filename is None:
            size += await _take(parts, pairs, head.name, FORM_LIMIT - size)
        elif head.name == post.upload and head.filename and not any(name == head.name for name, _ in pairs):
            token = next((value for name, value in pairs if name == TOKEN), None)
            if token is None:
                raise StaleForm
            check(token)
            if post.binary:
                pairs.append((head.name, await _in_base64(parts, post.upload_limit)))
                continue
            if post.inline:
                size += await _take(parts, pairs, head.name, FORM_LIMIT - size)
                continue
            try:
                stored = await store_upload(
                    ctx,
                    head.filename,
                    parts.content(),
                    post.purpose,
                    post.upload_limit,
                    pointer=f"/{post.upload}",
                    again=again,
                )
            except Invalid as invalid:
                faults += invalid.faults
            else:
                pairs.append((head.name, str(stored)))
    return pairs, faults


async def _in_base64(parts: Parts, limit: int) -> str:
    """Return the present part's bytes as text. Raises ``TooLarge``."""
    value = bytearray()
    async for chunk in parts.content():
        value += chunk
        if len(value) > limit:
            raise too_large(limit)
    return base64.b64encode(value).decode()


async def _take(parts: Parts, pairs: Pairs, name: str, room: int) -> int:
    """Add the present part's text to the pairs; return its bytes. Raises ``TooLarge`` or ``Malformed``."""
    value = b""
    async for chunk in parts.content():
        value += chunk
        if len(value) > room:
            raise too_large(FORM_LIMIT)
    pairs.append((name, _text(value)))
    return len(value)


def _text(value: bytes) -> str:
    try:
        return value.decode("utf-8")
    except UnicodeDecodeError:
        raise Malformed(t("The text is not valid UTF-8, or there are too many fields.")) from None
