"""Which structs can be a plugin's settings: those that a form can show, keep and check in full."""

from __future__ import annotations

import re
import types
import typing
from collections.abc import Iterable, Iterator, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple, Union
from uuid import UUID

import msgspec

from core.secret import Secret

SCALARS = (str, int, bool, date, UUID)
LISTS = (list, tuple, frozenset)
WIDGETS: Mapping[Any, tuple[str, ...]] = {
    str: ("line", "area", "email"),
    int: ("line", "number"),
    bool: ("line", "checkbox"),
    date: ("line", "date"),
    UUID: ("line",),
    Literal: ("line", "choice"),
    Secret: ("line", "area", "secret"),
}
"""How a field of each kind may be shown; ``line`` is what a field says that says nothing."""
UNSHOWN = ("gt", "lt", "multiple_of", "pattern", "tz")
"""Bounds of msgspec's that no form can say in words."""

DEEP = "structs may be nested one level deep"

_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_-]*")


class Apart(NamedTuple):
    """An annotation taken apart: the type within, whether it may be ``None``, and what was annotated."""

    plain: Any
    optional: bool
    metas: tuple[msgspec.Meta, ...]


def apart(annotation: Any) -> Apart:
    """Return the annotation without ``Annotated`` and ``| None``; a choice between types stays as it is."""
    optional = False
    metas: tuple[msgspec.Meta, ...] = ()
    while True:
        if hasattr(annotation, "__metadata__"):
            metas += tuple(one for one in annotation.__metadata__ if isinstance(one, msgspec.Meta))
            annotation = typing.get_args(annotation)[0]
        elif typing.get_origin(annotation) in (Union, types.UnionType):
            present = [one for one in typing.get_args(annotation) if one is not type(None)]
            if len(present) != 1:
                return Apart(annotation, optional, metas)
            optional, annotation = True, present[0]
        else:
            return Apart(annotation, optional, metas)


def about_of(metas: Iterable[msgspec.Meta]) -> Any:
    """Return what an annotation says of how its field is shown (``contingent.field``), or ``None``."""
    return next((meta.extra["field"] for meta in metas if meta.extra and "field" in meta.extra), None)


def unsupported(kind: Any) -> str | None:
    """Return where and why ``kind`` cannot be shown as a form, every fault with its path, or ``None`` if it can.

    Supported: a struct whose fields have defaults. A field is text, a whole number, yes or no, a date, an id, one of
    fixed words, any of these but yes or no or nothing, a secret, a list of such values, a list of structs of such
    fields, or a struct of such fields: a group.
    """
    if not (isinstance(kind, type) and issubclass(kind, msgspec.Struct)):
        return f"is {kind!r}: expected a msgspec.Struct"
    faults = list(_of_struct(kind, kind.__name__, "settings"))
    if not faults:
        try:
            msgspec.json.Decoder(kind)
        except TypeError as error:
            faults.append(f"{kind.__name__} cannot be read: {error}")
    return "; ".join(faults) or None


Place = Literal["settings", "group", "entry"]


def _of_struct(struct: type[msgspec.Struct], path: str, place: Place) -> Iterator[str]:
    """Yield what is wrong with the fields of a struct that stands in ``place``."""
    try:
        fields = msgspec.structs.fields(struct)
    except Exception as error:  # noqa: BLE001 - annotations are read by running them
        yield f"{path} cannot be read: {error} (import the names of annotations at run time)"
        return
    if struct.__struct_config__.array_like or struct.__struct_config__.tag is not None:
        yield f"{path}: settings are kept by name: leave out array_like and tag"
    for one in fields:
        where = f"{path}.{one.name}"
        if not _NAME.fullmatch(one.encode_name):
            yield f"{where}: {one.encode_name!r} cannot name a field: use letters, digits and _, a letter first"
        if one.required and place == "settings":
            yield f"{where}: give it a default, so that the plugin works when switched on"
        yield from _of_field(one, where, place)
    if place == "entry" and not any(one.required and _says_something(apart(one.type).plain) for one in fields):
        yield f"{path}: an entry is lost when it is empty: give one of its fields that are filled in no default"


def _says_something(plain: Any) -> bool:
    """Say whether a field of this kind, if it has no default, is never left empty."""
    return plain is not bool and typing.get_origin(plain) not in LISTS


def _of_field(one: Any, where: str, place: Place) -> Iterator[str]:
    plain, optional, metas = apart(one.type)
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    bounds = next((name for meta in metas for name in UNSHOWN if getattr(meta, name) is not None), None)
    if bounds:
        yield f"{where}: a form cannot show {bounds}: use field(least=…, most=…), or check it in __post_init__"
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct):
        if optional:
            yield f"{where}: a group is always there: leave out None"
        yield from _of_struct(plain, where, "group") if place == "settings" else [f"{where}: {DEEP}"]
        yield from _shown(plain, metas, where)
        if place == "settings" and (misfit := _misfit(one, plain)):
            yield f"{where}: {misfit}"
        return
    if origin in LISTS:
        yield from _of_list(origin, arguments, where, place, optional=optional)
        yield from _shown(apart(arguments[0]).plain, metas, where, listed=True)
    else:
        yield from _of_scalar(plain, where, optional=optional)
        yield from _shown(plain, metas, where)
    yield from _of_default(one, plain, where, place, optional=optional)
    yield from _unreadable(one.type, where)


