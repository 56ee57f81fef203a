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


def new_id(clock: Clock) -> UUID:
    """Return a fresh identifier."""
    return uuid7(clock.now(), os.urandom(10))
