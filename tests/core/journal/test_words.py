"""Every action that the code writes into the log has words, in both languages."""

from __future__ import annotations

import ast
import importlib
import pkgutil
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from core.context import LANGUAGES, Language
from core.events.subscribers import SUBSCRIBERS
from core.journal.fields import value_words
from core.journal.job_words import JOBS
from core.journal.words import DEEDS, SUBJECTS
from core.text import Text
from core.use_cases.lifecycle import Lifecycle
from core.web.i18n import say, translator

ROOT = Path(__file__).parents[3]
PACKAGES = ("core", "tenants", "auth")


def written() -> Iterator[tuple[str, str]]:
    """Yield each action as it stands in the source, with its place."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _called(node) in {"audit", "record", "saw"}:
                    for one in node.args[:2]:
                        if isinstance(one, ast.Constant) and isinstance(one.value, str) and "." in one.value:
                            yield one.value, f"{path.relative_to(ROOT)}:{node.lineno}"


def subjects() -> Iterator[tuple[str, str]]:
    """Yield the kind of each subject that is written into the log, with its place."""
    for package in PACKAGES:
        for path in sorted((ROOT / package).rglob("*.py")):
            for node in ast.walk(ast.parse(path.read_text())):
                if isinstance(node, ast.Call) and _called(node) in {"audit", "record", "saw"}:
                    for one in node.args:
                        if isinstance(one, ast.Tuple) and isinstance(one.elts[0], ast.Constant):
                            yield str(one.elts[0].value), f"{path.relative_to(ROOT)}:{node.lineno}"


def test_every_subject_has_words() -> None:
    found = list(subjects())
    assert len(found) > 20
    speechless = [f"{kind} ({place})" for kind, place in found if kind not in SUBJECTS]
    assert not speechless, f"name these in core/journal/words.py: {speechless}"


def _called(node: ast.Call) -> str:
    return node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")


def moved() -> Iterator[tuple[str, str]]:
    """Yield the action of each transition of each lifecycle."""
    for package in PACKAGES:
        for module in pkgutil.walk_packages([str(ROOT / package)], f"{package}."):
            if module.name.endswith("lifecycle"):
                for one in vars(importlib.import_module(module.name)).values():
                    if isinstance(one, Lifecycle):
                        for transition in one.transitions:
                            yield f"{one.subject}.{transition.name}", module.name


@pytest.mark.parametrize("source", [written, moved], ids=["written", "moved"])
def test_every_action_has_words(source: object) -> None:
    actions = sorted(source())  # type: ignore[operator]
    assert len(actions) > 20
    speechless = [
        f"{action} ({place})"
        for action, place in actions
        if action.split(".")[0] not in SUBJECTS or action.rsplit(".", maxsplit=1)[-1] not in DEEDS
    ]
    assert not speechless, f"name these in core/journal/words.py: {speechless}"


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("words", [SUBJECTS, DEEDS], ids=["subjects", "deeds"])
def test_a_filter_of_the_log_offers_no_words_twice(words: dict[str, Text], language: Language) -> None:
    said = Counter(text.render(translator(language)) for text in words.values())
    assert {one: count for one, count in said.items() if count > 1} == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_what_a_line_says_of_a_plugin_is_in_words(language: Language) -> None:
    said = {
        (name, value): say(value_words("plugin", name, value, may_see_cause=False), language)  # type: ignore[arg-type]
        for name, value in (("hook", "run_task"), ("hook", "unheard_of"), ("cause", "failing"), ("came", "raised"))
    }
    assert (
        list(said.values())
        == {
            "en": ["Run of a task", "unheard_of", "Failed again and again", "Failed with an error"],
            "fr": ["Exécution d’une tâche", "unheard_of", "Échecs répétés", "Échec par une erreur"],
        }[language]
    )


def test_every_job_has_words_and_no_words_are_of_none() -> None:
    for package in PACKAGES:
        for module in pkgutil.walk_packages(importlib.import_module(package).__path__, f"{package}."):
            if not module.name.startswith("core.database.migrations"):
                importlib.import_module(module.name)
    named = {name for name, one in SUBSCRIBERS.items() if one.handler.__module__.split(".")[0] != "tests"}
    assert named == JOBS.keys()
