"""Frames between core and its hosts are read whole, and take no more room than they need."""

from __future__ import annotations

from collections.abc import Iterator

import msgspec
import pytest

from core.hooks.sandbox.frames import ROOM, Answered, Cutter, Garbled, Said, from_host, pack, raw
from core.hooks.sandbox.linking import Link

pytestmark = pytest.mark.sandbox


async def test_frames_are_read_whole_however_they_are_cut() -> None:
    frames = [Answered(number, raw("x" * number)) for number in (0, 1, 300, 70000)]
    sent = b"".join(pack(one) for one in frames)
    for size in (1, 3, 4, 5, 1000, len(sent)):
        cutter = Cutter(100_000)
        # Twice: what was read leaves nothing behind.
        for _ in range(2):
            found = [from_host.decode(body) for body in cut(cutter, sent, size)]
            assert [one.id for one in found] == [0, 1, 300, 70000]
            assert [msgspec.msgpack.decode(one.value) for one in found] == ["x" * one.id for one in found]
        assert len(cutter.room()) == ROOM
    with pytest.raises(Garbled):
        list(cut(Cutter(10), b"\x00\x00\x00\x0b", 4))


def test_a_frame_that_says_it_is_long_is_given_no_more_room_than_what_came_of_it_needs() -> None:
    cutter = Cutter(2**20)
    said = (2**20).to_bytes(4, "big") + bytes(20_000)
    assert list(cut(cutter, said, 1_000)) == []
    assert len(cutter.room()) < 2 * len(said)


SAYS = msgspec.msgpack.encode(Said(1, "info", "hello", {"a": 1}))


@pytest.mark.parametrize(
    "body",
    [b"", b"\xc1", SAYS[:-1], SAYS.replace(b"hello", b"\xff\xfe\xff\xfe\xff"), SAYS[:-1] + b"\x91" * 5000 + b"\x01"],
)
async def test_what_is_no_frame_ends_the_host(body: bytes) -> None:
    ended: list[Link] = []
    link, sent = Link(ended.append), len(body).to_bytes(4, "big") + body
    while sent and link.alive:
        room = link.get_buffer(-1)
        count = min(len(room), len(sent))
        room[:count] = sent[:count]
        link.buffer_updated(count)
        sent = sent[count:]
    assert ended == [link]


def cut(cutter: Cutter, sent: bytes, size: int) -> Iterator[bytes]:
    """Yield what is cut of ``sent``, of which at most ``size`` bytes come at once, or as many as there is room for."""
    while sent:
        room = cutter.room()
        count = min(size, len(room), len(sent))
        room[:count] = sent[:count]
        yield from cutter.cut(count)
        sent = sent[count:]
