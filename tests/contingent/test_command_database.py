"""The commands an operator runs on a database, on an embedded server of their own."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from contingent.__main__ import main
from core.database import embedded
from core.database.bootstrap import bootstrap_sql


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    folder = tmp_path_factory.mktemp("operator") / "var"
    yield folder
    if folder.exists():
        embedded.erase(folder)


def run(folder: Path, *words: str) -> Result:
    return CliRunner().invoke(main, words, env={"CONTINGENT_VAR": str(folder), "DATABASE_URL": ""})


def test_an_operator_migrates_checks_backs_up_and_restores(folder: Path, tmp_path: Path) -> None:
    migrated = run(folder, "migrate")
    assert migrated.exit_code == 0, migrated.output
    assert "Applied " in migrated.output
    checked = run(folder, "migrate", "--check")
    assert (checked.exit_code, checked.output) == (0, "The database is what this version expects.\n")
    again = run(folder, "migrate")
    assert again.output == "Nothing to apply; policies and grants are renewed.\n"

    kept = tmp_path / "all.backup"
    backed_up = run(folder, "backup", str(kept))
    assert backed_up.exit_code == 0, backed_up.output
    assert "secrets.toml, without which sealed columns stay closed" in backed_up.output
    assert run(folder, "backup", str(kept)).exit_code == 2

    other = tmp_path / "elsewhere"
    refused = run(other, "restore", str(kept))
    assert refused.exit_code == 1
    assert "another field key" in refused.output
    other.mkdir(exist_ok=True)
    (other / "secrets.toml").write_bytes((folder / "secrets.toml").read_bytes())
    restored = run(other, "restore", str(kept))
    assert restored.exit_code == 0, restored.output
    assert "Restored: 1 rows, 0 audit logs as they were." in restored.output
    assert "not empty" in run(other, "restore", str(kept)).output
    embedded.erase(other)


def test_a_backup_of_nothing_is_refused_and_makes_nothing(tmp_path: Path) -> None:
    for words in (("backup", str(tmp_path / "all.backup")), ("audit", "verify")):
        said = run(tmp_path / "var", *words)
        assert said.exit_code == 1
        assert "There is no database" in said.output
    assert list(tmp_path.iterdir()) == []


def test_the_server_stops_with_the_command_that_started_it(folder: Path) -> None:
    run(folder, "migrate", "--check")
    assert embedded.running(folder) is None


def test_the_bootstrap_is_printed_and_never_run() -> None:
    shown = CliRunner().invoke(main, ["database", "bootstrap", "--print"])
    assert shown.output == bootstrap_sql()
    refused = CliRunner().invoke(main, ["database", "bootstrap"])
    assert refused.exit_code == 2
    assert "--print" in refused.output


def test_there_is_nothing_to_upgrade_where_nothing_was_made(tmp_path: Path) -> None:
    said = run(tmp_path / "var", "database", "upgrade")
    assert "There are no data" in said.output
