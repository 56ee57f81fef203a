from __future__ import annotations

from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Fault, Invalid
from core.text import t
from core.use_cases.fields import field
from core.use_cases.intake import LARGEST_NUMBER, LONGEST_TEXT, in_order, read, readable


class Line(msgspec.Struct, frozen=True):
    title: Annotated[str, field(t("Title"), shortest=2, longest=10)]
    count: Annotated[int, field(t("Count"), least=0, most=9)] = 1


class Form(msgspec.Struct, frozen=True):
    name: Annotated[str, field(t("Name"), longest=20)]
    day: date
    number: int = 0
    maybe: Annotated[int, field(t("Maybe"), least=1, most=5)] | None = None
    armed: bool = False
    side: Literal["agency", "program"] = "agency"
    owner: UUID | None = None
    tags: list[str] = []
    lines: list[Line] = []
    first: Line | None = None


class Period(msgspec.Struct, frozen=True):
    start: date
    end: date

    def __post_init__(self) -> None:
        if self.end < self.start:
            raise Invalid([Fault("/end", t("The end is before the start."))])


class Plan(msgspec.Struct, frozen=True):
    period: Period


GOOD = {"name": "Ada", "day": "2026-03-01"}


def made_or_faults(values: dict[str, Any]) -> tuple[Form | None, tuple[Fault, ...]]:
    try:
        return read(Form, values), ()
    except Invalid as invalid:
        return None, invalid.faults


def faults_of(values: dict[str, Any]) -> dict[str, str]:
    with pytest.raises(Invalid) as caught:
        read(Form, values)
    return {fault.pointer: str(fault.text) for fault in caught.value.faults}


def test_text_from_a_form_becomes_typed_values() -> None:
    made = read(
        Form, GOOD | {"number": " 12 ", "maybe": "3", "armed": "true", "side": "program", "first": {"title": "ab"}}
    )
    assert made == Form("Ada", date(2026, 3, 1), 12, 3, True, "program", first=Line("ab"))


@pytest.mark.parametrize("day", ["1899-12-31", "0001-01-01", "2200-01-01", "9999-12-31"])
def test_a_day_that_nobody_can_mean_is_a_fault(day: str) -> None:
    assert faults_of({"day": day})["/day"] == "Enter a date from 1900 to 2199."


def test_every_fault_is_named_at_once_by_its_pointer() -> None:
    faults = faults_of(
        {
            "day": "2026-02-30",
            "number": "x",
            "maybe": 9,
            "side": "other",
            "owner": "no",
            "extra": 1,
            "lines": [{"title": "ab"}, {"title": "x", "count": -1}],
            "first": 7,
        }
    )
    assert set(faults) == {
        "/extra",
        "/name",
        "/day",
        "/number",
        "/maybe",
        "/side",
        "/owner",
        "/lines/1/title",
        "/lines/1/count",
        "/first",
    }
    assert faults["/day"] == "Enter a date that exists, as year-month-day: 2026-03-01."
    assert faults["/number"] == "Enter a whole number."
    assert faults["/maybe"] == "Enter a number of at most 5."
    assert faults["/side"] == "Choose one of: agency, program."
    assert faults["/lines/1/title"] == "Use at least 2 characters."
    assert faults["/lines/1/count"] == "Enter a number of at least 0."


@pytest.mark.parametrize("sent", [{}, {"read": ""}, {"read": False}, {"read": "false"}])
def test_a_box_that_has_to_be_ticked_is_named_with_the_other_faults_in_the_order_of_the_form(
    sent: dict[str, Any],
) -> None:
    class Press(msgspec.Struct, frozen=True):
        why: str
        read: Annotated[bool, field(t("Read"), unticked=t("Tick the box."))]
        when: date

    with pytest.raises(Invalid) as caught:
        read(Press, sent)
    told = [(fault.pointer, str(fault.text)) for fault in caught.value.faults]
    assert told == [("/why", "Fill this in."), ("/read", "Tick the box."), ("/when", "Fill this in.")]
    assert read(Press, {"why": "x", "read": "true", "when": "2026-03-01"}).read is True


