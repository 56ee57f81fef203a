"""Pages by keyset: every row once, whatever the size of a page."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from core.use_cases.paging import page_of


@dataclass(frozen=True)
class Line:
    id: UUID


LINES = st.lists(st.uuids(), unique=True, max_size=40).map(lambda ids: [Line(one) for one in ids])


@given(LINES, st.integers(1, 12))
def test_the_pages_together_are_the_list(rows: list[Line], limit: int) -> None:
    seen: list[Line] = []
    page, after = page_of(rows, None, limit)
    seen += page
    while after is not None:
        page, after = page_of(rows, after, limit)
        assert page
        seen += page
    assert seen == rows


@given(LINES, st.uuids())
def test_a_cursor_to_nothing_gives_nothing(rows: list[Line], nowhere: UUID) -> None:
    known = [row for row in rows if row.id != nowhere]
    assert page_of(known, nowhere, 5) == ([], None)
