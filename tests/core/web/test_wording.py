"""Sentences in the API's answers: in the reader's language, never as an id with parameters."""

from __future__ import annotations

from datetime import date
from types import SimpleNamespace
from typing import Any, cast

import msgspec
import pytest

from core.approvals.schemas import CaseOut
from core.approvals.service import get_case
from core.clock import ManualClock
from core.context import Actor, Ctx, Language, Scope
from core.ids import new_id
from core.personnel.schemas import OfficerList
from core.text import Text, t
from core.web.routes import Route, _made
from core.web.wording import holds_text, worded
from tests.platform import NOW


class Row(msgspec.Struct, frozen=True):
    on: date
    reason: Text | str | None = None
    pairs: list[tuple[Text, Text | str]] = []


ROW = Row(date(2026, 3, 1), t("Expires on %(day)s, before the last day of the tour.", day=date(2027, 1, 2)))


@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("en", "Expires on Jan 2, 2027, before the last day of the tour."),
        ("fr", "Expire le 2 janv. 2027, avant le dernier jour de l’affectation."),
    ],
)
def test_an_answer_says_its_sentences_in_the_readers_language(language: Language, sentence: str) -> None:
    said = worded(Row(ROW.on, ROW.reason, [(t("Conduct"), "Noor")]), language, "America/Toronto")
    assert said["reason"].replace("\u00a0", " ") == sentence
    assert said["on"] == date(2026, 3, 1)
    assert said["pairs"][0][1] == "Noor"


def test_only_outputs_with_sentences_are_walked_through() -> None:
    assert holds_text(Row)
    assert holds_text(CaseOut)
    assert not holds_text(OfficerList)


@pytest.mark.parametrize("language", ["en", "fr"])
def test_a_route_answers_text_and_not_its_parts(language: Language) -> None:
    clock = ManualClock(NOW)
    scope = Scope(new_id(clock), "agency", "x", "X", "X")
    ctx = Ctx(scope, Actor(new_id(clock), "Alix"), clock, language=language)
    route = Route("GET", "/approvals/{id}", get_case)
    incoming = cast("Any", SimpleNamespace(headers={}))
    body = msgspec.json.decode(_made(route, incoming, ROW, ctx).body)
    assert isinstance(body["reason"], str)
    assert (body["reason"].startswith("Expires")) is (language == "en")
