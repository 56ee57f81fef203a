"""French and English ship together: one missing sentence fails the build."""

from __future__ import annotations

import ast
import csv
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from core.web.i18n_french import wrong_in
from core.web.i18n_upkeep import check
from tests.contracts.sources import ROOT, files, place, text

FRENCH = re.compile(r"[éèêàçôîÉÀ]|\b(?:est|les|des|une|du)\b")
"""What a text in code has that is French."""


def test_every_sentence_has_its_french_and_the_french_is_set_right() -> None:
    findings = [finding.replace(f"{ROOT}/", "") for finding in check()]
    assert not findings, "run python -m core.web.i18n update, then:\n" + "\n".join(findings)


def test_french_in_the_files_of_services_and_of_the_demonstration_is_set_like_all_other() -> None:
    wrong = [
        f"{place(path)}: {words!r} {fault}"
        for path in files(".toml", ".tsv", under=("tenants", "contingent"))
        for words in _french(path)
        for fault in wrong_in("", words)
    ]
    assert wrong == []


def test_french_in_code_is_set_like_all_other() -> None:
    wrong = [
        f"{place(path)}: {words!r} {fault}"
        for path in files(".py", under=("core", "auth", "tenants", "contingent", "plugins", "examples"))
        for words in _written(ast.parse(text(path)))
        if FRENCH.search(words)
        for fault in wrong_in("", words)
        if "no-break" in fault
    ]
    assert wrong == [], r"write \u00a0 there"


def _written(tree: ast.AST) -> Iterator[str]:
    """Return the texts in code; what an f-string puts in is a letter."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value
        elif isinstance(node, ast.JoinedStr):
            yield "".join(str(part.value) if isinstance(part, ast.Constant) else "x" for part in node.values)


def _french(path: Path) -> Iterator[str]:
    if path.suffix == ".tsv":
        for row in csv.DictReader(text(path).splitlines(), delimiter="\t"):
            yield from (words for key, words in row.items() if key.endswith("_fr") and words)
    else:
        yield from _said(tomllib.loads(text(path)))


def _said(value: Any) -> Iterator[str]:
    if isinstance(value, list):
        for one in value:
            yield from _said(one)
    elif isinstance(value, dict):
        for key, one in value.items():
            if isinstance(one, str):
                yield from [one] if key == "fr" or key.endswith("_fr") else []
            else:
                yield from _said(one)
