"""The essential plugins: loaded by name, in order, and nothing starts without them."""

from __future__ import annotations

import sys
from types import ModuleType
from typing import Any

import pytest

from core.errors import Misconfigured
from core.hooks.kernel import Kernel, kernel_impl


@pytest.fixture
def essential(monkeypatch: pytest.MonkeyPatch) -> Any:
    def make(name: str, **functions: Any) -> str:
        module = ModuleType(name)
        for hook, function in functions.items():
            setattr(module, hook, kernel_impl(specname=hook)(function))
        monkeypatch.setitem(sys.modules, name, module)
        return name

    return make


def test_what_they_register_is_joined_in_their_order(essential: Any) -> None:
    kernel = Kernel(
        essential("first_one", register_models=lambda: ["first.models"], register_routes=lambda: ["a", "b"]),
        essential("second_one", register_models=lambda: ["second.models"], register_middleware=lambda: ["outer"]),
    )
    assert kernel.models() == ["first.models", "second.models"]
    assert kernel.routes() == ["a", "b"]
    assert kernel.middleware() == ["outer"]
    assert kernel.permissions() == {}


def test_a_role_is_named_by_one_of_them(essential: Any) -> None:
    rights = {"auditor": frozenset({"audit.read"})}
    kernel = Kernel(essential("one_of", register_permissions=lambda: rights))
    assert kernel.permissions() == rights
    twice = Kernel(
        essential("one_more", register_permissions=lambda: rights),
        essential("and_again", register_permissions=lambda: rights),
    )
    with pytest.raises(Misconfigured, match="'auditor' is registered twice"):
        twice.permissions()


def test_a_broken_essential_plugin_stops_the_start(essential: Any) -> None:
    with pytest.raises(Misconfigured, match=r"no_such\.plugin is broken: ModuleNotFoundError"):
        Kernel("no_such.plugin")
    with pytest.raises(Misconfigured, match="nothing can start without it"):
        Kernel(essential("unknown_hook", register_miracles=lambda: ["rain"]))
