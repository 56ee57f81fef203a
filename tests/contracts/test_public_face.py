"""What plugin authors import: small, documented, complete."""

from __future__ import annotations

import importlib
import inspect
import json
import subprocess
import sys
import types

import contingent
from tests.contracts.sources import ROOT

HEAVY = {"alembic", "asyncpg", "authlib", "cryptography", "httpx2", "jinja2", "litestar", "sqlalchemy"}
LIGHT = {"msgspec", "pluggy"}


def test_importing_it_loads_msgspec_and_pluggy_and_nothing_heavier() -> None:
    code = "import contingent, json, sys; print(json.dumps(sorted({name.split('.')[0] for name in sys.modules})))"
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, cwd=ROOT)
    loaded = set(json.loads(ran.stdout))
    assert loaded >= LIGHT
    assert loaded & HEAVY == set()


def test_it_says_which_version_of_the_contract_it_is() -> None:
    assert contingent.API == "1.0"


def test_every_name_it_promises_is_there_and_explained() -> None:
    unexplained = []
    for name in contingent.__all__:
        value = getattr(contingent, name)
        if inspect.isclass(value) or inspect.isfunction(value):
            own = value.__doc__ or ""
            if not own.strip() or own.startswith(f"{name}("):
                unexplained.append(name)
    assert not unexplained


def test_it_is_typed() -> None:
    assert (ROOT / "contingent" / "py.typed").exists()


def test_every_public_function_of_the_contract_is_explained() -> None:
    unexplained = []
    for path in ("core.hooks.specs", "core.hooks.types", "core.hooks.hr", "contingent.testing"):
        module: types.ModuleType = importlib.import_module(path)
        for name, value in vars(module).items():
            mine = getattr(value, "__module__", None) == path and not name.startswith("_")
            if mine and (inspect.isclass(value) or inspect.isfunction(value)) and not inspect.getdoc(value):
                unexplained.append(f"{path}.{name}")
    assert not unexplained


def test_nobody_outside_needs_a_private_package() -> None:
    exported = {getattr(contingent, name) for name in contingent.__all__ if inspect.isclass(getattr(contingent, name))}
    public = {
        value
        for structs in map(importlib.import_module, ("core.hooks.types", "core.hooks.hr"))
        for name, value in vars(structs).items()
        if inspect.isclass(value) and value.__module__ == structs.__name__ and not name.startswith("_")
    }
    assert {value.__name__ for value in public - exported} == set()
