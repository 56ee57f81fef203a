"""A plugin is found in its file, its package or its project; what is none is answered with what was expected."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from click.testing import CliRunner

from contingent.__main__ import main
from contingent.kit.cases import read_case
from contingent.kit.projects import find_plugin, load_beside
from contingent.testing import check_path
from core.errors import Misconfigured
from core.hooks.registry import Registry


def make(where: Path, name: str) -> Path:
    assert CliRunner().invoke(main, ["plugin", "new", name, "--in", str(where)]).exit_code == 0
    return where / name


def test_project_package_and_file_lead_to_the_same_plugin(tmp_path: Path) -> None:
    project = make(tmp_path, "found_three_ways")
    package = project / "found_three_ways"
    assert find_plugin(project) == find_plugin(package)
    assert find_plugin(project).cases == project / "tests" / "cases"
    assert find_plugin(package / "plugin.py") == find_plugin(package)
    checked = CliRunner().invoke(main, ["plugin", "check", str(package / "plugin.py")])
    assert (checked.exit_code, checked.output.splitlines()[0]) == (0, "found_three_ways is sound."), checked.output


def test_a_package_below_src_is_found_too(tmp_path: Path) -> None:
    project = make(tmp_path, "found_below_src")
    (project / "src").mkdir()
    (project / "found_below_src").rename(project / "src" / "found_below_src")
    assert find_plugin(project / "src" / "found_below_src") == find_plugin(project)
    assert check_path(project) == []


def test_a_folder_that_declares_no_plugin_or_several_says_so(tmp_path: Path) -> None:
    with pytest.raises(Misconfigured, match=r"holds no plugin.py, and no pyproject.toml with an entry point"):
        find_plugin(tmp_path)
    pyproject = tmp_path / "pyproject.toml"
    pyproject.write_text('[project.entry-points."contingent.plugins"]\none = "one"\ntwo = "two"\n')
    with pytest.raises(Misconfigured, match=r"declares 2 plugins \(one, two\)"):
        find_plugin(tmp_path)
    pyproject.write_text("[project")
    with pytest.raises(Misconfigured, match="cannot be read"):
        find_plugin(tmp_path)


def test_a_projects_plugin_is_there_for_its_tests_before_it_is_installed(tmp_path: Path) -> None:
    project = make(tmp_path, "not_installed")
    beside = project / "tests" / "test_contract.py"
    assert "not_installed" not in Registry().load().plugins
    assert {"not_installed", "hr_file"} <= load_beside(beside).plugins.keys()
    assert "not_installed" not in load_beside(beside, "hr_file").plugins


def test_a_recorded_answer_that_is_not_given_any_more_fails_the_check(tmp_path: Path) -> None:
    project = make(tmp_path, "other_answer")
    case = project / "tests" / "cases" / "hazardous_tour.json"
    said = json.loads(case.read_text(encoding="utf-8"))
    said["answer"][0]["owner"] = "agency"
    case.write_text(json.dumps(said), encoding="utf-8")
    (found,) = check_path(project)
    assert found.startswith("hazardous_tour.json: answered ")
    del said["answer"]
    case.write_text(json.dumps(said), encoding="utf-8")
    assert check_path(project) == ["gold needs a case for reintegration_milestones"]


def test_a_file_that_is_no_case_is_refused_with_its_name(tmp_path: Path) -> None:
    (tmp_path / "case.json").write_text("{", encoding="utf-8")
    with pytest.raises(Misconfigured, match=r"case.json is no case"):
        read_case(tmp_path / "case.json", Registry().hooks)
