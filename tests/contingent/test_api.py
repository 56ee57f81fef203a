"""What plugin authors import, and how little of the host comes with it."""

from __future__ import annotations

import subprocess
import sys

import pytest

import contingent
from contingent import API
from core.hooks import types
from core.hooks.data import Data

HEAVY = ("sqlalchemy", "litestar", "authlib", "asyncpg", "jinja2", "babel", "cryptography", "httpx2", "click", "pytest")


def loaded_by(statement: str) -> set[str]:
    code = f"import sys\nbefore = set(sys.modules)\n{statement}\nprint(*sorted(set(sys.modules) - before), sep='\\n')"
    run = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    return set(run.stdout.split())


def test_importing_the_contract_loads_msgspec_and_pluggy_and_nothing_heavy() -> None:
    tops = {name.partition(".")[0] for name in loaded_by("import contingent")}
    assert not tops & set(HEAVY)
    third_party = {name for name in tops - set(sys.stdlib_module_names) if not name.startswith("_")}
    assert third_party <= {"contingent", "core", "msgspec", "pluggy", "typing_extensions"}


def test_the_contract_knows_nothing_above_the_hooks_but_how_a_field_is_declared() -> None:
    ours = {name for name in loaded_by("import contingent") if name.startswith("core.")}
    assert {name.split(".")[1] for name in ours} <= {
        "clock",
        "context",
        "errors",
        "hooks",
        "secret",
        "text",
        "use_cases",
    }


def test_pytest_may_load_the_kit_without_loading_the_host() -> None:
    heavy = {name.partition(".")[0] for name in loaded_by("import pytest; import contingent.testing")}
    assert not heavy & (set(HEAVY) - {"pytest"})
    assert "core.hooks.host" not in loaded_by("import pytest; import contingent.testing")


def test_everything_that_is_exported_is_there_and_documented() -> None:
    assert contingent.__all__ == sorted(contingent.__all__)
    for name in contingent.__all__:
        value = getattr(contingent, name)
        assert (value.__doc__ or "").strip() if callable(value) else value is not None, name
    assert API == "1.0"


def test_every_struct_of_the_contract_is_exported() -> None:
    made = {name for name, kind in vars(types).items() if isinstance(kind, type) and issubclass(kind, Data)}
    assert made <= set(contingent.__all__)


@pytest.mark.parametrize("name", ["register_routes", "register_models", "kernel", "Hooks", "tenant_session"])
def test_the_kernel_is_not_offered_to_plugins(name: str) -> None:
    assert not hasattr(contingent, name)
