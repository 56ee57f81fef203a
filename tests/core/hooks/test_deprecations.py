"""What goes of the contract still works, is said at the plugin's own line, and is out when its version comes."""

from __future__ import annotations

import importlib
import sys
import warnings
from pathlib import Path
from typing import Any

import pytest

import contingent
from contingent import API, RemovedIn2Warning
from core.hooks import deprecations, specs
from core.hooks.deprecations import CATALOGUE, Deprecation, due
from core.hooks.registry import Registry

HOOK = Deprecation("1.4", "implement person_panels", hook="officer_panels")
ARGUMENT = Deprecation("1.3", "read place.tour", hook="tour_panels", argument="tour")
NAME = Deprecation("1.2", "import Milestone", name="Duty1", address="core.hooks.types.Milestone")

TEXT = '''"""A plugin that was written when all of this was there."""

from contingent import {imported}, Ctx, Manifest, Panel, Place, Tour, hookimpl

manifest = Manifest(
    name="{name}", version="1.0", title={{"en": "Old", "fr": "Ancien"}}, requires="contingent>=1.0,<2"
)


@hookimpl
def officer_panels(ctx: Ctx, place: Place) -> list[Panel]:
    return []


@hookimpl
def tour_panels(ctx: Ctx, tour: Tour) -> list[Panel]:
    return []


@hookimpl
def dashboard_panels(ctx: Ctx) -> list[Panel]:
    return []
'''


def written(place: Path, monkeypatch: pytest.MonkeyPatch, imported: str = "Milestone") -> str:
    """Write a plugin that can be imported; return what it is called."""
    name = f"old_{imported.lower()}"
    (place / f"{name}.py").write_text(TEXT.format(name=name, imported=imported), encoding="utf-8")
    monkeypatch.syspath_prepend(str(place))
    monkeypatch.delitem(sys.modules, name, raising=False)
    return name


def load(name: str, *goes: Deprecation) -> tuple[Registry, list[warnings.WarningMessage]]:
    """Load it where this goes; return the registry, and what a listener heard."""
    registry = Registry(goes=goes)
    with warnings.catch_warnings(record=True) as heard:
        warnings.simplefilter("always")
        assert registry.load_module(name, name) is None
    return registry, heard


def test_a_hook_and_an_argument_that_go_are_said_at_the_plugins_own_line(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = written(tmp_path, monkeypatch)
    registry, heard = load(name, HOOK, ARGUMENT)
    lines = (tmp_path / f"{name}.py").read_text(encoding="utf-8").splitlines()
    told = {str(one.message): lines[one.lineno] for one in heard}  # a function begins at its decorator
    assert told == {
        "hook officer_panels goes with contingent 2.0; since 1.4: implement person_panels": (
            "def officer_panels(ctx: Ctx, place: Place) -> list[Panel]:"
        ),
        "argument tour of hook tour_panels goes with contingent 2.0; since 1.3: read place.tour": (
            "def tour_panels(ctx: Ctx, tour: Tour) -> list[Panel]:"
        ),
    }
    assert {(one.category, Path(one.filename).name) for one in heard} == {(RemovedIn2Warning, f"{name}.py")}
    assert {one.partition(": ")[2] for one in registry.plugins[name].warned} == set(told)
    assert {"officer_panels", "tour_panels", "dashboard_panels"} == registry.plugins[name].hooks, "it works still"


def test_where_warnings_are_errors_it_is_loaded_all_the_same_and_the_log_says_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(deprecations.give, "__defaults__", ((NAME,),))
    name = written(tmp_path, monkeypatch, "Duty1")
    with (tmp_path / f"{name}.py").open("a", encoding="utf-8") as plugin:
        plugin.write('\nimport warnings\nwarnings.warn("of its own", ResourceWarning)\n')
    registry = Registry(goes=(HOOK, ARGUMENT))
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        assert registry.load_module(name, name) is None
    assert registry.plugins[name].hooks == {"officer_panels", "tour_panels", "dashboard_panels"}
    assert [line.partition(": ")[2].partition(" goes")[0] for line in registry.plugins[name].warned] == [
        "contingent.Duty1",
        "hook officer_panels",
        "argument tour of hook tour_panels",
    ]
    said = [record.getMessage().partition(f"{name}.py:")[2] for record in caplog.records]
    assert any(line.endswith("ResourceWarning: of its own") for line in said)
    assert any("RemovedIn2Warning: hook officer_panels goes" in line for line in said)


def test_who_does_not_use_what_goes_is_told_nothing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    name = written(tmp_path, monkeypatch)
    registry, heard = load(name, ARGUMENT._replace(hook="dashboard_panels", argument="overview"))
    assert (heard, registry.plugins[name].warned) == ([], ())


def test_a_name_that_goes_is_given_and_said_where_it_is_imported_in_every_registry_of_the_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deprecations.give, "__defaults__", ((NAME,),))
    name = written(tmp_path, monkeypatch, "Duty1")
    registry, heard = load(name)
    said = f"{name}.py:3: contingent.Duty1 goes with contingent 2.0; since 1.2: import Milestone"
    assert registry.plugins[name].warned == (said,)
    assert [(Path(one.filename).name, one.lineno) for one in heard] == [(f"{name}.py", 3)]
    assert sys.modules[name].Duty1 is contingent.Milestone
    assert load(name)[0].plugins[name].warned == (said,), "it is imported once, and said as long as it is there"
    with pytest.raises(AttributeError, match="no attribute 'Duty2'"):
        importlib.import_module("contingent").Duty2  # noqa: B018 - asked for


def test_what_goes_of_a_bundle_is_seen_by_the_hooks_that_it_says() -> None:
    said = deprecations.of_bundle(["officer_panels", "tour_panels"], [HOOK, ARGUMENT, NAME])
    assert said == [str(HOOK.warning)]


def test_what_should_be_out_of_a_version_is_named() -> None:
    assert [due(version, [HOOK, NAME]) for version in ("1.0", "1.9", "2.0", "2.1")] == [
        [],
        [],
        [HOOK, NAME],
        [HOOK, NAME],
    ]


def test_nothing_that_goes_is_still_there_in_the_version_with_which_it_goes() -> None:
    assert due(API) == [], "take it out of the contract, then out of the catalogue"


@pytest.mark.parametrize("one", [*CATALOGUE, HOOK, ARGUMENT, NAME], ids=str)
def test_what_goes_is_there_until_then(one: Deprecation) -> None:
    assert bool(one.hook) != bool(one.name), "a hook, with or without an argument, or a name"
    if one.hook:
        hook: Any = getattr(specs, one.hook)
        assert not one.argument or one.argument in hook.__code__.co_varnames
    else:
        assert one.name not in contingent.__all__
        module, _, attribute = one.address.rpartition(".")
        assert hasattr(importlib.import_module(module), attribute)


def test_a_plugin_with_an_argument_that_is_gone_is_refused_with_what_there_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    name = written(tmp_path, monkeypatch)
    module = importlib.import_module(name)

    @contingent.hookimpl
    def dashboard_panels(ctx: contingent.Ctx, gone: int) -> list[contingent.Panel]:
        return []

    monkeypatch.setattr(module, "dashboard_panels", dashboard_panels)
    broken = Registry().register(module)
    assert broken is not None
    assert "dashboard_panels has no argument 'gone'" in broken.error
