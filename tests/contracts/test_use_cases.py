"""A use case is declared once: with a permission, a docstring, and an input and output that can be described."""

from __future__ import annotations

import importlib
import inspect
import pkgutil
import re
from typing import Any, get_type_hints

import msgspec
import pytest

from core.audit.recording import record_look, record_looks
from core.use_cases.declaration import DECLARED, UseCase
from core.use_cases.fields import settled
from tests.contracts.sources import ROOT

Case = UseCase[Any, Any]
PERMISSION = re.compile(r"[a-z_]+(?:\.[a-z_]+)+")


@pytest.fixture(scope="module")
def declared() -> list[Case]:
    for package in ("core", "tenants", "auth"):
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if ".migrations" not in module.name:
                importlib.import_module(module.name)
    return list(DECLARED.values())


def test_every_use_case_needs_a_permission(declared: list[Case]) -> None:
    assert [case.key for case in declared if not PERMISSION.fullmatch(case.permission)] == []


def test_every_use_case_says_in_one_sentence_what_it_does(declared: list[Case]) -> None:
    assert [case.key for case in declared if not (case.body.__doc__ or "").strip()] == []
    assert [case.key for case in declared if not case.summary.endswith((".", "?"))] == []


def test_every_use_case_names_the_scopes_that_may_do_it(declared: list[Case]) -> None:
    assert [case.key for case in declared if not case.scopes] == []


def test_every_input_refuses_what_it_does_not_know(declared: list[Case]) -> None:
    loose = [case.key for case in declared if not issubclass(case.input, msgspec.Struct)]
    assert loose == []


def test_every_input_and_output_can_be_described(declared: list[Case]) -> None:
    for case in declared:
        for annotation in get_type_hints(case.input, include_extras=True).values():
            msgspec.inspect.type_info(settled(annotation))
        if case.output is not None:
            msgspec.json.schema(case.output)


def test_reading_changes_nothing(declared: list[Case]) -> None:
    assert [case.key for case in declared if case.reads and case.before is not None] == []


PERSONAL = {"name", "given_name", "family_name", "preferred_name", "telephone", "email"}
"""What an answer may call a person by."""
OWN_PEOPLE = {"SeatOut", "OwnSeat", "ViewOut", "AccountOut", "ProviderOut", "SeatLinks", "Invitation"}
"""Answers whose names are the asking scope's own: its accounts, its saved views, its providers."""


def named(described: Any, seen: set[type]) -> set[str]:
    """Return the fields below a described type that can name an agency's person."""
    found: set[str] = set()
    if isinstance(described, msgspec.inspect.StructType):
        if described.cls in seen or described.cls.__name__ in OWN_PEOPLE:
            return found
        seen.add(described.cls)
        for one in described.fields:
            found |= {f"{described.cls.__name__}.{one.name}"} if one.name in PERSONAL else set()
            found |= named(one.type, seen)
        return found
    below = [getattr(described, name, None) for name in ("item_type", "value_type")]
    for one in [*below, *getattr(described, "types", ()), *getattr(described, "item_types", ())]:
        found |= named(one, seen) if one is not None else set()
    return found


def reaches(function: Any, wanted: set[Any], seen: set[Any]) -> bool:
    """Say whether a function, or one of ours that it names, calls one of ``wanted``."""
    function = function.body if isinstance(function, UseCase) else function
    if not inspect.isfunction(function) or function in seen or not function.__module__.startswith("core."):
        return False
    if function in wanted:
        return True
    seen.add(function)
    names = set(function.__code__.co_names)
    return any(reaches(function.__globals__[one], wanted, seen) for one in names & function.__globals__.keys())


def shows_people(declared: list[Case]) -> list[Case]:
    """Return what IPOB may do whose answer can name an agency's person."""
    program = [case for case in declared if "program" in case.scopes and case.output is not None]
    return [case for case in program if named(msgspec.inspect.type_info(case.output), set())]


def test_whatever_shows_ipob_a_person_records_the_look(declared: list[Case]) -> None:
    showing = shows_people(declared)
    assert len(showing) > 5
    assert [case.key for case in showing if case.reads and "program" not in case.looks] == []
    silent = [case.key for case in showing if not reaches(case.body, {record_look, record_looks}, set())]
    assert silent == [], "record a look in them, or name an answer of one's own people in OWN_PEOPLE"
