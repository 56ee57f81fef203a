"""Civil days as bounds of a list that is ordered by its identifiers."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import ColumnElement

from core.ids import uuid7

SLACK = timedelta(hours=1)
"""An identifier is made a moment after the instant its row states, never an hour after."""


def within(table: Any, zone: str, start: date | None, end: date | None) -> list[ColumnElement[bool]]:
    """Return the conditions of rows from ``start`` to ``end`` (both included) in ``zone``.

    Identifiers sort by time, so the key's own index bounds the search.
    """
    conditions: list[ColumnElement[bool]] = []
    if start is not None:
        first = _midnight(start, zone)
        conditions += [table.id >= uuid7(first, bytes(10)), table.at >= first]
    if end is not None and end < date.max:
        last = _midnight(end + timedelta(days=1), zone)
        conditions += [table.id < uuid7(last + SLACK, bytes(10)), table.at < last]
    return conditions


def _midnight(day: date, zone: str) -> datetime:
    """Return the instant at which ``day`` begins; before 1970 there are no identifiers."""
    return datetime.combine(max(day, date(1970, 1, 2)), time(), ZoneInfo(zone)).astimezone(UTC)
