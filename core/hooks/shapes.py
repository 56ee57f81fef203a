"""A plugin's settings as data: what a bundle says of them, so that they can be shown and checked without its code.

What the code itself would do with settings, a check of its own or a default that is computed each time, is not in
it: that happens where the code is, when they come there.
"""

from __future__ import annotations

import typing
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Literal
from uuid import UUID

import msgspec

from core.hooks.settings_schema import LISTS, about_of, apart, unsupported
from core.secret import Secret

Kind = Literal["text", "number", "box", "date", "id", "choice", "secret", "list", "group"]
Container = Literal["list", "tuple", "frozenset"]

KINDS: Mapping[Any, Kind] = {str: "text", int: "number", bool: "box", date: "date", UUID: "id", Secret: "secret"}
PLAIN: Mapping[Kind, Any] = {kind: plain for plain, kind in KINDS.items()}
CONTAINERS: Mapping[Container, Any] = {"list": list, "tuple": tuple, "frozenset": frozenset}


class Shape(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """What a field, or an entry of a list, takes and how it is shown; its words in English."""

    kind: Kind
    optional: bool = False
    words: Sequence[str] = ()
    """The fixed ones of a choice."""
    fields: Sequence[Named] = ()
    """Those of a group."""
    item: Shape | None = None
    """An entry of a list."""
    container: Container = "list"
    least: int | None = None
    most: int | None = None
    shortest: int | None = None
    longest: int | None = None
    label: str | None = None
    help: str | None = None
    widget: str | None = None
    choices: Mapping[str, str] | None = None
    unticked: str | None = None
    depends: bool = False


class Named(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, omit_defaults=True):
    """A field of settings. ``key``: what it is called where settings are kept; without ``default``, it is needed."""

    name: str
    key: str
    shape: Shape
    default: Any = msgspec.UNSET


def fields_of(struct: type[msgspec.Struct]) -> list[Named]:
    """Return the fields of settings. Raises ``ValueError`` where they are not those that a form can show."""
    fault = unsupported(struct)
    if fault:
        raise ValueError(f"settings {fault}")
    return _fields(struct)


def sentences_of(fields: Sequence[Named]) -> list[str]:
    """Return every sentence that the fields show, in English."""
    found: list[str] = []
    for one in fields:
        shapes = [one.shape, *([one.shape.item] if one.shape.item else [])]
        for shape in shapes:
            said = (shape.label, shape.help, shape.unticked, *(shape.choices or {}).values())
            found += [sentence for sentence in said if sentence]
            found += sentences_of(shape.fields)
    return list(dict.fromkeys(found))


def _fields(struct: type[msgspec.Struct]) -> list[Named]:
    return [
        Named(name=one.name, key=one.encode_name, shape=_shape(one.type), default=_default(one))
        for one in msgspec.structs.fields(struct)
    ]


def _default(one: Any) -> Any:
    if one.required:
        return msgspec.UNSET
    value = one.default if one.default is not msgspec.NODEFAULT else one.default_factory()
    return msgspec.to_builtins(value, enc_hook=lambda _: None, order="deterministic")


def _shape(annotation: Any) -> Shape:
    plain, optional, metas = apart(annotation)
    about = about_of(metas)
    more: dict[str, Any] = {"optional": optional}
    for ours, theirs in (("least", "ge"), ("most", "le"), ("shortest", "min_length"), ("longest", "max_length")):
        more[ours] = next((getattr(meta, theirs) for meta in metas if getattr(meta, theirs) is not None), None)
    if about is not None:
        more |= {name: _said(getattr(about, name)) for name in ("label", "help", "unticked")}
        more |= {"widget": about.widget, "depends": about.depends}
        if about.choices:
            more["choices"] = {value: str(label) for value, label in sorted(about.choices.items())}
    origin, arguments = typing.get_origin(plain), typing.get_args(plain)
    if origin is Literal:
        return Shape(kind="choice", words=arguments, **more)
    if origin in LISTS:
        container = next(name for name, made in CONTAINERS.items() if made is origin)
        return Shape(kind="list", item=_shape(arguments[0]), container=container, **more)
    if issubclass(plain, msgspec.Struct):
        return Shape(kind="group", fields=_fields(plain), **more)
    return Shape(kind=KINDS[plain], **more)


def _said(sentence: Any) -> str | None:
    return None if sentence is None else str(sentence)
