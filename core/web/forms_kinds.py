"""What a field's annotation says about the values it takes."""

from __future__ import annotations

import types
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Any, Literal, Union, get_args, get_origin
from uuid import UUID

import msgspec

from core.text import Text, t


@dataclass(frozen=True, slots=True)
class Kind:
    """A type without its wrappers, with its bounds.

    ``words`` are the fixed ones of a ``Literal`` (or of a list of them); ``item`` is the struct
    of a list of structs and ``each`` the kind of any list's entries; the ``plain`` type of any list is ``list``.
    """

    plain: Any
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    words: tuple[str, ...] = ()
    item: type[msgspec.Struct] | None = None
    each: Kind | None = None

    @property
    def group(self) -> type[msgspec.Struct] | None:
        """The struct of a field that is one: its fields stand together."""
        found = isinstance(self.plain, type) and issubclass(self.plain, msgspec.Struct)
        return self.plain if found else None


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
        return Kind(list, words=inner.words, item=inner.group, each=inner)
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


def limits(kind: Kind) -> list[Text]:
    """Return what a field takes, in words, beyond what its kind shows by itself."""
    found: list[Text] = []
    if kind.least is not None or kind.most is not None:
        found.append(_between(kind.least, kind.most, NUMBERS))
    if kind.shortest or kind.longest is not None:
        found.append(_between(kind.shortest or None, kind.longest, ENTRIES if kind.plain is list else CHARACTERS))
    if kind.plain is UUID:
        found.append(t("An identifier of 36 characters."))
    if kind.each is not None and not kind.words:
        if kind.each.plain in EACH:
            found.append(EACH[kind.each.plain])
        each = limits(kind.each)
        if each:
            found.append(t("Of each entry: %(limits)s", limits=Text("%(all)s", {"all": each})))
    return found


def _between(least: float | None, most: float | None, words: tuple[Text, Text, Text]) -> Text:
    said = words[0] if least is not None and most is not None else words[1] if most is None else words[2]
    return Text(said.id, {"least": least, "most": most})


NUMBERS = (t("From %(least)s to %(most)s."), t("At least %(least)s."), t("At most %(most)s."))
CHARACTERS = (
    t("From %(least)s to %(most)s characters."),
    t("At least %(least)s characters."),
    t("At most %(most)s characters."),
)
ENTRIES = (
    t("From %(least)s to %(most)s entries."),
    t("At least %(least)s entries."),
    t("At most %(most)s entries."),
)
EACH = {
    int: t("Each entry is a whole number."),
    date: t("Each entry is a date, as year-month-day: 2026-03-01."),
    UUID: t("Each entry is an identifier of 36 characters."),
}
