"""What the repository may hold: nothing of one machine, nothing unfinished, no rule switched off in silence."""

from __future__ import annotations

import ast
import re

from tests.contracts.sources import ROOT, calls, dotted, files, place, text, tracked_files, tree

# Written apart, so that this file does not name them either.
REGISTRIES = tuple(
    ".".join(parts)
    for parts in (
        ("pypi", "org"),
        ("files", "pythonhosted"),
        ("npmjs", "org"),
        ("npmjs", "com"),
        ("deb", "debian", "org"),
    )
)
MACHINE = re.compile(r"(?<![\w.])/(?:work|root|home/\w+|Users/\w+)/")
UNFINISHED = re.compile(r"\b(?:TO" + r"DO|FIX" + r"ME|XX" + r"X)\b")
TEXT = {".py", ".md", ".toml", ".html", ".css", ".js", ".po", ".json", ".lock", ".tsv", ".csv", ".sql", ".yml", ""}


def findings(pattern: re.Pattern[str]) -> list[str]:
    return [
        f"{place(path, text(path)[: found.start()].count(chr(10)) + 1)} {found.group()}"
        for path in tracked_files()
        if path.suffix in TEXT
        for found in pattern.finditer(text(path))
    ]


def test_no_file_names_a_package_registry() -> None:
    assert findings(re.compile("|".join(re.escape(host) for host in REGISTRIES))) == []


def test_no_file_names_a_folder_of_one_machine() -> None:
    assert findings(MACHINE) == []


def test_nothing_is_left_for_later_in_the_source() -> None:
    assert findings(UNFINISHED) == []


def test_no_test_is_skipped_or_expected_to_fail() -> None:
    guilty = []
    for path in files(".py", under=("tests",)):
        names = {(node.lineno, dotted(node)) for node in ast.walk(tree(path)) if isinstance(node, ast.Attribute)}
        marks = {(line, name) for line, name in names if name.startswith(("pytest.mark.skip", "pytest.mark.xfail"))}
        guilty += [place(path, line) for line, _ in marks]
        guilty += [place(path, line) for line, name, _ in calls(path) if name in {"pytest.skip", "pytest.xfail"}]
    assert not guilty


def test_every_exception_to_a_rule_names_the_rule_and_one_of_style_its_reason() -> None:
    named = r"[A-Z]+\d+(?:, [A-Z]+\d+)* - \S"
    blanket = re.compile(rf"#\s*noqa(?!: {named})|#\s*type:\s*ignore(?!\[)|#\s*ruff:\s*noqa(?!: {named})", re.MULTILINE)
    guilty = [
        place(path, text(path)[: found.start()].count("\n") + 1)
        for path in files(".py")
        if path != ROOT / "tests" / "contracts" / "test_tracked_files.py"
        for found in blanket.finditer(text(path))
    ]
    assert not guilty


def test_no_command_of_the_continuous_integration_knows_a_host() -> None:
    script = ROOT / ".ci" / "run"
    assert "://" not in text(script)
