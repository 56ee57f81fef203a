"""A use case is declared once: with a permission, a docstring, and an input and output that can be described."""

from __future__ import annotations

import importlib
import pkgutil
import re
from typing import Any, get_type_hints

import msgspec
import pytest

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
