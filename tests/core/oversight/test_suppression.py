"""Small counts of people are not shown, nor left to be reckoned from the others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from itertools import product
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.oversight.suppression import COUNT, THRESHOLD, Row, suppress

AXES = {"agency": "abc", "mission": "xy", "gender": ("woman", "man", "not_stated")}
KEYS = list(product(*AXES.values()))

tables = st.dictionaries(st.sampled_from(KEYS), st.integers(1, 30), max_size=len(KEYS)).map(
    lambda counts: [dict(zip(AXES, key, strict=True)) | {COUNT: count} for key, count in counts.items()]
)


def summed(rows: Iterable[Row], by: Iterable[str]) -> list[dict[str, Any]]:
    counts: dict[tuple[str, ...], int] = defaultdict(int)
    by = list(by)
    for row in rows:
        counts[tuple(row[name] for name in by)] += row[COUNT]
    return [dict(zip(by, key, strict=True)) | {COUNT: count} for key, count in counts.items()]


@given(tables)
def test_no_small_count_is_shown_by_a_personal_attribute(rows: list[Row]) -> None:
    shown, hidden = suppress(rows, ["gender"])
    assert all(row[COUNT] >= THRESHOLD for row in shown)
    assert sorted(map(str, [*shown, *hidden])) == sorted(map(str, rows)), "each row is one or the other"


@given(tables)
def test_no_total_in_any_direction_gives_a_small_count_back(rows: list[Row]) -> None:
    shown, hidden = suppress(rows, ["gender"])
    for axis in AXES:
        rest = [name for name in AXES if name != axis]
        for line in summed(rows, rest):
            secret = [row[COUNT] for row in hidden if all(row[name] == line[name] for name in rest)]
            known = [row[COUNT] for row in shown if all(row[name] == line[name] for name in rest)]
            if secret and known:
                assert len(secret) > 1, f"the total along {axis} less the shown is one cell"
                assert sum(secret) >= THRESHOLD, f"the total along {axis} less the shown is a small count"


@given(tables)
def test_head_counts_are_public(rows: list[Row]) -> None:
    by_agency = summed(rows, ["agency"])
    assert suppress(by_agency, []) == (by_agency, [])


def test_a_total_by_the_other_dimension_gives_nothing_back_either() -> None:
    counts = {("x", "woman"): 3, ("x", "man"): 8, ("y", "woman"): 9, ("y", "man"): 20, ("z", "woman"): 12}
    rows = [{"mission": mission, "gender": gender, COUNT: count} for (mission, gender), count in counts.items()]
    shown, hidden = suppress(rows, ["gender"])
    women = [row[COUNT] for row in hidden if row["gender"] == "woman"]
    assert len(women) > 1, "the women in all missions less those shown would be the three"
    assert {"mission": "z", "gender": "woman", COUNT: 12} in shown
