"""What plugins give is checked where they make it."""

from __future__ import annotations

from datetime import date, datetime
from types import UnionType
from typing import Annotated, Any, Union, get_args, get_origin
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import Milestone, Question, Rejected, Row, SourcePage, Step, Tour, Who, Words, shift
from core.hooks import hr, panels, types
from core.hooks.checking import reason_of
from core.hooks.data import Data

DAY = date(2027, 3, 31)
TITLE: Words = {"en": "Return plan", "fr": "Plan de retour"}


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
        ({"title": {"en": "Return\x1b[2Jplan", "fr": "Plan"}}, "a control character"),
        ({"title": {"en": "Return", "fr": "Plan\0"}}, "a control character"),
        ({"title": {"en": "Return \u202enalp", "fr": "Plan"}}, "a control character"),
        ({"title": {"en": "Return \ud800", "fr": "Plan"}}, "a control character"),
        ({"title": {"en": "Return\rplan", "fr": "Plan"}}, "a control character"),
        ({"title": {"en": "Return", "fr": "x" * 10_001}}, "10001 characters, at most 10000"),
        ({"key": "pl\0an"}, "that no text has"),
        ({"key": "pl\udfffan"}, "that no text has"),
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


def test_words_within_lists_and_objects_are_checked_and_ordinary_ones_are_not_refused() -> None:
    for bad in ("\0", "\x9b31m", "\u2028"):
        with pytest.raises(ValueError, match="control character"):
            Row(cells=[{"en": f"One{bad}", "fr": "Un"}])
        choices: dict[str, Words] = {"one": {"en": f"One{bad}", "fr": "Un"}}
        with pytest.raises(ValueError, match="control character"):
            Question(key="one", title=TITLE, kind="choice", choices=choices)
    ordinary: Words = {"en": "First line\nsecond\t(100\u00a0%) — “quoted”", "fr": "«\u00a0Éé\u202f!\u00a0» 🍁 العربية"}
    assert milestone(title=ordinary).title == ordinary


@pytest.mark.parametrize("said", ["\0", "\x1b]0;owned\x07", "x" * 10_001, "\u202e"])
def test_a_reason_that_cannot_be_shown_or_kept_is_none(said: str) -> None:
    assert reason_of(Rejected({"en": f"No{said}", "fr": "Non"})) is None
    assert reason_of(Rejected({"en": "No", "fr": "Non"})) == {"en": "No", "fr": "Non"}


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


def test_every_sentence_that_a_plugin_can_give_stands_where_it_is_looked_at() -> None:
    """``wrong_text`` looks at a field, and at what is directly in a list or an object: a sentence lies no deeper."""
    kinds = [one for module in (types, panels, hr) for one in vars(module).values() if is_data(one)]
    assert len(kinds) > 30
    deeper = [
        f"{kind.__name__}.{one.name}"
        for kind in kinds
        for one in msgspec.structs.fields(kind)
        if depth_of_words(one.type) > 1
    ]
    assert deeper == []
    assert not [kind.__name__ for kind in kinds if "__post_init__" in vars(kind)]
    assert max(depth_of_words(one.type) for kind in kinds for one in msgspec.structs.fields(kind)) == 1


def is_data(one: object) -> bool:
    return isinstance(one, type) and issubclass(one, Data) and one is not Data


def depth_of_words(annotation: Any) -> int:
    """Return within how many lists or objects a sentence lies; -1 where there is none."""
    if annotation is Words:
        return 0
    found = [depth_of_words(one) for one in get_args(annotation)]
    deepest = max(found, default=-1)
    union = get_origin(annotation) in (Union, UnionType, Annotated)
    return deepest if deepest < 0 or union else deepest + 1
