"""Small counts of people are not shown, nor left to be reckoned from the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

THRESHOLD = 5
"""Counts under this are suppressed where a personal attribute is crossed in."""


def suppress(
    rows: Sequence[dict[str, Any]], personal: Sequence[str], *, filtered: bool = False, threshold: int = THRESHOLD
) -> tuple[list[dict[str, Any]], int]:
    """Return the rows that may be shown and the number that are not.

    Rows agree on their other dimensions in groups, whose totals are known from elsewhere: if one
    row of a group is suppressed, the next smallest is too, so that the total does not give it back.
    Where a personal attribute filters (``filtered``), all rows are one group. Head counts without
    a personal attribute are shown as they are.
    """
    if not personal and not filtered:
        return list(rows), 0
    groups: dict[tuple[Any, ...], list[dict[str, Any]]] = defaultdict(list)
    for row in rows:
        rest = [value for name, value in row.items() if name not in personal and name != "officers"]
        groups[() if filtered else tuple(rest)].append(row)
    hidden: set[int] = set()
    for group in groups.values():
        by_size = sorted(group, key=lambda row: row["officers"])
        small = [row for row in by_size if row["officers"] < threshold]
        chosen = small
        if small and sum(row["officers"] for row in small) < threshold and len(by_size) > len(small):
            chosen = by_size[: len(small) + 1]
        elif len(small) == 1 and len(by_size) > 1:
            chosen = by_size[:2]
        hidden.update(id(row) for row in chosen)
    return [row for row in rows if id(row) not in hidden], len(hidden)
