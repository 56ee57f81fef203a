"""The built-in plugins load as any third party's does."""

from __future__ import annotations

import tomllib

from tests.contracts.sources import ROOT, text


def declared() -> dict[str, str]:
    project = tomllib.loads(text(ROOT / "pyproject.toml"))
    table: dict[str, str] = project["project"]["entry-points"]["contingent.plugins"]
    return table


def folders() -> set[str]:
    return {path.parent.name for path in (ROOT / "plugins").glob("*/plugin.py")}


def test_each_plugin_folder_is_an_entry_point_and_each_entry_point_a_folder() -> None:
    assert set(declared()) == folders()


def test_an_entry_point_has_the_name_of_its_folder() -> None:
    assert declared() == {name: f"plugins.{name}.plugin" for name in declared()}


def test_every_built_in_plugin_explains_itself() -> None:
    missing = [name for name in folders() if not (ROOT / "plugins" / name / "README.md").exists()]
    assert not missing, f"a model for third parties has a README.md: {missing}"


def test_every_built_in_plugin_passes_the_contract_kit() -> None:
    tried = {name: (ROOT / "tests" / "plugins" / name / "test_contract.py") for name in folders()}
    missing = [
        name
        for name, path in tried.items()
        if not path.exists() or "(PluginContract)" not in text(path) or f'plugin = "{name}"' not in text(path)
    ]
    assert not missing, f"three lines each in tests/plugins/<name>/test_contract.py: {missing}"
