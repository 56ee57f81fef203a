"""Reading a file: every fault at once, each with its line, key and what was expected."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Iterable
from pathlib import Path
from typing import Any, TypeVar

import msgspec

from core.errors import Invalid
from core.use_cases.intake import read

T = TypeVar("T", bound=msgspec.Struct)

_AT_LINE = re.compile(r"\(at line (\d+), column \d+\)")
_HEADING = re.compile(r"\s*(\[\[?)\s*([A-Za-z0-9_.-]+)\s*\]\]?")
_KEY = re.compile(r"\s*([A-Za-z0-9_.-]+)\s*=")


class Problem(msgspec.Struct, frozen=True, order=True):
    """One fault of a file: which ``key``, and what was expected there. ``line`` is 0 where unknown."""

    file: str
    line: int
    key: str
    expected: str

    def __str__(self) -> str:
        place = f"{self.file}:{self.line}" if self.line else self.file
        return f"{place}  {self.key or '(whole file)'}: {self.expected}"


class FaultyFile(Exception):
    """A file cannot be used; ``problems`` holds every fault of it."""

    def __init__(self, problems: Iterable[Problem]) -> None:
        self.problems = sorted(set(problems))
        super().__init__("\n".join(map(str, self.problems)))


class Document(msgspec.Struct, frozen=True):
    """A file's text with its name, to make problems that know their line."""

    file: str
    text: str

    def problem(self, key: str, expected: str) -> Problem:
        """Return the fault at ``key`` (dotted, list places counted from 0: ``agreements.0.acts.1.kind``)."""
        return Problem(self.file, line_of(self.text, key), key, expected)


def open_document(path: Path, root: Path | None = None) -> Document:
    """Return the file's text, named relative to ``root``. Raises ``FaultyFile`` if it cannot be read."""
    name = path.relative_to(root).as_posix() if root and path.is_relative_to(root) else str(path)
    try:
        return Document(name, path.read_text(encoding="utf-8"))
    except UnicodeDecodeError:
        raise FaultyFile([Problem(name, 0, "", "expected text in UTF-8")]) from None
    except OSError as error:
        raise FaultyFile([Problem(name, 0, "", f"expected a file that can be read: {error.strerror}")]) from None


def parse(document: Document, struct: type[T]) -> T:
    """Return ``struct`` from the document's TOML. Raises ``FaultyFile`` with every fault."""
    try:
        values: dict[str, Any] = tomllib.loads(document.text)
    except tomllib.TOMLDecodeError as error:
        where = _AT_LINE.search(str(error))
        line = int(where[1]) if where else document.text.count("\n") + 1
        said = _AT_LINE.sub("", str(error)).strip()
        raise FaultyFile([Problem(document.file, line, "", f"expected TOML: {said}")]) from None
    try:
        return read(struct, values)
    except Invalid as error:
        faults = [(fault.pointer.strip("/").replace("/", "."), str(fault.text)) for fault in error.faults]
        raise FaultyFile(document.problem(key, text) for key, text in faults) from None


def line_of(text: str, key: str) -> int:
    """Return the line of the dotted ``key``, or of the nearest table that should hold it; 0 if none."""
    best, length, inline = 0, 0, 0
    wanted = key.split(".")
    counts: dict[str, int] = {}
    table: list[str] = []
    for number, line in enumerate(text.splitlines(), start=1):
        if heading := _HEADING.match(line):
            table = _placed(heading[2], counts, listed=heading[1] == "[[")
            path = table
        elif assigned := _KEY.match(line):
            path = table + assigned[1].split(".")
        else:
            if inline > 0 and line.lstrip().startswith("{"):
                inline -= 1
                best = number
            continue
        if path == wanted[: len(path)] and len(path) > length:
            best, length = number, len(path)
            place = wanted[length] if length < len(wanted) else ""
            inline = int(place) + 1 if place.isdigit() and line.rstrip().endswith("[") else 0
        else:
            inline = 0
    return best


def _placed(name: str, counts: dict[str, int], *, listed: bool) -> list[str]:
    """Return the path of a heading, with the place of each list's last element in it."""
    path: list[str] = []
    parts = name.split(".")
    for depth, part in enumerate(parts):
        path.append(part)
        dotted = ".".join(path)
        if listed and depth == len(parts) - 1:
            counts[dotted] = counts.get(dotted, -1) + 1
            for inner in [one for one in counts if one.startswith(f"{dotted}.")]:
                del counts[inner]
        if dotted in counts:
            path.append(str(counts[dotted]))
    return path
