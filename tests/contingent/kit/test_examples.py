"""The example plugins, installed as a third party's are: from wheels, in an environment that holds nothing else."""

from __future__ import annotations

import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.contingent.kit.environment import build_wheel, make_environment
from tests.contingent.kit.french import wrong_french
from tests.contingent.kit.offline import offline
from tests.contracts.sources import ROOT, files

EXAMPLES = ("lakeshore_police", "payroll_extract")


class Place(NamedTuple):
    """The environment, and what it is used from."""

    python: Path
    folder: Path
    environment: dict[str, str]

    def run(self, *arguments: str, at: Path | None = None) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [str(self.python), *arguments],
            cwd=at or self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            check=False,
        )


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Place:
    """Build the wheels of the platform and of both plugins, and install them without a network."""
    folder = tmp_path_factory.mktemp("elsewhere")
    wheels = [build_wheel(one, folder) for one in (ROOT, *(ROOT / "examples" / name for name in EXAMPLES))]
    python = make_environment(folder / "environment", wheels, tools=("pytest", "mypy"))
    return Place(python, folder, offline(folder, python))


def test_the_list_is_that_of_the_folder() -> None:
    assert {path.parent.name for path in (ROOT / "examples").glob("*/pyproject.toml")} == set(EXAMPLES)


def test_nothing_of_the_platform_knows_them() -> None:
    ours = files(".py", under=("core", "tenants", "auth", "contingent", "plugins"))
    assert [path for path in ours for name in EXAMPLES if name in path.read_text(encoding="utf-8")] == []


def test_they_are_found_beside_the_built_in_plugins(place: Place) -> None:
    listed = place.run("-m", "contingent", "plugin", "list")
    assert listed.returncode == 0, listed.stderr
    assert "lakeshore_police 1.0.0  Lakeshore Police\n  approval_chain, reintegration_milestones\n" in listed.stdout
    assert "payroll_extract 1.0.0  Payroll extract\n  hr_fetch, hr_test_connection\n" in listed.stdout
    where = place.run("-c", "import contingent, payroll_extract; print(contingent.__file__, payroll_extract.__file__)")
    assert str(ROOT) not in where.stdout


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_french_is_set_as_ours_is(name: str) -> None:
    assert wrong_french(ROOT / "examples" / name / name) == []


@pytest.mark.parametrize("name", EXAMPLES)
def test_its_own_tests_pass_against_the_wheel(place: Place, name: str) -> None:
    alone = place.folder / "tests" / name
    shutil.copytree(ROOT / "examples" / name / "tests", alone)
    ran = place.run("-m", "pytest", "-q", "--import-mode=importlib", "-p", "no:cacheprovider", at=alone)
    assert ran.returncode == 0, ran.stdout + ran.stderr
    assert "skipped" not in ran.stdout


def test_their_types_hold_against_the_installed_platform(place: Place) -> None:
    for name in EXAMPLES:
        copied = place.folder / "sources" / name
        shutil.copytree(ROOT / "examples" / name, copied)
        ran = place.run("-m", "mypy", "--cache-dir", str(place.folder / "mypy"), at=copied)
        assert ran.returncode == 0, ran.stdout
    # And what does not hold is found: the platform's types are there, not taken for anything.
    wrong = place.folder / "sources" / EXAMPLES[0] / "tests" / "test_wrong.py"
    wrong.write_text("from contingent import Step, Who\n\nStep(key=1, title={'en': 'A'}, who=Who(rule='x'))\n")
    ran = place.run("-m", "mypy", "--cache-dir", str(place.folder / "mypy"), at=wrong.parents[1])
    assert ran.stdout.count("test_wrong.py:3: error") == 3, ran.stdout


def test_the_platforms_wheel_makes_a_plugin_and_signs_it_without_a_network(place: Place) -> None:
    made = place.run("-m", "contingent", "plugin", "new", "far_away")
    assert made.returncode == 0, made.stderr
    checked = place.run("-m", "contingent", "plugin", "check", "far_away")
    assert (checked.stdout, checked.stderr) == ("far_away is sound.\n  it asks for data classes: agency\n", "")
    for words in (
        ("key", "me.key", "--name", "Far away"),
        ("bundle", "far_away", "--key", "me.key"),
        ("verify", "far_away-0.1.0.bundle", "--key", "me.key.pub"),
    ):
        ran = place.run("-m", "contingent", "plugin", *words)
        assert ran.returncode == 0, ran.stderr
