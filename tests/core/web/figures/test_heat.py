from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from core.web.figures.heat import Axis, build_heat, shade

ROWS = [Axis("a", "RCMP", "/agencies/a"), Axis("b", "SPVM")]
COLUMNS = [Axis("x", "BINUH"), Axis("y", "ICC")]


def test_rows_columns_and_the_whole_add_up() -> None:
    heat = build_heat(ROWS, COLUMNS, {("a", "x"): 5, ("b", "x"): 2}, name="h", caption="H", corner="Agency")
    assert [row.total for row in heat.rows] == [5, 2]
    assert heat.totals == (7, 0)
    assert heat.total == 7
    assert not heat.suppressed


def test_a_suppressed_cell_hides_the_sums_that_would_give_it_back() -> None:
    heat = build_heat(ROWS, COLUMNS, {("a", "x"): None, ("b", "x"): 2}, name="h", caption="H", corner="Agency")
    assert heat.suppressed
    assert (heat.rows[0].total, heat.totals[0], heat.total) == (None, None, None)
    assert heat.rows[1].total == 2


def test_the_plain_table_holds_the_same() -> None:
    heat = build_heat(ROWS, COLUMNS, {("a", "x"): 5}, name="h", caption="H", corner="Agency")
    table = heat.table
    assert table.rows[1] == {"row": "SPVM", "total": 0, "x": 0, "y": 0}
    assert table.totals is not None
    assert table.totals["total"] == 5


@given(st.integers(0, 500), st.integers(0, 500))
def test_more_is_never_lighter(one: int, two: int) -> None:
    most = max(one, two)
    low, high = sorted((one, two))
    assert 0 <= shade(low, most) <= shade(high, most) <= 4
    assert (shade(low, most) == 0) == (low == 0)
