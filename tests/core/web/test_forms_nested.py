from __future__ import annotations

from typing import Annotated, Any, Literal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from core.errors import Fault, Invalid
from core.text import t
from core.use_cases import intake
from core.use_cases.fields import field
from core.web.bodies import gathered
from core.web.forms import Form, build_form


class Step(msgspec.Struct, kw_only=True):
    key: Annotated[str, field(t("Key"), longest=40)]
    title_en: Annotated[str, field(t("Title in English"), longest=120)]
    days: Annotated[int | None, field(t("Days"), least=1, most=365)] = None
    on_paper: bool = True
    kind: Literal["decide", "inform"] = "decide"
    roles: Annotated[list[Literal["a", "b"]], field(t("Roles"), widget="choices")] = []


class Chain(msgspec.Struct, kw_only=True):
    steps: Annotated[list[Step], field(t("Steps, in order"))] = []
    fields: Annotated[list[str], field(t("Fields"))] = []
    nobody: bool = False


CHIEF = Step(key="chief", title_en="Chief’s office", days=7, roles=["b"])
HR = Step(key="hr", title_en="Human resources", on_paper=False, kind="inform")


def pairs_of(form: Form) -> list[tuple[str, str]]:
    """Return what a browser would send of the form as it stands."""
    sent: list[tuple[str, str]] = []
    for one in form.fields:
        if one.widget == "rows":
            for row in one.rows:
                sent += pairs_of(row)
        elif one.widget in ("choice", "choices"):
            sent += [(one.name, choice.value) for choice in one.choices if choice.chosen]
        elif one.widget == "checkbox":
            sent += [(one.name, "true")] * one.checked
        else:
            sent.append((one.name, one.value))
    return sent


def sent_again(chain: Chain, *changes: tuple[str, str]) -> Chain:
    pairs = [*pairs_of(build_form(Chain, msgspec.structs.asdict(chain))), *changes]
    return intake.read(Chain, gathered(Chain, pairs))


def test_what_is_shown_comes_back_the_same() -> None:
    chain = Chain(steps=[CHIEF, HR], fields=["rank", "language"])
    assert sent_again(chain) == chain


def test_there_is_room_for_more_and_what_is_left_empty_is_nothing() -> None:
    form = build_form(Chain, {"steps": [CHIEF]})
    assert [row.spare for row in form["steps"].rows] == [False, True, True]
    filled = [("steps/1/key", "hr"), ("steps/1/title_en", "Human resources"), ("steps/1/on_paper", "true")]
    assert [step.key for step in sent_again(Chain(steps=[CHIEF]), *filled).steps] == ["chief", "hr"]


def test_rows_are_moved_and_removed_without_a_script() -> None:
    chain = Chain(steps=[CHIEF, HR])
    assert [step.key for step in sent_again(chain, ("steps/1/_place", "1"), ("steps/0/_place", "2")).steps] == [
        "hr",
        "chief",
    ]
    assert sent_again(chain, ("steps/0/_remove", "true")).steps == [HR]


def test_removing_every_row_leaves_an_empty_list() -> None:
    assert sent_again(Chain(steps=[HR]), ("steps/0/_remove", "true")).steps == []


def test_a_fault_in_a_row_stands_at_its_field() -> None:
    values = gathered(Chain, [("steps/0/key", "chief"), ("steps/0/title_en", ""), ("steps/0/days", "900")])
    with pytest.raises(Invalid) as caught:
        intake.read(Chain, values)
    form = build_form(Chain, values, caught.value.faults)
    assert [one.name for one in form.faulty] == ["steps/0/title_en", "steps/0/days"]
    assert form.faulty[0].id == "f-steps-0-title_en"


def test_the_summary_names_the_row_in_which_a_fault_is() -> None:
    values = {"steps": [{"key": "chief", "title_en": "Chief", "days": "900"}, {"days": "0", "kind": ""}]}
    faults = [Fault(f"/steps/{number}/days", t("Between 1 and 365.")) for number in range(2)]
    form = build_form(Chain, values, faults)
    said = [[str(row) for row in within] for _, within in form.faults("en")]
    assert said == [["Chief"], ["Row 2"]]


def test_a_row_is_named_in_the_readers_language() -> None:
    row = build_form(Chain, {"steps": [CHIEF]})["steps"].rows[0]
    assert row.heading("en") == "Chief’s office"
    assert row.heading("fr") == "chief"


def test_one_entry_stands_on_each_line() -> None:
    assert build_form(Chain, {"fields": ["rank", "language"]})["fields"].value == "rank\nlanguage"
    assert gathered(Chain, [("fields", "rank\r\n\r\n language \n")])["fields"] == ["rank", " language "]


@given(st.lists(st.tuples(st.text("steps/_01248key.", max_size=24), st.text(max_size=8)), max_size=12))
def test_no_name_of_a_field_makes_it_stumble(pairs: list[tuple[str, str]]) -> None:
    values: dict[str, Any] = gathered(Chain, pairs)
    try:
        intake.read(Chain, values)
    except Invalid as invalid:
        build_form(Chain, values, invalid.faults)


def test_what_is_wrong_with_a_row_as_a_whole_is_told_at_its_first_field() -> None:
    form = build_form(Chain, {"steps": [CHIEF, HR]}, [Fault("/steps/1", t("These two do not go together."))])
    assert [(one.name, [str(said) for said in one.errors]) for one in form.faulty] == [
        ("steps/1/key", ["These two do not go together."])
    ]
    assert [bool(row.faulty) for row in form["steps"].rows] == [False, True, False, False]
    assert not form.loose
