"""What the kit compares between this process and a sandbox says something: silent hooks are alike anyway."""

from __future__ import annotations

import importlib
from collections import defaultdict

import pytest

from contingent.kit.checks import silent_hooks, tied_to_the_process
from contingent.testing import PluginContract
from tests.contracts.sources import ROOT, text
from tests.contracts.test_plugins import folders


def classes_of(plugin: str) -> list[type[PluginContract]]:
    module = importlib.import_module(f"tests.plugins.{plugin}.test_contract")
    found = [one for one in vars(module).values() if isinstance(one, type) and one.__module__ == module.__name__]
    return [one for one in found if issubclass(one, PluginContract)]


@pytest.mark.parametrize("plugin", sorted(folders()))
def test_every_hook_of_a_built_in_plugin_answers_in_one_of_its_kit_classes(plugin: str) -> None:
    silent = defaultdict(list)
    classes = classes_of(plugin)
    for one in classes:
        for hook in silent_hooks(one()._subject()):
            silent[hook].append(one.__name__)
    never = [hook for hook, where in silent.items() if len(where) == len(classes)]
    assert not never, f"give tests/plugins/{plugin}/test_contract.py settings or cases with which these answer: {never}"


def test_only_plugins_with_secrets_or_packages_of_others_are_not_compared() -> None:
    tied = {plugin for plugin in folders() if tied_to_the_process(classes_of(plugin)[0]()._subject())}
    assert tied == {"hr_file", "hr_rest", "notify_email", "webhooks"}, "say in its README.md why another one is"


def test_the_own_tests_of_every_other_plugin_go_through_a_host_in_both_tiers() -> None:
    """``agency`` (tests/plugins/conftest.py) runs a test twice; plain functions are tested beside it, not instead."""
    both = {path.parent.name for path in (ROOT / "tests" / "plugins").glob("*/test_*.py") if "agency:" in text(path)}
    missing = [
        plugin
        for plugin in folders()
        if plugin not in both and not tied_to_the_process(classes_of(plugin)[0]()._subject())
    ]
    assert not missing, f"take the fixture agency in the tests of {missing}"


def test_what_answers_nothing_is_noticed() -> None:
    subject = type("Bare", (PluginContract,), {"plugin": "approval_chain"})()._subject()
    assert silent_hooks(subject) == ["approval_chain"]