def test_of_what_cannot_be_read_whole_the_rest_can_still_be_looked_at() -> None:
    found = readable(Form, {"name": " ", "day": "2026-13-01", "maybe": "9", "number": "7", "strange": "x"})
    assert found == {"number": 7, "armed": False, "side": "agency", "owner": None, "first": None}
    assert readable(Form, {"name": "Ana", "day": "2026-03-01"})["day"] == date(2026, 3, 1)


def test_faults_stand_in_the_order_of_the_form_whoever_found_them() -> None:
    pointers = ["/lines/0/title", "/number", "/_on", "/name", "/day", "/name"]
    told = [fault.pointer for fault in in_order(Form, [Fault(one, t("Name")) for one in pointers])]
    assert told == ["/_on", "/name", "/name", "/day", "/number", "/lines/0/title"]


def test_an_empty_or_blank_text_counts_as_not_given() -> None:
    assert faults_of({"name": "  ", "day": ""}) == {"/name": "Fill this in.", "/day": "Fill this in."}
    assert read(Form, GOOD | {"owner": "", "number": " "}) == read(Form, GOOD)


@pytest.mark.parametrize("bad", ["a\x00b", "a\ud800b"])
def test_text_that_no_database_can_store_is_a_fault(bad: str) -> None:
    assert set(faults_of(GOOD | {"name": bad})) == {"/name"}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("tags", ["fine", "a\x00b"]),
        ("tags", ["x" * (LONGEST_TEXT + 1)]),
        ("number", LARGEST_NUMBER + 1),
        ("number", str(10**30)),
        ("number", True),
        ("number", 1.5),
        ("name", 12),
        ("name", ["a"]),
        ("day", 20260301),
        ("lines", {"title": "ab"}),
        ("lines", "ab"),
        ("lines", ["ab"]),
        ("tags", "ab"),
        ("tags", [["deep"]]),
    ],
)
def test_a_value_of_another_shape_is_a_fault_and_nothing_worse(name: str, value: Any) -> None:
    pointers = faults_of(GOOD | {name: value})
    assert all(pointer == f"/{name}" or pointer.startswith(f"/{name}/") for pointer in pointers)


def test_a_pointer_escapes_what_a_key_may_hold() -> None:
    assert set(faults_of(GOOD | {"a/b~c": 1})) == {"/a~1b~0c"}


def test_a_struct_that_checks_itself_reports_a_fault() -> None:
    with pytest.raises(Invalid) as caught:
        read(Plan, {"period": {"start": "2026-02-01", "end": "2026-01-01"}})
    assert [fault.pointer for fault in caught.value.faults] == ["/period/end"]


anything = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text() | st.dates() | st.uuids().map(str),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.text(max_size=8), inner, max_size=4),
    max_leaves=8,
)
names = st.sampled_from([*Form.__struct_fields__, "x", "title", "count"])


@given(st.dictionaries(names, anything | st.dictionaries(names, anything), max_size=8))
def test_whatever_comes_in_either_makes_the_struct_or_is_invalid_with_pointers(values: dict[str, Any]) -> None:
    made, faults = made_or_faults(values)
    assert (made is None) == bool(faults)
    assert all(fault.pointer.startswith("/") and str(fault.text) for fault in faults)
    if made is not None:
        assert msgspec.convert(msgspec.to_builtins(made), Form) == made


@given(
    st.builds(
        Form,
        name=st.text("abc é-'", min_size=1, max_size=20).map(str.strip).filter(bool),
        day=st.dates(date(1900, 1, 1), date(2199, 12, 31)),
        number=st.integers(-LARGEST_NUMBER, LARGEST_NUMBER),
        maybe=st.none() | st.integers(1, 5),
        armed=st.booleans(),
        side=st.sampled_from(["agency", "program"]),
        owner=st.none() | st.uuids(),
        tags=st.lists(st.text("xyz", min_size=1), max_size=3),
        lines=st.lists(st.builds(Line, st.text("ab", min_size=2, max_size=10), st.integers(0, 9)), max_size=3),
    )
)
def test_what_a_struct_shows_is_read_back_as_the_same_struct(made: Form) -> None:
    assert read(Form, msgspec.to_builtins(made)) == made