def _of_default(one: Any, plain: Any, where: str, place: Place, *, optional: bool) -> Iterator[str]:
    if plain is Secret:
        if place == "entry":
            yield f"{where}: rows move, so a secret in a list cannot be told from another: give it a field of its own"
        elif not optional or one.default is not None:
            yield f"{where}: write Secret | None = None: nothing is set when the plugin is switched on"
    elif optional and one.default is not None:
        yield f"{where}: what may be nothing is nothing where it is left empty: its default is None"
    elif misfit := _misfit(one, plain):
        yield f"{where}: {misfit}"


def _of_scalar(plain: Any, where: str, *, optional: bool) -> Iterator[str]:
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin in (Union, types.UnionType):
        yield f"{where}: a choice between types cannot be shown"
    elif origin is Literal:
        if not all(isinstance(word, str) and word and word == word.strip() for word in arguments):
            yield f"{where}: the fixed choices must be words"
    elif plain is bool and optional:
        yield f"{where}: a box is ticked or it is not: leave out None, or use Literal words"
    elif plain not in (*SCALARS, Secret):
        yield f"{where}: {plain!r} cannot be shown as a field"


def _of_list(origin: Any, arguments: Any, where: str, place: Place, *, optional: bool) -> Iterator[str]:
    if optional:
        yield f"{where}: an empty list is nothing enough: leave out None"
    if origin is tuple and (len(arguments) != 2 or arguments[1] is not Ellipsis):
        yield f"{where}: a tuple of several kinds cannot be shown: write tuple[str, …]"
        return
    item = apart(arguments[0])
    if typing.get_origin(item.plain) in LISTS:
        yield f"{where}: a list of lists cannot be shown"
    elif isinstance(item.plain, type) and issubclass(item.plain, msgspec.Struct):
        if place != "settings":
            yield f"{where}: {DEEP}"
        elif origin is not list or item.optional:
            yield f"{where}: write list[{item.plain.__name__}]"
        else:
            yield from _of_struct(item.plain, where, "entry")
    elif item.plain in (bool, Secret) or item.optional:
        yield f"{where}: a list holds text, whole numbers, dates, ids, fixed words or structs"
    else:
        yield from _of_scalar(item.plain, where, optional=False)


def _shown(plain: Any, metas: tuple[msgspec.Meta, ...], where: str, *, listed: bool = False) -> Iterator[str]:
    """Yield what is wrong with the way that a field, or a list of ``plain``, says it is shown."""
    about = about_of(metas)
    kind = Literal if typing.get_origin(plain) is Literal else plain
    widgets = WIDGETS.get(kind, ("line",)) if not listed else ("line", "choices") if kind is Literal else ("line",)
    if about is None:
        return
    if about.widget not in widgets and not (about.choices and kind is not Literal):
        allowed = ", ".join(widgets[1:]) or "no widget"
        meant = "; a secret is a contingent.Secret" if about.widget == "secret" else ""
        yield f"{where}: it cannot be shown as {about.widget!r}: expected {allowed}{meant}"
    if about.choices and kind is not Literal:
        yield f"{where}: write its choices as Literal[…], so that they are checked"
    elif about.choices and set(about.choices) != set(typing.get_args(plain)):
        odd = sorted(set(about.choices) ^ set(typing.get_args(plain)))
        yield f"{where}: its choices and its Literal differ: {', '.join(odd)}"


def _misfit(one: Any, plain: Any) -> str | None:
    """Say why a default could not be entered; a group's or a list's is looked through."""
    try:
        given = one.default_factory() if one.default_factory is not msgspec.NODEFAULT else one.default
    except Exception as error:  # noqa: BLE001 - the author's own code
        return f"its default_factory fails with {type(error).__name__}: {error}"
    if given is msgspec.NODEFAULT:
        return None
    if isinstance(plain, type) and issubclass(plain, msgspec.Struct) and not isinstance(given, plain):
        return f"its default {given!r} does not fit: expected {plain.__name__}()"
    try:
        # As it would be kept: what is made in Python is not looked through, what is read is.
        msgspec.convert(msgspec.to_builtins(given, enc_hook=lambda _: None), one.type)
    except Exception as error:  # noqa: BLE001 - what a struct checks itself is the author's own code, too
        return f"its default {given!r} does not fit: {error}"
    return None


def _unreadable(annotation: Any, where: str) -> Iterator[str]:
    try:
        msgspec.json.Decoder(annotation)
    except TypeError as error:
        yield f"{where} cannot be read: {error} (write a bound inside: Annotated[str, …] | None)"
