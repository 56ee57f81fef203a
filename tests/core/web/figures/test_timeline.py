from __future__ import annotations

import re
from datetime import date

import pytest

from core.web.figures.pen import Pen
from core.web.figures.timeline import Lane, Span, draw_timeline

PEN = Pen("fr", lambda path: f"/fr/ipob{path}")
FIRST, LAST, TODAY = date(2026, 7, 1), date(2027, 8, 31), date(2026, 11, 23)
EARLY = Span("R4", date(2025, 12, 10), date(2026, 12, 15), "done", "/r/4")
NEXT = Span("R5", date(2026, 12, 8), date(2027, 11, 30), "plan", "/r/5")
LATER = Span("R6", date(2027, 9, 1), date(2027, 11, 30), "plan", "/r/6")


def drawn(*spans: Span, first: date = FIRST, last: date = LAST) -> str:
    return str(draw_timeline(PEN, [Lane("BINUH", spans)], first, last, TODAY).svg)


def test_spans_that_overlap_stand_in_rows_of_their_own() -> None:
    tops = re.findall(r'<rect x="[^"]+" y="(\d+)"[^>]*class="mark', drawn(EARLY, NEXT))
    assert len(set(tops)) == 2
    after = Span("R7", date(2026, 12, 16), date(2027, 1, 1), "plan", "/r/7")
    tops = re.findall(r'<rect x="[^"]+" y="(\d+)"[^>]*class="mark', drawn(EARLY, after))
    assert len(set(tops)) == 1


def test_what_began_before_is_marked_and_what_lies_outside_is_left_out() -> None:
    svg = drawn(EARLY, LATER)
    assert "◂ R4" in svg
    assert "R6" not in svg


def test_each_span_says_row_days_and_state() -> None:
    svg = drawn(EARLY)
    assert "BINUH – R4, du 10" in svg
    assert "En mission</title>" in svg


def test_a_narrow_span_has_its_name_in_the_title_only() -> None:
    svg = drawn(Span("R31 with a long name", date(2026, 11, 1), date(2026, 11, 3), "late", "/r/31"))
    assert svg.count("R31 with a long name") == 2


def test_today_is_flagged_only_within_the_window() -> None:
    assert "flagged" in drawn(EARLY)
    assert "flagged" not in drawn(NEXT, first=date(2027, 1, 1))


def test_another_day_is_not_called_today() -> None:
    svg = str(draw_timeline(PEN, [Lane("BINUH", [EARLY])], FIRST, LAST, TODAY, flag="23 nov. 2026").svg)
    assert ">23 nov. 2026</text>" in svg
    assert "Aujourd" not in svg


@pytest.mark.parametrize(
    ("last", "labels"),
    [
        (date(2026, 12, 31), ["juill. 2026", "août"]),
        (date(2029, 6, 30), ["2027", "avril"]),
        (date(2036, 1, 1), ["2030"]),
    ],
)
def test_ticks_thin_out_as_the_window_grows(last: date, labels: list[str]) -> None:
    svg = drawn(EARLY, last=last)
    for label in labels:
        assert f">{label}</text>" in svg


def test_only_the_kinds_that_are_drawn_are_explained() -> None:
    figure = draw_timeline(PEN, [Lane("BINUH", [EARLY, NEXT])], FIRST, LAST, TODAY)
    assert [kind for kind, _ in figure.legend] == ["k-done", "k-plan"]


def test_the_table_has_a_row_for_each_span_drawn() -> None:
    figure = draw_timeline(PEN, [Lane("BINUH", [EARLY, NEXT, LATER]), Lane("CPI", [])], FIRST, LAST, TODAY)
    assert [row["first"] for row in figure.table.rows] == [EARLY.first, NEXT.first]
