"""What plugins show and ask as data: it has bounds, holds nothing unseen, and asks what the form then takes."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from contingent import (
    Action,
    Bar,
    Column,
    Done,
    Fact,
    Facts,
    Fault,
    Faults,
    Figure,
    Notice,
    PageLink,
    Panel,
    Question,
    Row,
    Table,
    Words,
)
from core.errors import Invalid
from core.panels.question_drawing import form_of
from core.panels.questions import read_answers, said_in

NAME: Words = {"en": "Name", "fr": "Nom"}
CELL: list[Any] = [NAME]


def words(text: str) -> Words:
    return {"en": text, "fr": "Nom"}


@pytest.mark.parametrize(
    "made",
    [
        lambda: Facts(facts=[Fact(title=NAME, value=1)] * 21),
        lambda: Table(title=NAME, columns=[Column(title=NAME)], rows=[Row(cells=CELL)] * 51),
        lambda: Table(title=NAME, columns=[Column(title=NAME)] * 7, rows=[]),
        lambda: Table(title=NAME, columns=[], rows=[]),
        lambda: Table(title=NAME, columns=[Column(title=NAME)], rows=[Row(cells=CELL * 2)]),
        lambda: Figure(title=NAME, unit=NAME, bars=[Bar(title=NAME, part=1)] * 21),
        lambda: Bar(title=NAME, part=2, whole=1),
        lambda: Bar(title=NAME, part=-1),
        lambda: Panel(key="many", title=NAME, parts=[Notice(text=NAME)] * 7),
        lambda: Panel(key="Not a key", title=NAME, parts=[]),
        lambda: Fact(title=words("x" * 121), value=None),
        lambda: Fact(title=NAME, value=2**53),
        lambda: Fact(title=NAME, value=words("x" * 121)),
        lambda: Notice(text=words("x" * 601)),
        lambda: PageLink(kind="return", id=UUID(int=1), title=words("\x1b[31mred")),
        lambda: Done(said=words("a\N{RIGHT-TO-LEFT OVERRIDE}b")),
        lambda: Fault(key="day", reason=words("a\nb")),
        lambda: Faults(faults=[]),
        lambda: Question(key="scale", title=NAME, kind="scale", least=1, most=1),
        lambda: Question(key="scale", title=NAME, kind="scale", least=0, most=12),
        lambda: Question(key="choice", title=NAME, kind="choice", choices={"one": NAME}),
        lambda: Question(key="choice", title=NAME, kind="choice", choices={"one": NAME, "a b": NAME}),
        lambda: Action(key="twice", title=NAME, form=[Question(key="one", title=NAME)] * 2),
        lambda: Action(key="many", title=NAME, form=[Question(key=f"q{n}", title=NAME) for n in range(21)]),
    ],
)
def test_what_is_too_much_or_cannot_be_seen_is_refused_at_the_plugin_s_own_line(made: Any) -> None:
    with pytest.raises(ValueError, match=r"^[A-Z]\w+: "):
        made()


def test_what_comes_from_a_sandbox_is_held_to_the_same_bounds() -> None:
    sent = msgspec.msgpack.encode([{"key": "many", "title": NAME, "parts": [{"type": "notice", "text": NAME}] * 7}])
    with pytest.raises(msgspec.ValidationError, match="more than 6 parts"):
        msgspec.msgpack.decode(sent, type=list[Panel])


def test_no_break_spaces_and_accents_are_seen() -> None:
    assert Notice(text={"en": "Élan 5\N{NO-BREAK SPACE}km", "fr": "«\N{NARROW NO-BREAK SPACE}Élan\N{NO-BREAK SPACE}»"})


QUESTIONS = [
    Question(key="words", title=NAME),
    Question(key="yes-no", title=NAME, kind="yes_no"),
    Question(key="scale", title=NAME, kind="scale", choices={"1": {"en": "never", "fr": "jamais"}}),
    Question(key="choice", title=NAME, kind="choice", choices={"a": NAME, "b": {"en": "Two", "fr": "Deux"}}),
    Question(key="day", title=NAME, kind="day", required=True),
]
DAYS = st.dates(date(1900, 1, 1), date(2199, 12, 31)).map(date.isoformat)
SAID = st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs"]), min_size=1, max_size=50)


@given(
    st.fixed_dictionaries(
        {"day": DAYS},
        optional={
            "words": SAID.filter(str.strip),
            "yes-no": st.booleans(),
            "scale": st.integers(1, 5),
            "choice": st.sampled_from("ab"),
        },
    )
)
def test_what_a_form_takes_is_what_the_plugin_is_told(answers: dict[str, Any]) -> None:
    read = read_answers(QUESTIONS, answers, "fr")
    assert read == {key: one.strip() if isinstance(one, str) else one for key, one in answers.items()}
    again = read_answers(QUESTIONS, read, "en")
    assert again == read
    by_key = {one.key: one for one in QUESTIONS}
    assert all(said_in(by_key[key], one)["fr"].strip() for key, one in read.items())


def test_every_wrong_answer_is_a_fault_at_its_own_question() -> None:
    wrong: dict[str, Any] = {"yes-no": "perhaps", "scale": 9, "choice": "c", "day": "soon", "other": "x"}
    with pytest.raises(Invalid) as refused:
        read_answers(QUESTIONS, wrong, "en")
    keys = ("yes-no", "scale", "choice", "day", "other")
    assert {one.pointer for one in refused.value.faults} == {f"/answer.{key}" for key in keys}
    form = form_of(QUESTIONS, "en", wrong, refused.value.faults, prefix="mine-")
    assert {one.name for one in form.faulty} == {f"answer.{key}" for key in keys[:-1]}
    assert form["answer.scale"].choices[1].label.render(str) == "1 – never"  # type: ignore[union-attr]
    assert form["answer.day"].required
    assert not form["answer.words"].required


def test_an_answer_is_told_in_both_languages() -> None:
    scale, choice = QUESTIONS[2], QUESTIONS[3]
    assert said_in(scale, 1) == {"en": "1 – never", "fr": "1 – jamais"}
    assert said_in(choice, "b") == {"en": "Two", "fr": "Deux"}
    assert said_in(QUESTIONS[1], True) == {"en": "Yes", "fr": "Oui"}
