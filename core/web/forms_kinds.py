"""What a field's annotation says about the values it takes."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any, Literal, Union, get_args, get_origin

import msgspec


@dataclass(frozen=True, slots=True)
class Kind:
    """A type without its wrappers, with its bounds.

    ``words`` are the fixed ones of a ``Literal`` (or of a list of them); ``item`` is the struct
    of a list of structs; the ``plain`` type of any list is ``list``.
    """

    plain: Any
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    item: type[msgspec.Struct] | None = None


_known: dict[type[msgspec.Struct], Mapping[str, Kind]] = {}


def kinds_of(struct: type[msgspec.Struct]) -> Mapping[str, Kind]:
    """Return the kind of each field by its name outside; looked at once, as annotations are slow to read."""
    if struct not in _known:
        _known[struct] = {one.encode_name: kind_of(one.type) for one in msgspec.structs.fields(struct)}
    return _known[struct]


def kind_of(annotation: Any) -> Kind:
    """Return what ``annotation`` takes, looking through ``Annotated`` and ``| None``."""
    if hasattr(annotation, "__metadata__"):
        return _bounded(kind_of(get_args(annotation)[0]), annotation.__metadata__)
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        present = [one for one in get_args(annotation) if one is not type(None)]
        return kind_of(present[0]) if len(present) == 1 else Kind(annotation)
    if origin is Literal:
        return Kind(str, words=tuple(str(one) for one in get_args(annotation)))
    if origin in (list, tuple, set, frozenset):
        inner = kind_of(get_args(annotation)[0])
        struct = isinstance(inner.plain, type) and issubclass(inner.plain, msgspec.Struct)
        return Kind(list, words=inner.words, item=inner.plain if struct else None)
    return Kind(annotation)


def _bounded(inner: Kind, metadata: tuple[Any, ...]) -> Kind:
    for meta in metadata:
        if isinstance(meta, msgspec.Meta):
            inner = replace(
                inner,
                shortest=inner.shortest if meta.min_length is None else meta.min_length,
                longest=inner.longest if meta.max_length is None else meta.max_length,
                least=inner.least if meta.ge is None else meta.ge,
                most=inner.most if meta.le is None else meta.le,
            )
    return inner
