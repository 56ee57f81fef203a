"""Sentences in what the API answers: code names them, the reader gets them in their language."""

from __future__ import annotations

import types
from collections.abc import Mapping
from functools import cache
from typing import Any, Union, get_args, get_origin

import msgspec

from core.context import Language
from core.text import Text
from core.web.i18n import say


@cache
def holds_text(kind: Any) -> bool:
    """Say whether a value of type ``kind`` may hold a ``Text`` anywhere in it."""
    return _holds(kind, set())


def worded(value: Any, language: Language, zone: str) -> Any:
    """Return an output as plain members, each ``Text`` in it said in ``language``, instants in ``zone``."""
    if isinstance(value, Text):
        return say(value, language, zone)
    if isinstance(value, msgspec.Struct):
        return {
            field.encode_name: worded(getattr(value, field.name), language, zone)
            for field in msgspec.structs.fields(value)
        }
    if isinstance(value, Mapping):
        return {key: worded(one, language, zone) for key, one in value.items()}
    if isinstance(value, (list, tuple)):
        return [worded(one, language, zone) for one in value]
    return value


def _holds(kind: Any, seen: set[Any]) -> bool:
    if kind is Text or kind is Any:
        return kind is Text
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in seen:
            return False
        seen.add(kind)
        return any(_holds(field.type, seen) for field in msgspec.structs.fields(kind))
    if get_origin(kind) in (Union, types.UnionType) or get_args(kind):
        return any(_holds(one, seen) for one in get_args(kind) if not isinstance(one, str))
    return False
