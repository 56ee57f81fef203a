"""What plugins give is checked where they make it."""

from __future__ import annotations

from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Milestone, SourcePage, Step, Tour, Who, shift
from core.hooks import types
from core.hooks.data import Data

DAY = date(2027, 3, 31)
TITLE = {"en": "Return plan", "fr": "Plan de retour"}


def milestone(**more: Any) -> Milestone:
    return Milestone(**{"key": "plan", "title": TITLE, "owner": "agency", "due": DAY, **more})


@pytest.mark.parametrize(
    ("bad", "says"),
    [
        ({"due": "2027-03-31"}, "Expected `date`, got `str` - at `$.due`"),
        ({"due": datetime(2027, 3, 31)}, "Expected `date`, got `datetime`"),  # noqa: DTZ001 - a wrong type is meant
        ({"owner": "the boss"}, "at `$.owner`"),
        ({"title": {"en": "Return plan"}}, "missing required field `fr`"),
        ({"title": {"en": "Return plan", "fr": ""}}, "both languages are needed"),
        ({"key": " "}, "the key is empty"),
        ({"opens": date(2027, 4, 1)}, "it opens after it is due"),
        ({"before_duty": True, "owner": "health"}, "a health milestone holds nobody back from duty"),
        ({"before_duty": True, "health": True}, "a health milestone holds nobody back from duty"),
    ],
)
def test_a_wrong_value_is_an_error_at_the_plugins_own_line(bad: dict[str, Any], says: str) -> None:
    with pytest.raises(ValueError, match="Milestone") as error:
        milestone(**bad)
    assert says in str(error.value)


def test_a_step_needs_somebody_and_a_possible_deadline() -> None:
    step = {"key": "chief", "title": TITLE, "who": Who(role="approver")}
    assert Step(**step).how_many == "any"  # type: ignore[arg-type]
    for bad in ({"how_many": 0}, {"deadline": 0}, {"how_many": "most"}, {"key": ""}):
        with pytest.raises(ValueError, match="Step"):
            Step(**(step | bad))  # type: ignore[arg-type]


def test_a_tour_ends_after_it_starts() -> None:
    with pytest.raises(ValueError, match="ends before it starts"):
        Tour(id=UUID(int=1), officer_id=UUID(int=2), mission="MINUSTAH", start=DAY, end=date(2027, 1, 1))


@pytest.mark.parametrize(
    "bad",
    [
        {"columns": {"a": ["1"], "b": []}},
        {"columns": {"a": ["1"]}, "lines": [2, 3]},
        {"columns": {"a": ["1"] * (types.MOST_ROWS + 1)}},
        {"columns": {"a": ["x" * (types.MOST_CHARACTERS + 1)]}},
        {"columns": {"a": [1]}},
    ],
)
def test_a_page_is_even_and_within_its_limits(bad: dict[str, Any]) -> None:
    with pytest.raises(ValueError, match="SourcePage"):
        SourcePage(**bad)


def test_a_page_knows_its_rows() -> None:
    assert SourcePage(columns={"number": ["1", None], "name": ["A", "B"]}, lines=[2, 3]).rows == 2
    assert SourcePage(columns={}).rows == 0


def test_what_crosses_to_a_sandbox_comes_back_the_same() -> None:
    before = [milestone(), milestone(key="other", health=True, opens=DAY)]
    assert msgspec.msgpack.decode(msgspec.msgpack.encode(before), type=list[Milestone]) == before


def test_every_struct_of_the_contract_can_be_sent_and_is_documented() -> None:
    structs = [kind for kind in vars(types).values() if isinstance(kind, type) and issubclass(kind, Data)]
    assert len(structs) > 10
    for kind in structs:
        msgspec.msgpack.Decoder(kind)
        assert (kind.__doc__ or "").strip()


@given(day=st.dates(date(1990, 1, 1), date(2100, 1, 1)), months=st.integers(-240, 240), days=st.integers(-400, 400))
def test_shifting_by_months_keeps_the_day_or_takes_the_months_last(day: date, months: int, days: int) -> None:
    moved = shift(day, months=months)
    assert (moved.year * 12 + moved.month) - (day.year * 12 + day.month) == months
    assert moved.day == day.day or (moved.day < day.day and shift(moved, days=1).day == 1)
    assert (shift(day, days=days, weeks=2) - day).days == days + 14
