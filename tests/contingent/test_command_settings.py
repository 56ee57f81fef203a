from __future__ import annotations

from pathlib import Path

from click.testing import CliRunner

from contingent.__main__ import main


def test_the_table_of_settings_names_variable_default_and_meaning() -> None:
    shown = CliRunner().invoke(main, ["settings"]).output
    assert "| `PORT` | `8000` | the port the pages and the API are served on |" in shown
    assert "| `CONTINGENT_WORKER_PASSWORD` |" in shown


def test_the_handbook_page_is_written_to_a_file(tmp_path: Path) -> None:
    target = tmp_path / "settings.md"
    ran = CliRunner().invoke(main, ["settings", "--write", str(target)])
    assert ran.exit_code == 0
    assert target.read_text(encoding="utf-8").startswith("# Settings\n")


def test_an_unknown_command_is_a_sentence() -> None:
    ran = CliRunner().invoke(main, ["sevre"])
    assert ran.exit_code == 2
    assert "No such command 'sevre'" in ran.output
