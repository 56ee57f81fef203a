"""What the handbook says is true: its programs run, its commands exist, its links lead somewhere."""

from __future__ import annotations

import re
import shlex
import subprocess
import sys
from pathlib import Path

import click
import pytest

from auth.dossier.page import FILES as DOSSIERS
from auth.dossier.page import dossier
from auth.matrix.page import COMMAND
from auth.matrix.page import page as authorization_page
from contingent.commands.settings import page as settings_page
from contingent.commands.table import COMMANDS, load
from core.context import LANGUAGES as LANGUAGES_READ
from core.context import Language
from tests.contracts.blocks import Block, blocks, exists, is_file, is_run, pages, relative_links, title
from tests.contracts.sources import PACKAGES, ROOT, files, place, text

LANGUAGES = {"python", "sh", "toml", "text", "json", "sql", "csv"}
OTHER_PROGRAMS = {"git", "cd", "export", "psql", "curl", "cp", "unset", "apt"}
DECISION = re.compile(r"\d{4}-[a-z0-9-]+\.md")
PARTS_OF_A_DECISION = ("**Question.**", "**Decision.**", "**Price.**", "**When to look again.**")
VARIABLE = re.compile(r'"(CONTINGENT_[A-Z_]+)"')
INTERNAL = {"CONTINGENT_LIFELINE"}
"""Said by the launcher to its children."""
ONE_PAGE = 70
ONE_SCREEN = 90


def of(*languages: str) -> list[object]:
    # What a page tells to write or run in its order is tried as a whole: tests/contingent/kit/test_guide.py.
    return [pytest.param(one, id=one.place) for one in blocks(*languages) if not is_file(one) and not is_run(one)]


def test_every_block_names_its_language() -> None:
    assert [one.place for one in blocks() if one.language not in LANGUAGES] == []


@pytest.mark.parametrize("block", of("python"))
def test_the_program_runs(block: Block, tmp_path: Path) -> None:
    program = block.content
    if block.words == ("plugin",):
        # A plugin's own file: it has to pass what `contingent plugin check` asks of any plugin.
        named = re.search(r'name="(\w+)"', block.content)
        assert named
        (tmp_path / named[1]).mkdir()
        (tmp_path / named[1] / "plugin.py").write_text(block.content, encoding="utf-8")
        program = f"import contingent.__main__ as command\ncommand.main(['plugin', 'check', '{named[1]}'])"
    ran = subprocess.run([sys.executable, "-c", program], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert ran.returncode == 0, ran.stderr


@pytest.mark.parametrize("block", of("sh"))
def test_the_commands_exist(block: Block) -> None:
    for line in re.sub(r"\\\n", " ", block.content).splitlines():
        words = shlex.split(line, comments=True)
        while words and re.fullmatch(r"[A-Z_]+=.*", words[0]):
            words.pop(0)
        if words:
            assert known(words), f"{line!r} in {block.place}"


def known(words: list[str]) -> bool:
    program, *rest = words
    if program == "make":
        targets = [word for word in rest if "=" not in word]
        return all(re.search(rf"^{target}:", text(ROOT / "Makefile"), re.MULTILINE) for target in targets)
    if program.removeprefix(".venv/bin/") == "contingent":
        return accepted(rest)
    return program in OTHER_PROGRAMS or program.startswith((".venv/bin/", ".ci/"))


def accepted(words: list[str]) -> bool:
    """Say whether ``contingent`` has these subcommands and options, and gets a file where it wants one."""
    name, *rest = words
    if name not in COMMANDS:
        return name == "--help"
    command: click.Command = load(name)
    while rest and isinstance(command, click.Group) and not rest[0].startswith("-"):
        command = command.commands[rest.pop(0)]
    options = {flag for option in command.params for flag in (*option.opts, *option.secondary_opts)} | {"--help"}
    if any(word.startswith("-") and word.split("=")[0] not in options for word in rest):
        return False
    needs_file = any(isinstance(one, click.Argument) and isinstance(one.type, click.Path) for one in command.params)
    return not needs_file or not rest or any("/" in word or "." in word for word in rest)


@pytest.mark.parametrize("path", [pytest.param(path, id=place(path)) for path in pages()])
def test_every_link_leads_somewhere(path: Path) -> None:
    assert [link for link in relative_links(path) if not exists(path, link)] == []


def test_every_page_has_a_title() -> None:
    assert [place(path) for path in pages() if not title(path)] == []


def test_the_readme_fits_on_one_screen() -> None:
    assert len(text(ROOT / "README.md").splitlines()) <= ONE_SCREEN


def test_the_table_of_settings_is_the_one_that_the_code_prints() -> None:
    written = text(ROOT / "docs" / "operators" / "settings.md")
    assert written == settings_page(), "run: contingent settings --write docs/operators/settings.md"


@pytest.mark.parametrize("language", LANGUAGES_READ)
def test_the_page_of_who_may_do_what_is_the_one_that_the_code_derives(language: Language) -> None:
    command = COMMAND[language]
    written = text(ROOT / command.split()[0])
    assert written == authorization_page(language), f"run: contingent access matrix --write {command}"


@pytest.mark.parametrize("language", LANGUAGES_READ)
def test_the_security_dossier_is_the_one_that_the_code_derives(language: Language) -> None:
    written = text(ROOT / "docs" / "security" / DOSSIERS[language])
    assert written == dossier(language), "run: contingent access dossier --write docs/security"


def test_every_variable_that_the_code_reads_is_in_the_table() -> None:
    read = {name for path in files(".py", under=PACKAGES) for name in VARIABLE.findall(text(path))}
    assert read - INTERNAL <= set(VARIABLE.findall(settings_page().replace("`", '"')))


def test_decisions_are_numbered_one_page_each_and_of_one_form() -> None:
    decisions = sorted((ROOT / "docs" / "decisions").glob("*.md"))
    numbers = [path.name[:4] for path in decisions if path.name != "README.md"]
    assert numbers == sorted(set(numbers))
    for path in decisions:
        if path.name == "README.md":
            continue
        assert DECISION.fullmatch(path.name), path.name
        assert [part for part in PARTS_OF_A_DECISION if part not in text(path)] == [], path.name
        assert len(text(path).splitlines()) <= ONE_PAGE, path.name


def test_the_list_of_decisions_is_complete() -> None:
    folder = ROOT / "docs" / "decisions"
    listed = set(relative_links(folder / "README.md"))
    assert {path.name for path in folder.glob("*.md")} - {"README.md"} <= listed
