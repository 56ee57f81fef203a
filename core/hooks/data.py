"""What crosses between the host and a plugin: frozen structs that check themselves.

A struct of msgspec checks its fields only when it is decoded. A plugin makes its answers by
calling the class, so ``Data`` checks there too: a wrong type is an error at the plugin's own
line, and a made ``Data`` is known to be sound wherever it goes.
"""

from __future__ import annotations

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
            if (
                type(value) is dict
                and value.keys() == {"en", "fr"}
                and not (value["en"].strip() and value["fr"].strip())
            ):
                raise ValueError(f"{kind.__name__}.{name}: both languages are needed, one is empty")
        problem = self.problem()
        if problem is not None:
            raise ValueError(f"{kind.__name__}: {problem}")

    def problem(self) -> str | None:
        """Return what is wrong beyond the types of single fields, or ``None``."""
        return None


def _shape(kind: type[Data]) -> type[msgspec.Struct]:
    """Return a struct with the same fields that checks nothing but their types."""
    fields: list[tuple[str, Any]] = [(field.name, field.type) for field in msgspec.structs.fields(kind)]
    _shapes[kind] = msgspec.defstruct(kind.__name__, fields)
    return _shapes[kind]
