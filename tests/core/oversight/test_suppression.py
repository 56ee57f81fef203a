"""Small counts of people are not shown, nor left to be reckoned from the others."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from core.oversight.suppression import THRESHOLD, suppress

cells = st.dictionaries(
    st.tuples(st.sampled_from(["a", "b", "c"]), st.sampled_from(["woman", "man", "not_stated"])),
    st.integers(1, 30),
    max_size=9,
)


def rows_of(counts: dict[tuple[str, str], int]) -> list[dict[str, Any]]:
    return [{"agency": agency, "gender": gender, "officers": count} for (agency, gender), count in counts.items()]


@given(cells)
def test_no_small_count_is_shown_by_a_personal_attribute(counts: dict[tuple[str, str], int]) -> None:
    shown, hidden = suppress(rows_of(counts), ["gender"])
    assert all(row["officers"] >= THRESHOLD for row in shown)
    assert len(shown) + hidden == len(counts)


@given(cells)
def test_no_total_gives_a_small_count_back(counts: dict[tuple[str, str], int]) -> None:
    shown, _ = suppress(rows_of(counts), ["gender"])
    for agency in {agency for agency, _ in counts}:
        known = {row["gender"] for row in shown if row["agency"] == agency}
        secret = [(one, count) for one, count in counts.items() if one[0] == agency and one[1] not in known]
        everybody = [one for one in counts if one[0] == agency]
        if secret and len(everybody) > 1:
            assert len(secret) > 1 or secret[0][1] >= THRESHOLD, "total less the shown is one person's cell"


@given(cells)
def test_head_counts_are_public(counts: dict[tuple[str, str], int]) -> None:
    rows = [{"agency": agency, "officers": count} for (agency, _), count in counts.items()]
    assert suppress(rows, []) == (rows, 0)


def test_a_personal_filter_hides_like_a_personal_column() -> None:
    rows = [{"agency": "a", "officers": 2}, {"agency": "b", "officers": 9}, {"agency": "c", "officers": 20}]
    shown, hidden = suppress(rows, [], filtered=True)
    assert [row["agency"] for row in shown] == ["c"]
    assert hidden == 2
