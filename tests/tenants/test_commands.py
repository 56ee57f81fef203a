"""``contingent tenant``: readable on a terminal, with a status that a script can trust."""

from __future__ import annotations

import subprocess
import sys
import tomllib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from core.database.embedded import Server
from core.database.engines import Database
from core.database.target import Target
from core.hooks.registry import Registry
from core.settings import Settings
from tenants import commands
from tenants.library import HERE
from tests.platform import Platform
from tests.tenants.conftest import ROOT

SLUG = "on-terminal"


@pytest.fixture(autouse=True)
def terminal(
    platform: Platform, target: Target, server: Server, registry: Registry, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Let the commands, which run a loop of their own, find this worker's database and the built-in plugins."""

    @asynccontextmanager
    async def opened() -> AsyncIterator[Database]:
        database = Database(target, Settings(data_folder=server.folder))
        try:
            yield database
        finally:
            await database.close()

    monkeypatch.setattr(commands, "_database", opened)
    monkeypatch.setattr(Registry, "load", lambda _: registry)


@pytest.fixture
def file(tmp_path: Path) -> Path:
    """A file of an agency that no other test has."""
    path = tmp_path / f"{SLUG}.toml"
    text = (HERE / "agencies" / "on-durham.toml").read_text(encoding="utf-8")
    path.write_text(text.replace("on-durham", SLUG), encoding="utf-8")
    return path


def _run(*arguments: str) -> Result:
    return CliRunner().invoke(commands.tenant, list(arguments))


def test_an_agency_goes_from_its_file_into_the_database_and_back(file: Path, tmp_path: Path) -> None:
    first, again = _run("add", str(file)), _run("add", str(file))
    assert (first.exit_code, first.output) == (0, f"{SLUG}: imported\n")
    assert "is there already" in again.output
    assert f"{SLUG:20} active" in _run("list").output
    shown = _run("show", SLUG)
    assert "Durham Regional Police Service" in shown.output
    assert "blocked" not in shown.output
    assert _run("diff", str(file)).exit_code == 0
    output = tmp_path / "exported.toml"
    assert _run("export", SLUG, "-o", str(output)).exit_code == 0
    assert tomllib.loads(output.read_text(encoding="utf-8")) == tomllib.loads(_run("export", SLUG).output)
    file.write_text(output.read_text(encoding="utf-8").replace('city = "Whitby"', 'city = "Ajax"'), encoding="utf-8")
    drift = _run("diff", str(file))
    assert (drift.exit_code, drift.output) == (1, "city: file 'Ajax', database 'Whitby'\n")


def test_validate_needs_no_database(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(commands, "_database")
    assert "27 agencies" in _run("validate").output
    assert _run("validate", str(file)).output == f"{file} is sound.\n"
    assert "participation unverified" in _run("list", "--files").output


def test_every_fault_is_a_line_and_the_status_says_so(file: Path) -> None:
    text = file.read_text(encoding="utf-8")
    file.write_text(
        text.replace('"America/Toronto"', '"Whitby"').replace('kind = "regional"', "kind = 5"), encoding="utf-8"
    )
    found = _run("validate", str(file))
    assert found.exit_code == 1
    assert f"{file}:" in found.output
    assert "1 fault." in found.output
    file.write_text(text.replace('name = "hr_file"', 'name = "hr_magic"'), encoding="utf-8")
    assert "expected an installed plugin (approval_chain, " in _run("add", str(file)).output


def test_who_names_nothing_or_something_unknown_is_told_so() -> None:
    assert "Name a file, or give --all." in _run("add").output
    assert "There is no agency called 'qc-nowhere'" in _run("show", "qc-nowhere").output


def test_the_commands_alone_know_every_table_they_refer_to() -> None:
    asked = "import tenants.commands; from core.database.tables import Base; print(len(Base.metadata.sorted_tables))"
    found = subprocess.run([sys.executable, "-c", asked], cwd=ROOT, capture_output=True, text=True, check=False)
    assert found.returncode == 0, found.stderr
