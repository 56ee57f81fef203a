"""Identifiers: UUID version 7 (RFC 9562), so that keys made later sort later."""

from __future__ import annotations

import os
from datetime import datetime
from uuid import UUID

from core.clock import Clock


def uuid7(now: datetime, randomness: bytes) -> UUID:
    """Return the UUIDv7 of ``now`` (milliseconds) and ten bytes of ``randomness``."""
    milliseconds = int(now.timestamp() * 1000) & ((1 << 48) - 1)
    value = (milliseconds << 80) | int.from_bytes(randomness[:10], "big")
    value = (value & ~(0xF << 76)) | (0x7 << 76)
    value = (value & ~(0x3 << 62)) | (0x2 << 62)
    return UUID(int=value)


_last_millisecond = 0
_count = 0


def new_id(clock: Clock) -> UUID:
    """Return a fresh identifier. Those that a process makes within one millisecond sort in their order too.

    The twelve bits after the time count (RFC 9562, method 1); the rest is chance.
    """
    global _last_millisecond, _count  # noqa: PLW0603 - one counter a process, or it would not count
    now = clock.now()
    millisecond = int(now.timestamp() * 1000)
    _count = (_count + 1) & 0xFFF if millisecond == _last_millisecond else 0
    _last_millisecond = millisecond
    return uuid7(now, _count.to_bytes(2, "big") + os.urandom(8))
