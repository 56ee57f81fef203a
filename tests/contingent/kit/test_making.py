"""What ``contingent plugin new`` makes is sound, tested, formatted and typed before anybody touches it."""

from __future__ import annotations

import os
import pty
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from contingent.__main__ import main
from contingent.kit.making import kinds
from contingent.testing import check_path
from tests.contingent.kit.french import wrong_french

KINDS = list(kinds())


def make(where: Path, *more: str) -> tuple[int, str]:
    ran = CliRunner().invoke(main, ["plugin", "new", *more, "--in", str(where)])
    return ran.exit_code, ran.output


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Make one plugin of each kind, with titles that have to be written down with care."""
    where = tmp_path_factory.mktemp("made")
    for kind in KINDS:
        status, said = make(
            where, f"new_{kind}", "--kind", kind, "--title-en", "Chief’s <own> 100%", "--title-fr", "L’état-major & cie"
        )
        assert status == 0, said
    return where


@pytest.mark.parametrize("kind", KINDS)
def test_a_new_plugin_of_each_kind_passes_the_kit_and_earns_gold(made: Path, kind: str) -> None:
    folder = made / f"new_{kind}"
    assert check_path(folder) == []
    assert 'quality="gold"' in (folder / f"new_{kind}" / "plugin.py").read_text(encoding="utf-8")


@pytest.mark.parametrize("kind", KINDS)
def test_its_own_tests_pass_before_it_is_installed(made: Path, kind: str) -> None:
    ran = run(made / f"new_{kind}", "-m", "pytest", "-q", "-p", "no:cacheprovider", "-p", "no:asyncio")
    assert ran.returncode == 0, ran.stdout
    assert "failed" not in ran.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_its_style_is_that_of_its_own_configuration(made: Path, kind: str) -> None:
    for command in (("check", "--no-cache"), ("format", "--check", "--no-cache")):
        ran = run(made / f"new_{kind}", "-m", "ruff", *command, ".")
        assert ran.returncode == 0, ran.stdout


@pytest.mark.parametrize("kind", KINDS)
def test_its_french_is_set_as_ours_is(made: Path, kind: str) -> None:
    assert wrong_french(made / f"new_{kind}" / f"new_{kind}") == []


@pytest.mark.parametrize("kind", KINDS)
def test_its_continuous_integration_can_be_run_as_it_is(made: Path, kind: str) -> None:
    script = made / f"new_{kind}" / ".ci" / "run"
    assert os.access(script, os.X_OK)
    assert ".ci/run" in (made / f"new_{kind}" / ".github" / "workflows" / "check.yml").read_text(encoding="utf-8")


def test_without_a_terminal_it_takes_defaults_and_asks_nothing(tmp_path: Path) -> None:
    status, said = make(tmp_path, "homeward_bound")
    assert (status, "What should it do" in said) == (0, False)
    plugin = (tmp_path / "homeward_bound" / "homeward_bound" / "plugin.py").read_text(encoding="utf-8")
    assert 'title={"en": "Homeward bound", "fr": "Homeward bound"}' in plugin
    assert "reintegration_milestones" in plugin


def test_on_a_terminal_it_asks_what_it_should_do_and_how_it_is_called(tmp_path: Path) -> None:
    ours, theirs = pty.openpty()
    answers = f"{KINDS.index('hr_source') + 1}\nPayroll\nPaie\n"
    command = [sys.executable, "-m", "contingent", "plugin", "new", "asked_for", "--in", str(tmp_path)]
    with subprocess.Popen(command, stdin=theirs, stdout=theirs, stderr=theirs) as process:
        os.close(theirs)
        os.write(ours, answers.encode())
        status = process.wait()
    os.close(ours)
    assert status == 0
    plugin = (tmp_path / "asked_for" / "asked_for" / "plugin.py").read_text(encoding="utf-8")
    assert 'title={"en": "Payroll", "fr": "Paie"}' in plugin
    assert "hr_fetch" in plugin


def test_everything_that_is_wrong_is_said_at_once_and_nothing_is_written(tmp_path: Path) -> None:
    (tmp_path / "Bad-Name").mkdir()
    status, said = make(tmp_path, "Bad-Name", "--title-fr", 'Un "titre"')
    assert status == 1
    assert "is not 2 to 40 of a-z, 0-9 and _" in said
    assert "has a quotation mark" in said
    assert "exists already" in said
    assert list((tmp_path / "Bad-Name").iterdir()) == []


@pytest.mark.parametrize("name", ["core", "json", "class", "plugins", "tests", "approval_chain"])
def test_a_name_that_is_taken_is_refused(tmp_path: Path, name: str) -> None:
    status, said = make(tmp_path, name)
    assert status == 1
    assert "is taken by Python or the platform" in said


def test_a_kind_that_there_is_not_is_answered_with_those_there_are(tmp_path: Path) -> None:
    status, said = make(tmp_path, "some_name", "--kind", "miracle")
    assert status == 2
    assert ", ".join(KINDS) in said


def run(folder: Path, *arguments: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run([sys.executable, *arguments], cwd=folder, capture_output=True, text=True, check=False)
