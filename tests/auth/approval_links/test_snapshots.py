"""What differs between two states of a case: everything that does, and nothing that does not."""

from __future__ import annotations

from collections import defaultdict

from hypothesis import given
from hypothesis import strategies as some

from auth.approval_links.snapshots import Change, Line, Snapshot, differences

LINES = some.lists(some.tuples(some.sampled_from("abc"), some.sampled_from(["", "x", "y"])), max_size=6)


def of(lines: list[Line]) -> Snapshot:
    return Snapshot({"en": lines, "fr": [(title, words.upper()) for title, words in lines]})


def headings(lines: list[Line]) -> dict[str, list[str]]:
    """Return what stands under each heading, in its order."""
    found: dict[str, list[str]] = defaultdict(list)
    for title, words in lines:
        found[title].append(words)
    return dict(found)


@given(LINES, LINES)
def test_there_is_a_difference_where_a_heading_says_something_else_and_only_there(
    before: list[Line], now: list[Line]
) -> None:
    found = differences(of(before), of(now), "en")
    was, here = headings(before), headings(now)
    assert {one.title for one in found} == {title for title in {*was, *here} if was.get(title) != here.get(title)}
    assert all(one.was != one.now for one in found)


@given(LINES)
def test_a_state_differs_in_nothing_from_itself(lines: list[Line]) -> None:
    assert differences(of(lines), of(lines), "fr") == []
    assert of(lines).digest == of(list(lines)).digest


def test_a_line_that_came_and_one_that_went_are_told_as_such() -> None:
    before, now = of([("Firearm", "met"), ("Call", "AC-1")]), of([("Call", "AC-2"), ("First aid", "to look at")])
    assert differences(before, now, "en") == [
        Change("Call", "AC-1", "AC-2"),
        Change("First aid", None, "to look at"),
        Change("Firearm", "met", None),
    ]
