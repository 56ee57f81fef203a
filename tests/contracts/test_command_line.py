"""The command line: every subcommand is there, explains itself, and costs nothing until it is called."""

from __future__ import annotations

import re
import subprocess
import sys

import click
import pytest
from click.testing import CliRunner

from contingent.__main__ import main
from contingent.commands.table import COMMANDS, load
from tests.contracts.sources import ROOT, text


def every(command: click.Command, path: str) -> list[tuple[str, click.Command]]:
    below = command.commands.items() if isinstance(command, click.Group) else ()
    return [(path, command), *(found for name, one in below for found in every(one, f"{path} {name}"))]


@pytest.mark.parametrize("name", COMMANDS)
def test_the_subcommand_is_where_the_table_says(name: str) -> None:
    assert isinstance(load(name), click.Command)


@pytest.mark.parametrize("name", COMMANDS)
def test_every_command_and_option_explains_itself(name: str) -> None:
    silent = []
    for path, command in every(load(name), name):
        if not (command.help or "").strip():
            silent.append(path)
        silent += [
            f"{path} {option.opts[0]}"
            for option in command.params
            if isinstance(option, click.Option) and not option.hidden and not (option.help or "").strip()
        ]
    assert not silent


@pytest.mark.parametrize("name", COMMANDS)
def test_no_line_of_an_overview_is_cut_off(name: str) -> None:
    groups = [path for path, command in every(load(name), name) if isinstance(command, click.Group)]
    shown = [CliRunner().invoke(main, [*path.split(), "--help"]).output for path in groups]
    assert [
        line for output in shown for line in output.splitlines() if line.endswith("...") and "Usage" not in line
    ] == []


def test_asking_for_help_imports_no_framework() -> None:
    code = (
        "import sys; from contingent.__main__ import main\n"
        "try: main(['--help'])\n"
        "except SystemExit: pass\n"
        "print([name for name in ('sqlalchemy', 'litestar', 'alembic', 'authlib') if name in sys.modules])"
    )
    ran = subprocess.run([sys.executable, "-c", code], check=True, capture_output=True, text=True, cwd=ROOT)
    assert ran.stdout.splitlines()[-1] == "[]"


def test_the_overview_names_every_command() -> None:
    shown = CliRunner().invoke(main, ["--help"]).output
    assert [name for name, entry in COMMANDS.items() if (f"  {name} " in shown) == entry.hidden] == []


def test_the_makefile_explains_each_of_its_targets() -> None:
    makefile = text(ROOT / "Makefile")
    (phony,) = re.findall(r"^\.PHONY: (.+)$", makefile, re.MULTILINE)
    explained = set(re.findall(r"^([a-z-]+):.*## \S", makefile, re.MULTILINE))
    assert set(phony.split()) == explained
