"""Which database a command works on where nobody said it."""

from __future__ import annotations

import os
from pathlib import Path

import pytest

from contingent.commands import place
from contingent.commands.place import follow_demonstration


@pytest.fixture
def running(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> set[Path]:
    """Stand in an empty folder beside an installation; the set says in which folders a server runs."""
    for variable in ("DATABASE_URL", "CONTINGENT_VAR", "CONTINGENT_DEMO"):
        monkeypatch.setenv(variable, "")
    (tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(tmp_path / "elsewhere")
    monkeypatch.setattr(place, "HOME", tmp_path / "installation")
    found: set[Path] = set()
    monkeypatch.setattr(place, "_runs", found.__contains__)
    return found


def test_the_database_that_runs_is_found_from_any_folder(running: set[Path], tmp_path: Path) -> None:
    running.add(tmp_path / "installation" / "var" / "demo")
    follow_demonstration()
    assert os.environ["CONTINGENT_VAR"] == str(tmp_path / "installation" / "var" / "demo")
    assert os.environ["CONTINGENT_DEMO"] == "1"


def test_one_without_demonstration_data_comes_first(running: set[Path], tmp_path: Path) -> None:
    installed = tmp_path / "installation" / "var"
    running.update({installed, installed / "demo"})
    follow_demonstration()
    assert (os.environ["CONTINGENT_VAR"], os.environ["CONTINGENT_DEMO"]) == (str(installed), "")


def test_the_folder_the_command_is_run_in_comes_before_the_installation(running: set[Path], tmp_path: Path) -> None:
    running.update({Path("var/demo"), tmp_path / "installation" / "var"})
    follow_demonstration()
    assert os.environ["CONTINGENT_VAR"] == "var/demo"


def test_what_was_said_is_what_holds(running: set[Path], monkeypatch: pytest.MonkeyPatch) -> None:
    running.add(Path("var/demo"))
    monkeypatch.setenv("CONTINGENT_VAR", "another")
    follow_demonstration()
    assert os.environ["CONTINGENT_VAR"] == "another"
