"""Lists that come in pages, by keyset: the cursor is the id of the last row shown.

A row that is added or removed meanwhile neither repeats nor hides another. A cursor to a row
that is not there, or not for the caller to see, gives no rows.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import ColumnElement, Select, select, tuple_

Row = TypeVar("Row")

AT_ONCE = 50
"""How many rows a page shows."""
MOST = 200
"""How many rows one answer has at most."""


def beyond(
    base: Select[*tuple[Any, ...]], order: Sequence[Any], key: Any, after: UUID, *, descending: bool = False
) -> ColumnElement[bool]:
    """Return the condition for the rows behind the one whose ``key`` is ``after``.

    ``base`` is the list without filters; ``order`` its columns, which together differ for any
    two rows and are never null, all rising or all ``descending``.
    """
    place = base.order_by(None).with_only_columns(*order).where(key == after).subquery("place")
    there = tuple_(*(select(column).scalar_subquery() for column in place.columns))
    here = tuple_(*order)
    return here < there if descending else here > there


def page_of(rows: Sequence[Row], after: UUID | None, limit: int, key: str = "id") -> tuple[list[Row], UUID | None]:
    """Return one page of rows that had to be sorted here, and the cursor of the next page, if there is one."""
    start = 0
    if after is not None:
        start = next((place for place, row in enumerate(rows, start=1) if getattr(row, key) == after), len(rows))
    return cut(rows[start : start + limit + 1], limit, key)


def cut(rows: Sequence[Row], limit: int, key: str = "id") -> tuple[list[Row], UUID | None]:
    """Return the first ``limit`` of at most one more rows, and the cursor of the next page, if there is one."""
    shown = list(rows[:limit])
    return shown, getattr(shown[-1], key) if len(rows) > limit else None
