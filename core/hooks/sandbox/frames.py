"""What core and a host say to each other, and how it is cut into frames.

A frame is four bytes of length and that many bytes of msgpack: a structure whose tag says which. Neither side
ever unpickles. Arguments and answers are carried as they were encoded and are read by whoever knows their
types: a host by the hook's declaration, core by the hook's answer.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from core.context import Language, Scope
from core.hooks.data import Words

LARGEST_TO_HOST = 64 * 2**20
"""Bytes: a file of 50 MB, and room for what stands around it."""
LARGEST_FROM_HOST = 16 * 2**20
"""Bytes: a page of 8 Mi characters, most of them of one byte or two."""
ROOM = 16 * 1024
"""Bytes that stand ready for what comes in: most frames fit, and for a larger one there is more until it is read."""
LENGTH = 4
"""Bytes of a frame's length, before it."""


MOST_SAID = 200
"""Lines of a plugin's log in one call: a host sends no more."""


class Garbled(Exception):
    """The other side sent what is no frame: too long, no msgpack, or no structure known here."""


class Frame(msgspec.Struct, frozen=True, array_like=True, tag=True):
    """Any of the structures below."""


class Load(Frame, frozen=True):
    """Core: take in this plugin. ``digest`` is that of the files (``Code.digest``), which the host checks.

    ``asks``: core wants to know what the plugin says of itself.
    """

    plugin: str
    address: str
    files: Mapping[str, bytes]
    digest: str
    asks: bool = False


class Loaded(Frame, frozen=True):
    """Host: the plugin is in, or ``problem`` says at which stage and why it is not."""

    plugin: str
    problem: tuple[str, str] | None = None
    says: bytes | None = None


class Read(Frame, frozen=True):
    """Core: make the plugin's settings of these, as a call does. It is answered as a call is, with nothing."""

    id: int
    plugin: str
    settings: msgspec.Raw


class Seen(msgspec.Struct, frozen=True, array_like=True):
    """What a plugin sees of whom it is called for: no name of a person, no rights."""

    scope: Scope
    actor: UUID
    kind: Literal["person", "token", "system"]
    roles: tuple[str, ...]
    unit: str | None
    language: Language
    request_id: str
    now: datetime
    runs: bool
    """Time passes while the plugin works; with a clock that is moved by hand it stands still."""
    settings: msgspec.Raw
    writes: bool


class Call(Frame, frozen=True):
    """Core: run this hook. ``id`` names the call from here on."""

    id: int
    plugin: str
    hook: str
    seen: Seen
    arguments: msgspec.Raw


class Next(Frame, frozen=True):
    """Core: the next page of the call, which is a stream."""

    id: int


class Stop(Frame, frozen=True):
    """Core: end the call; its answer is not wanted any more."""

    id: int


class Effect(Frame, frozen=True):
    """Host: the plugin asks core for something through ``ctx``. ``number`` counts within the call."""

    id: int
    number: int
    operation: str
    arguments: msgspec.Raw


class Said(Frame, frozen=True):
    """Host: a line for the plugin's log, which core keeps as far as it may be kept. Nothing is answered."""

    id: int
    level: Literal["info", "warning", "error"]
    message: str
    fields: Mapping[str, Any]


class Effected(Frame, frozen=True):
    """Core: what came of an effect: a value, or an error of a kind that the host knows, with its message."""

    id: int
    number: int
    value: msgspec.Raw
    error: tuple[str, str] | None = None


class Answered(Frame, frozen=True):
    """Host: the answer of a call, or one page of a stream."""

    id: int
    value: msgspec.Raw


class Ended(Frame, frozen=True):
    """Host: a call ended without an answer (more): a stream's end, a refusal, or an error in words without content."""

    id: int
    rejected: Words | None = None
    final: bool = False
    error: str | None = None


FromCore: TypeAlias = Load | Read | Call | Next | Stop | Effected
FromHost: TypeAlias = Loaded | Effect | Said | Answered | Ended

NOTHING = msgspec.Raw(msgspec.msgpack.encode(None))

encoder = msgspec.msgpack.Encoder()
from_core = msgspec.msgpack.Decoder(FromCore)
from_host = msgspec.msgpack.Decoder(FromHost)


def pack(frame: Frame) -> bytes:
    """Return the frame's bytes, its length before them."""
    body = encoder.encode(frame)
    return len(body).to_bytes(LENGTH, "big") + body


def raw(value: Any) -> msgspec.Raw:
    """Return ``value`` encoded, to be carried in a frame. Raises what msgspec raises for what it cannot encode."""
    return msgspec.Raw(encoder.encode(value))


class Cutter:
    """Room for what comes in, and cuts it into the bodies of frames.

    The loop reads into this room (``asyncio.BufferedProtocol``). It would else ask the kernel for a quarter of a
    megabyte at each read and give it back, which takes longer than the rest of reading a frame.
    """

    def __init__(self, largest: int) -> None:
        self._largest = largest
        self._room = bytearray(ROOM)
        self._filled = 0

    def room(self) -> memoryview:
        """Return where the next bytes go: some, never none."""
        if self._filled == len(self._room):
            # Not all that a frame says it needs: only as much again as has come.
            larger = bytearray(min(2 * self._filled, self._largest + LENGTH))
            larger[: self._filled] = self._room
            self._room = larger
        return memoryview(self._room)[self._filled :]

    def cut(self, count: int) -> Iterator[bytes]:
        """Yield the bodies that are complete with ``count`` bytes more. Raises ``Garbled`` for one that is too long."""
        room, start, end = memoryview(self._room), 0, self._filled + count
        try:
            while end - start >= LENGTH:
                begins = start + LENGTH
                length = int.from_bytes(room[start:begins], "big")
                if length > self._largest:
                    raise Garbled(f"a frame of {length} bytes, at most {self._largest}")
                if end - begins < length:
                    return
                start = begins + length
                yield bytes(room[begins:start])
        finally:
            self._filled = end - start
            if self._filled == 0 and len(room) > ROOM:
                self._room = bytearray(ROOM)
            elif start:
                room[: self._filled] = room[start:end]
