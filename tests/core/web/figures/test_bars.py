from __future__ import annotations

from core.web.figures.bars import Amount, build_funnel, draw_bars, sparkline
from core.web.figures.pen import Pen

PEN = Pen("en")


def test_a_bar_below_its_whole_says_so_in_words() -> None:
    figure = draw_bars(PEN, [Amount("BINUH", 24, "/1", 30), Amount("ICC", 4, "/2", 4)], name="x", caption="Strength")
    assert "BINUH – 24 / 30" in figure.svg
    assert figure.svg.count("value short") == 1


def test_a_mark_leads_nowhere_that_the_reader_may_not_open() -> None:
    pen = Pen("en", opens=lambda path: path == "/1")
    svg = draw_bars(pen, [Amount("BINUH", 24, "/1"), Amount("ICC", 4, "/2")], name="x", caption="Strength").svg
    assert 'href="/1"' in svg
    assert 'href="/2"' not in svg
    assert '<g role="img" aria-label="ICC' in svg


def test_bars_without_a_whole_have_two_columns_in_the_table() -> None:
    figure = draw_bars(PEN, [Amount("Woman", 7, "/1")], name="x", caption="Gender")
    assert [column.key for column in figure.table.columns] == ["title", "value"]


def test_nothing_to_draw_is_no_division_by_nought() -> None:
    assert draw_bars(PEN, [], name="x", caption="Empty").table.rows == []
    assert draw_bars(PEN, [Amount("None", 0, "/1", 0)], name="x", caption="Nought").svg
    assert build_funnel([("Nominated", 0, None)], name="x", caption="Empty").stages[0].share == 0


def test_a_funnel_counts_from_its_first_stage() -> None:
    funnel = build_funnel([("Nominated", 64, "/n"), ("Ready", 16, None)], name="x", caption="Way")
    assert [stage.share for stage in funnel.stages] == [1.0, 0.25]
    assert [row["count"] for row in funnel.table.rows] == [64, 16]


def test_a_sparkline_says_in_words_what_it_shows() -> None:
    svg = sparkline([1, 5, 3], "from 1 to 3")
    assert 'role="img" aria-label="from 1 to 3"' in svg
    assert sparkline([7], "nothing to compare") == ""
    assert sparkline([2, 2], "level")
