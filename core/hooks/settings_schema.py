"""Which structs can be a plugin's settings: those that a form can show and check in full."""

from __future__ import annotations

import types
import typing
from datetime import date
from typing import Any, Literal, Union
from uuid import UUID

import msgspec

SCALARS = (str, int, bool, date, UUID)


def unsupported(kind: type[Any]) -> str | None:
    """Return where and why ``kind`` cannot be shown as a form, or ``None`` if it can.

    Supported: a struct whose fields have defaults; a field is text, a whole number, yes or
    no, a date, an id, one of fixed words, any of these or nothing, a list of them, or a list
    of structs of such fields (one level).
    """
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return f"is {kind!r}: expected a msgspec.Struct"
    for field in msgspec.structs.fields(kind):
        if field.required:
            return f"{kind.__name__}.{field.name}: give it a default, so that the plugin works when switched on"
    try:
        msgspec.json.Decoder(kind)
    except TypeError as error:
        return f"{kind.__name__} cannot be read: {error} (write a bound inside: Annotated[str, …] | None)"
    return _faulty(kind, depth=0)


def _faulty(kind: type[msgspec.Struct], *, depth: int) -> str | None:
    for field in msgspec.structs.fields(kind):
        fault = _fault(field.type, depth=depth)
        if fault:
            return f"{kind.__name__}.{field.name}: {fault}"
    return None


def _fault(annotation: Any, *, depth: int) -> str | None:
    if hasattr(annotation, "__metadata__"):
        return _fault(typing.get_args(annotation)[0], depth=depth)
    origin, arguments = typing.get_origin(annotation), typing.get_args(annotation)
    if origin in (Union, types.UnionType):
        present = [argument for argument in arguments if argument is not type(None)]
        return _fault(present[0], depth=depth) if len(present) == 1 else "a choice between types cannot be shown"
    if origin is Literal:
        return None if all(isinstance(word, str) for word in arguments) else "the fixed choices must be words"
    if origin in (list, tuple, frozenset):
        item = next((argument for argument in arguments if argument is not Ellipsis), None)
        nested = typing.get_origin(item) in (list, tuple, frozenset)
        return "a list of lists cannot be shown" if nested else _fault(item, depth=depth)
    if isinstance(annotation, type) and issubclass(annotation, msgspec.Struct):
        return "structs may be nested one level deep" if depth else _faulty(annotation, depth=1)
    return None if annotation in SCALARS else f"{annotation!r} cannot be shown as a field"
