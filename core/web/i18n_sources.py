"""Finding every sentence that the code and the templates speak."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any, cast

from jinja2.ext import babel_extract

from core.web.i18n import PACKAGES, package_folders

SPEAKERS = frozenset({"t", "_", "gettext"})
NUMBERED = "ngettext"
JINJA_OPTIONS = {"trimmed": "true", "silent": "false", "extensions": "jinja2.ext.do,jinja2.ext.loopcontrols"}

FOUNDATIONS = ("database", "hooks", "audit", "events", "use_cases", "documents", "web")
"""The rooms of core that all others stand on: what they say too is theirs."""

Sentence = str | tuple[str, str]
"""A sentence, or the two forms of one with a number."""


@dataclass(frozen=True, slots=True)
class Spoken:
    """A sentence where it stands: the file and its line."""

    sentence: Sentence
    file: Path
    line: int


@dataclass(frozen=True, slots=True)
class Silent:
    """A call that names no sentence the extractor can read."""

    file: Path
    line: int


def rooms(packages: tuple[str, ...] = PACKAGES) -> list[Path]:
    """Return every folder that has, or would have, a ``locale/``: packages, then their rooms, lowest first."""
    found = []
    for package in package_folders(packages):
        found.append(package)
        inner = [one for one in package.iterdir() if one.is_dir() and (one / "__init__.py").exists()]
        found += sorted(inner, key=lambda one: (one.name not in FOUNDATIONS, one.name))
    return found


def spoken_in(room: Path, inner: list[Path]) -> Iterator[Spoken | Silent]:
    """Yield what the files of ``room`` say, those below the rooms ``inner`` left to them."""
    for file in sorted(room.rglob("*")):
        if file.suffix not in (".py", ".html", ".txt") or any(one in file.parents for one in inner):
            continue
        if file.suffix == ".py":
            yield from spoken_in_python(file)
        elif "templates" in file.parts:
            yield from spoken_in_template(file)


def spoken_in_python(file: Path) -> Iterator[Spoken | Silent]:
    """Yield the first argument of each ``t(…)``, ``_(…)`` and ``gettext(…)``, and the first two of ``ngettext``."""
    module = ast.parse(file.read_text(encoding="utf-8"), filename=str(file))
    defined = {node.name for node in ast.walk(module) if isinstance(node, ast.FunctionDef)}
    for node in ast.walk(module):
        if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Name) or node.func.id in defined:
            continue
        if node.func.id in SPEAKERS and node.args:
            for sentence in _literals(node.args[0]):
                yield Spoken(sentence, file, node.lineno) if sentence is not None else Silent(file, node.lineno)
        elif node.func.id == NUMBERED and len(node.args) >= 2:
            one, many = (next(iter(_literals(argument))) for argument in node.args[:2])
            yield Spoken((one, many), file, node.lineno) if one and many else Silent(file, node.lineno)


def spoken_in_template(file: Path) -> Iterator[Spoken | Silent]:
    """Yield what a template says with ``_``, ``gettext``, ``ngettext`` and ``{% trans %}``."""
    with file.open("rb") as source:
        keywords: dict[str, Any] = {"_": None, "gettext": None, "ngettext": (1, 2)}
        found = babel_extract(cast("IO[bytes]", source), tuple(keywords), [], JINJA_OPTIONS)  # type: ignore[arg-type]
        for line, speaker, message, _ in found:
            parts = message if isinstance(message, (tuple, list)) else (message,)
            texts = [part for part in parts if isinstance(part, str)]
            if speaker == NUMBERED and len(texts) >= 2:
                yield Spoken((texts[0], texts[1]), file, line)
            elif speaker != NUMBERED and texts:
                yield Spoken(texts[0], file, line)
            else:
                yield Silent(file, line)


def _literals(node: ast.expr) -> list[str | None]:
    """Return the sentence of a literal, or both of ``"…" if x else "…"``; ``None`` where it is computed."""
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [node.value]
    if isinstance(node, ast.IfExp):
        return _literals(node.body) + _literals(node.orelse)
    return [None]
