from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from contingent.__main__ import main
from core.hooks.contract import render_contract
from core.hooks.signing import public_line
from tests.contracts.sources import ROOT
from tests.core.bundles.conftest import KEY, OTHER_KEY, bundled

MISSPELLED = """
from contingent import Ctx, Manifest, Milestone, Tour, hookimpl

manifest = Manifest(name="{name}", version="1.0", title={{"en": "A", "fr": "B"}}, requires="contingent>=1.0,<2")

@hookimpl
async def reintegration_milestone(ctx: Ctx, tour: Tour) -> list[Milestone]:
    return []
"""


def test_the_built_in_plugins_are_listed_with_their_hooks() -> None:
    shown = CliRunner().invoke(main, ["plugin", "list"])
    assert shown.exit_code == 0
    assert "hr_file 1.0  Worker file\n  hr_fetch, hr_test_connection\n  installed with Contingent\n" in shown.output


def test_what_lies_in_the_operators_folder_is_listed_too_with_who_signed_it(tmp_path: Path) -> None:
    (tmp_path / "bundles").mkdir()
    (tmp_path / "keys").write_text(public_line(KEY.public_key(), "Lakeshore developers"), encoding="utf-8")
    (tmp_path / "bundles" / "own.bundle").write_bytes(bundled("1.4"))
    place = {
        "CONTINGENT_PLUGIN_FOLDER": str(tmp_path / "bundles"),
        "CONTINGENT_PLUGIN_KEYS": str(tmp_path / "keys"),
        "CONTINGENT_VAR": str(tmp_path),
    }
    shown = CliRunner().invoke(main, ["plugin", "list"], env=place)
    assert shown.exit_code == 0, shown.output
    origin = "from the folder, signed by Lakeshore developers"
    assert f"own_chain 1.4  Our own chain\n  approval_chain\n  {origin}\n" in shown.output
    assert "hr_file 1.0  Worker file\n" in shown.output

    (tmp_path / "bundles" / "former.bundle").write_bytes(bundled("1.3"))
    shown = CliRunner().invoke(main, ["plugin", "list"], env=place)
    assert shown.exit_code == 0, "a newer one is used in its place"
    notice = (
        "plugin former.bundle is not offered: version 1.4 of own_chain lies there, too, and is the one that is offered"
    )
    assert (notice in shown.stdout, shown.stderr) == (True, "")

    (tmp_path / "bundles" / "strange.bundle").write_bytes(bundled("1.5", key=OTHER_KEY))
    shown = CliRunner().invoke(main, ["plugin", "list"], env=place)
    assert shown.exit_code == 1
    assert "plugin strange.bundle is broken (bundle): The bundle is signed with the key" in shown.output
    refused = CliRunner().invoke(main, ["plugin", "list"], env=place | {"CONTINGENT_PLUGIN_KEYS": ""})
    assert (refused.exit_code, "CONTINGENT_PLUGIN_KEYS" in refused.output) == (1, True)


def test_a_built_in_plugin_is_sound() -> None:
    shown = CliRunner().invoke(main, ["plugin", "check", str(ROOT / "plugins" / "approval_chain")])
    assert (shown.exit_code, shown.output) == (0, "approval_chain is sound.\n  it asks for data classes: agency\n")


def test_a_plugin_with_a_misspelled_hook_is_named_with_what_was_meant(tmp_path: Path) -> None:
    (tmp_path / "misspelled").mkdir()
    (tmp_path / "misspelled" / "plugin.py").write_text(MISSPELLED.format(name="misspelled"))
    shown = CliRunner().invoke(main, ["plugin", "check", str(tmp_path / "misspelled")])
    assert shown.exit_code == 1
    assert "did you mean reintegration_milestones?" in shown.output


def test_the_contract_is_printed_from_its_source() -> None:
    assert CliRunner().invoke(main, ["hooks"]).output == render_contract()


def test_a_folder_that_is_no_plugin_is_said_to_be_none(tmp_path: Path) -> None:
    shown = CliRunner().invoke(main, ["plugin", "check", str(tmp_path)])
    assert shown.exit_code == 2
    assert "holds no plugin.py" in shown.output
