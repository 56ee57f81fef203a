"""``ctx.log``: what a plugin tells whoever keeps it running, without anything about a person.

A message, a field's name and a text are kept where they stand in the plugin's own code, word for word; so nothing that
a plugin was given can be in them. Numbers are kept to three digits, which tells how many rows there were and no
employee number; identifiers whole; of anything else, its kind where that is an ordinary one. Whoever sees health data
has a log that keeps nothing.
"""

from __future__ import annotations

import ast
import io
import math
import re
import tokenize
from collections.abc import Callable, Iterator, Mapping
from types import CodeType, FunctionType, ModuleType
from typing import Literal, Protocol, TypeAlias, get_args
from uuid import UUID

from core.hooks.answers import one_line
from core.hooks.sandbox.code import gather

Level = Literal["info", "warning", "error"]
LEVELS: tuple[Level, ...] = get_args(Level)
Field: TypeAlias = str | int | float | bool | None
MOST_FIELDS = 8
LONGEST_MESSAGE = 200
LONGEST_TEXT = 80
"""Characters of a field's name or text."""
DIGITS = 3
FORMATTED = re.compile(r"[A-Za-z]*[fF]")
IDENTIFIER = re.compile(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
KINDS = frozenset({"bytes", "date", "datetime", "dict", "float", "int", "list", "set", "str", "timedelta", "tuple"})
"""Kinds of values that are named."""
MOST_READ = 256 * 1024
"""Bytes of a bundle's code in which its texts are looked for."""
HIDDEN = "…"
"""Stands for what is not in the plugin's code."""

Say: TypeAlias = Callable[[Level, str, dict[str, Field]], None]


class Log(Protocol):
    """A plugin's lines. Never waits, never raises; what is more than is kept is left out and counted."""

    def info(self, message: str, **fields: object) -> None:
        """Write what was done."""
        ...

    def warning(self, message: str, **fields: object) -> None:
        """Write what somebody should look at."""
        ...

    def error(self, message: str, **fields: object) -> None:
        """Write what went wrong."""
        ...

    def write(self, level: Level, message: object, fields: dict[str, object]) -> None:
        """Write a line whose level and fields are values."""
        ...


class Lines:
    """A log that hands each line to ``say`` as it was given."""

    def __init__(self, say: Callable[[Level, object, dict[str, object]], None]) -> None:
        self._say = say

    def write(self, level: Level, message: object, fields: dict[str, object]) -> None:
        """Write a line whose level and fields are values."""
        self._say(level, message, fields)

    def info(self, message: str, **fields: object) -> None:
        self._say("info", message, fields)

    def warning(self, message: str, **fields: object) -> None:
        self._say("warning", message, fields)

    def error(self, message: str, **fields: object) -> None:
        self._say("error", message, fields)


def _nothing(level: Level, message: object, fields: dict[str, object]) -> None:
    """Keep nothing."""


SILENT = Lines(_nothing)
"""For plugins that see health data."""


def kept_log(words: Callable[[], frozenset[str]], say: Say) -> Lines:
    """Return a log that keeps of each line what may be kept. ``words``: the texts in the plugin's code."""

    def keep(level: Level, message: object, fields: dict[str, object]) -> None:
        known = words()
        chosen = list(fields.items())[:MOST_FIELDS]
        say(
            level,
            _text(message, known, LONGEST_MESSAGE),
            {_text(name, known, LONGEST_TEXT): _value(value, known) for name, value in chosen},
        )

    return Lines(keep)


def _text(given: object, known: frozenset[str], longest: int) -> str:
    return one_line(given, longest) if type(given) is str and given in known else HIDDEN


def _value(value: object, known: frozenset[str]) -> Field:
    if value is None or type(value) is bool:
        return value
    if type(value) is int or type(value) is float:
        return rounded(value)
    if type(value) is UUID:
        return str(value)
    if type(value) is str:
        return value if IDENTIFIER.fullmatch(value) else _text(value, known | KINDS, LONGEST_TEXT)
    return _text(type(value).__name__, known | KINDS, LONGEST_TEXT)


def rounded(value: float) -> Field:
    """Return a number to its first three digits; one that is out of all bounds as its kind."""
    if isinstance(value, float) and not math.isfinite(value):
        return "float"
    if abs(value) >= 10**15:
        return type(value).__name__
    return type(value)(f"{value:.{DIGITS}g}") if isinstance(value, float) else int(float(f"{value:.{DIGITS}g}"))


def words_of(module: object) -> frozenset[str]:
    """Return every text that stands in the code of a plugin: of its files, or of its functions where it has none."""
    if isinstance(module, ModuleType) and getattr(module, "__file__", None):
        codes = [compile(text, name, "exec", dont_inherit=True) for name, text in gather(module).files.items()]
    else:
        codes = [one.__code__ for one in vars(module).values() if isinstance(one, FunctionType)]
    return frozenset(text for code in codes for text in _texts(code))


def words_in(files: Mapping[str, bytes]) -> frozenset[str]:
    """Return every text that stands in the code of a bundle, as far as ``MOST_READ`` goes.

    Its code is cut into words and never compiled: it is nobody's whom the platform knows.
    """
    found: set[str] = set()
    room = MOST_READ
    for name in sorted(files):
        room -= len(files[name]) if name.endswith(".py") else 0
        if name.endswith(".py") and room >= 0:
            found |= set(_literals(files[name]))
    return frozenset(found)


def _literals(code: bytes) -> Iterator[str]:
    """Yield the texts of one file, and the names that are given in its calls, as of fields for the log.

    Of texts that stand side by side it is what they make together.
    """
    together, before, depth = "", "", 0
    try:
        for token in tokenize.tokenize(io.BytesIO(code).readline):
            depth += (token.string == "(") - (token.string == ")")
            if depth > 0 and token.string == "=" and before.isidentifier():
                yield before
            before = token.string
            if token.type == tokenize.STRING:
                text = None if FORMATTED.match(token.string) else ast.literal_eval(token.string)
                together += text if isinstance(text, str) else ""
            elif token.type not in (tokenize.NL, tokenize.COMMENT):
                if together:
                    yield together
                together = ""
    except (tokenize.TokenError, SyntaxError, ValueError, RecursionError):
        return


def _texts(constant: object) -> Iterator[str]:
    if isinstance(constant, str):
        yield constant
    elif isinstance(constant, CodeType):
        for one in constant.co_consts:
            yield from _texts(one)
    elif isinstance(constant, (tuple, frozenset)):
        for one in constant:
            yield from _texts(one)
