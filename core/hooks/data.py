"""What crosses between the host and a plugin: frozen structs that check themselves.

A struct of msgspec checks its fields only when it is decoded. A plugin makes its answers by
calling the class, so ``Data`` checks there too: a wrong type is an error at the plugin's own
line, and a made ``Data`` is known to be sound wherever it goes.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date, datetime, time
from typing import Any, TypedDict
from uuid import UUID

import msgspec


class Words(TypedDict):
    """One sentence or name in both languages: ``{"en": "Return plan", "fr": "Plan de retour"}``."""

    en: str
    fr: str


EXACT = (date, datetime, time, UUID)
"""Types that must be given as themselves, not as text that reads like them."""

LONGEST_WORDS = 10_000
"""Characters of one sentence in one language."""
_UNSAYABLE = re.compile("[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ud800-\udfff]")
"""What would clear a terminal, break a line of a log, turn the direction of what stands around it, or be no text."""
_UNKEEPABLE = re.compile("[\x00\ud800-\udfff]")
"""What neither a database nor a page takes."""

_shapes: dict[type[Data], type[msgspec.Struct]] = {}


class Data(msgspec.Struct, frozen=True, kw_only=True):
    """The root of all that plugins receive and return."""

    def __post_init__(self) -> None:
        values = msgspec.structs.asdict(self)
        kind = type(self)
        try:
            msgspec.convert(values, _shapes.get(kind) or _shape(kind), builtin_types=EXACT)
        except msgspec.ValidationError as error:
            raise ValueError(f"{kind.__name__}: {error}") from None
        for name, value in values.items():
            for one in _within(value):
                wrong = wrong_text(one)
                if wrong is not None:
                    raise ValueError(f"{kind.__name__}: {wrong} - at `$.{name}`")
        problem = self.problem()
        if problem is not None:
            raise ValueError(f"{kind.__name__}: {problem}")

    def problem(self) -> str | None:
        """Return what is wrong beyond the types of single fields, or ``None``."""
        return None


def wrong_text(value: object) -> str | None:
    """Return what is wrong with words in both languages, or with a text, that a plugin gives; of anything else nothing.

    Whoever shows, logs or keeps it need not look again.
    """
    if type(value) is str:
        return "it has a character that no text has (NUL, or half of one)" if _UNKEEPABLE.search(value) else None
    if type(value) is not dict or value.keys() != {"en", "fr"}:
        return None
    if not (value["en"].strip() and value["fr"].strip()):
        return "both languages are needed, one is empty"
    for said in (value["en"], value["fr"]):
        if len(said) > LONGEST_WORDS:
            return f"{len(said)} characters, at most {LONGEST_WORDS}"
        if _UNSAYABLE.search(said):
            return "it has a control character: of these, a sentence has line breaks and tabs only"
    return None


def _within(value: object) -> Iterator[object]:
    """Yield a field's value and, of a list or an object, what is directly in it."""
    yield value
    if isinstance(value, (list, tuple)):
        yield from value
    elif type(value) is dict and value.keys() != {"en", "fr"}:
        yield from value
        yield from value.values()


def _shape(kind: type[Data]) -> type[msgspec.Struct]:
    """Return a struct with the same fields that checks nothing but their types."""
    fields: list[tuple[str, Any]] = [(field.name, field.type) for field in msgspec.structs.fields(kind)]
    _shapes[kind] = msgspec.defstruct(kind.__name__, fields)
    return _shapes[kind]
