"""Small counts of people are not shown, nor left to be reckoned from the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from typing import Any

THRESHOLD = 5
"""Counts under this are suppressed where a personal attribute is crossed in."""
COUNT = "officers"

Row = Mapping[str, Any]


def suppress(
    rows: Sequence[Row], personal: Collection[str], *, threshold: int = THRESHOLD
) -> tuple[list[Row], list[Row]]:
    """Return the rows of a whole table that may be shown, and those that may not.

    Every key but ``officers`` is a dimension of the table, the ``personal`` ones attributes of a
    person. A line is the rows that differ in one dimension alone: its total may be known from
    another question. So of each line either nothing is hidden or so much that the total gives
    no small count back: two rows at least, and ``threshold`` officers together. Head counts
    without a personal attribute are shown as they are.
    """
    if not personal:
        return list(rows), []
    hidden = {place for place, row in enumerate(rows) if row[COUNT] < threshold}
    lines = _lines(rows)
    grown = bool(hidden)
    while grown:
        grown = False
        for line in lines:
            secret = hidden.intersection(line)
            shown = sorted(set(line) - secret, key=lambda place: rows[place][COUNT])
            while secret and shown and not _safe([rows[place][COUNT] for place in secret], threshold):
                secret.add(shown.pop(0))
                grown = True
            hidden |= secret
    return (
        [row for place, row in enumerate(rows) if place not in hidden],
        [row for place, row in enumerate(rows) if place in hidden],
    )


def _safe(counts: Sequence[int], threshold: int) -> bool:
    return len(counts) > 1 and sum(counts) >= threshold


def _lines(rows: Sequence[Row]) -> list[list[int]]:
    """Return the places of the rows of each line."""
    lines: dict[tuple[Any, ...], list[int]] = defaultdict(list)
    for place, row in enumerate(rows):
        at = {name: value for name, value in row.items() if name != COUNT}
        for free in at:
            lines[free, *(value for name, value in at.items() if name != free)].append(place)
    return list(lines.values())
