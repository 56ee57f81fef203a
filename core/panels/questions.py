"""Questions of plugins as a struct: the form, its faults and its reading follow from it as from any input."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Annotated, Any, Literal

import msgspec

from core.context import Language
from core.hooks.data import Words
from core.hooks.panels import LONGEST_ANSWER, MOST_QUESTIONS, Question
from core.panels.drawing import told
from core.use_cases import intake
from core.use_cases.fields import field

PREFIX = "answer."
"""Before a question's key in a form, so that no plugin can name a field of the host's."""

YES_NO: Mapping[str, Words] = {"yes": {"en": "Yes", "fr": "Oui"}, "no": {"en": "No", "fr": "Non"}}

Answers = Mapping[str, str | int | bool]


def struct_of(questions: Sequence[Question], language: Language, *, free: bool = False) -> type[msgspec.Struct]:
    """Return a struct with a field for each question; beyond the most that are asked, none.

    ``free``: the page says of all of them that they may stay open, so that none is called optional.
    """
    asked = questions[:MOST_QUESTIONS]
    fields: list[Any] = []
    for place, one in enumerate(asked):
        kind = _kind(one, language, free=free)
        fields.append((f"q{place}", kind) if one.required else (f"q{place}", kind | None, None))
    names = {f"q{place}": PREFIX + one.key for place, one in enumerate(asked)}
    return msgspec.defstruct("Questions", fields, kw_only=True, frozen=True, rename=names)


def read_answers(questions: Sequence[Question], given: Answers, language: Language) -> dict[str, str | int | bool]:
    """Return the answers by the question's key; what was left open is left out. Raises ``Invalid``."""
    struct = struct_of(questions, language)
    by_field = {PREFIX + key: sent(value) for key, value in given.items()}
    made = msgspec.structs.asdict(intake.read(struct, by_field))
    found = {one.key: _answer(one, made[f"q{place}"]) for place, one in enumerate(questions[:MOST_QUESTIONS])}
    return {key: value for key, value in found.items() if value is not None}


def gathered_answers(fields: Sequence[tuple[str, str]]) -> tuple[dict[str, str], dict[str, str]]:
    """Return what a form sent: answers by the question's key, and the host's own fields by name."""
    answers = {name.removeprefix(PREFIX): value for name, value in fields if name.startswith(PREFIX)}
    return answers, {name: value for name, value in fields if not name.startswith(PREFIX)}


def said_in(one: Question, answer: str | int | bool) -> Words:
    """Return an answer in words, in both languages."""
    if one.kind in ("words", "day"):
        return {"en": str(answer), "fr": str(answer)}
    return _choices(one)[sent(answer)]


def sent(value: str | int | bool) -> str:
    """Return an answer as a form sends it; a program may send it as what it is."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)


def _kind(one: Question, language: Language, *, free: bool) -> Any:
    label, help_text = told(one.title, language), told(one.help, language) if one.help else None
    if one.kind == "words":
        return Annotated[str, field(label, help=help_text, widget="area", longest=LONGEST_ANSWER, depends=free)]
    if one.kind == "day":
        return Annotated[date, field(label, help=help_text, widget="date", depends=free)]
    choices = {key: told(words, language) for key, words in _choices(one).items()}
    return Annotated[Literal[tuple(choices)], field(label, help=help_text, choices=choices, depends=free)]


def _choices(one: Question) -> Mapping[str, Words]:
    if one.kind == "yes_no":
        return YES_NO
    if one.kind == "choice":
        return one.choices
    return {number: _step(number, one.choices.get(number)) for number in map(str, range(one.least, one.most + 1))}


def _step(number: str, words: Words | None) -> Words:
    if words is None:
        return {"en": number, "fr": number}
    return {"en": f"{number} – {words['en']}", "fr": f"{number} – {words['fr']}"}


def _answer(one: Question, made: Any) -> str | int | bool | None:
    if made is None:
        return None
    if one.kind == "yes_no":
        return bool(made == "yes")
    return int(made) if one.kind == "scale" else made.isoformat() if one.kind == "day" else str(made)
