"""Of a subject that a plugin is told of again, no text stays but codes: whatever field the contract gains."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

import msgspec
import pytest

from contingent.kit.samples import arguments
from core.hooks.data import Data
from core.hooks.hr import Experience, HrRecord
from core.hooks.inventing import CODES, OWN_CODES, invented
from core.hooks.marking import Hook
from core.hooks.registry import Registry
from core.hooks.types import Run

HOOKS = [one for one in Registry().hooks.values() if one.on_failure == "retried"]
MARK = re.compile("MARK[0-9A-F]{10}")


def texts(value: Any, place: str) -> Iterator[tuple[str, str]]:
    """Yield every text in a value with the field that it stands in."""
    if isinstance(value, Data):
        for one in msgspec.structs.fields(value):
            yield from texts(getattr(value, one.name), f"{type(value).__name__}.{one.name}")
    elif isinstance(value, str):
        yield place, value
    elif isinstance(value, Mapping):
        for key, one in value.items():
            yield from texts(key, place)
            yield from texts(one, place)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from texts(one, place)


@pytest.mark.parametrize("hook", HOOKS, ids=lambda one: one.name)
def test_of_what_plugins_are_told_no_text_stays_that_is_no_code(hook: Hook) -> None:
    for call in arguments(hook, "alpha"):
        for given in call.values():
            made = invented(given)
            msgspec.convert(msgspec.to_builtins(made), type(given))
            assert {place for place, text in texts(made, "") if MARK.search(text)} <= CODES
            assert len(list(texts(made, ""))) == len(list(texts(given, ""))), "what is there stays there"


def test_numbers_names_and_references_of_a_person_are_invented_and_ids_days_and_words_stay() -> None:
    worked = Experience(
        role={"en": "Mentor of Alix Tremblay", "fr": "Mentor d’Alix Tremblay"},
        first=date(2026, 1, 1),
        last=date(2026, 1, 2),
        days=2,
    )
    given = HrRecord(
        id=UUID(int=1),
        key=UUID(int=2),
        revision=3,
        kind="experience",
        employee_number="4711",
        external_id="W-4711",
        tour_id=UUID(int=3),
        mission="MINUSTAH",
        reference="R-4711",
        experience=worked,
    )
    made = invented(given)
    assert (made.id, made.key, made.revision, made.kind, made.mission) == (
        given.id,
        given.key,
        3,
        "experience",
        "MINUSTAH",
    )
    assert made.experience.days == 2
    assert set(made.experience.role) == {"en", "fr"}
    said = msgspec.json.encode(made).decode()
    assert "4711" not in said
    assert "Tremblay" not in said


def test_every_code_is_a_field_of_the_contract() -> None:
    found = {f"{one.__name__}.{field}" for one in Data.__subclasses__() for field in one.__struct_fields__}
    assert found >= CODES | OWN_CODES


def test_the_key_of_a_task_stays_where_it_stands_in_the_plugins_code() -> None:
    given = Run(id=UUID(int=1), key="remind-tremblay", due=datetime(2026, 4, 1, tzinfo=UTC))
    assert invented(given).key == "invented key"
    assert invented(given, frozenset({"remind"})).key == "invented key"
    assert invented(given, frozenset({"remind-tremblay"})) == given
