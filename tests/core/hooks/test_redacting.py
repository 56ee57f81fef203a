"""What is handed on of an error: its kind and place, and of what a process of a plugin's own says no more than that."""

from __future__ import annotations

import json
from datetime import date
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec
import pytest

from core.hooks.answers import UNSAID, as_redacted, redact
from core.hooks.types import SourcePage


class Shape(msgspec.Struct):
    number: int
    word: str = ""


def error_of(wrong: Any, kind: Any = Shape) -> Exception:
    with pytest.raises(Exception) as caught:  # noqa: PT011 - of whichever kind
        msgspec.convert(wrong, kind) if not callable(wrong) else wrong()
    return caught.value


ERRORS = [
    error_of({"number": "Tremblay"}),
    error_of({}),
    error_of([1]),
    error_of({"number": [1, 2]}, dict[str, tuple[int, int, int]]),
    error_of({"Tremblay": "x"}, dict[str, int]),
    error_of({"Tremblay": 1}, dict[UUID, int]),
    error_of("Tremblay", date),
    error_of("Tremblay", Literal["a"]),
    error_of("Tremblay", Annotated[str, msgspec.Meta(max_length=3)]),
    error_of(lambda: json.loads("Tremblay")),
    error_of(lambda: int("Tremblay")),
    error_of(lambda: 1 / 0),
    KeyError("Tremblay"),
]


@pytest.mark.parametrize("error", ERRORS, ids=[redact(one) for one in ERRORS])
def test_whatever_is_said_of_an_error_has_the_form_that_is_believed(error: Exception) -> None:
    assert "Tremblay" not in redact(error)
    assert as_redacted(redact(error)) == redact(error)


@pytest.mark.parametrize(
    "said",
    [
        "Tremblay, Alix",
        "Alix Tremblay at home/file.py:3 in call",
        "ValueError: Alix Tremblay at file.py:3 in call",
        "ValueError at file.py:3 in call Alix Tremblay",
        "Expected `int`, got `str` - Alix Tremblay",
        f"ValueError at file.py:{'9' * 20} in call",
    ],
)
def test_what_has_another_form_is_not_repeated(said: str) -> None:
    assert as_redacted(said) == UNSAID


@pytest.mark.parametrize("name", ["Tremblay", "d'Tremblay", "l'\"Tremblay"])
def test_a_quoted_value_is_masked_whichever_quotes_are_in_it(name: str) -> None:
    page = {"columns": {name: ["x", "y"], "other": ["x"]}}
    assert "Tremblay" not in redact(error_of(page, SourcePage))
    swapped = {"columns": {"other": ["x"], name: ["x", "y"]}}
    assert "Tremblay" not in redact(error_of(swapped, SourcePage))


def test_a_kind_that_is_no_name_is_not_repeated() -> None:
    assert redact(type("Tremblay, Alix", (Exception,), {})()) == "Exception"
