"""The arithmetic of the chain. No database: an exported file is verified with this alone."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

GENESIS = "0" * 64
"""The hash before the first: every chain begins with it."""

LINE = "line"
LOOK = "look"

ADDED = frozenset({"assurance"})
"""Columns that rows sealed earlier did not have: they are spelled only where they say something."""


class Head(msgspec.Struct, frozen=True):
    """Where a chain ends: kept elsewhere, it shows later that nothing before it was rewritten."""

    sequence: int = 0
    hash: str = GENESIS


def canonical(row_kind: str, values: Mapping[str, Any]) -> bytes:
    """Return the one spelling of a row: JSON, keys sorted, instants in UTC."""
    told = {name: value for name, value in values.items() if value is not None or name not in ADDED}
    spelled = {name: _instant(value) if isinstance(value, datetime) else value for name, value in told.items()}
    return msgspec.json.encode({"kind": row_kind, **spelled}, order="sorted")


def _instant(value: datetime) -> str:
    return value.astimezone(UTC).isoformat(timespec="microseconds")


def link(head: Head, tenant_id: UUID, row: bytes) -> Head:
    """Return the head after ``row`` (canonical) was appended to ``head`` in this tenant's chain."""
    sequence = head.sequence + 1
    hashed = hashlib.sha256(b"\n".join((head.hash.encode(), tenant_id.bytes, str(sequence).encode(), row)))
    return Head(sequence, hashed.hexdigest())
