"""A form, derived from the input struct of a use case: nothing is declared twice."""

from __future__ import annotations

import types
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any, Literal, Union, get_args, get_origin

import msgspec

from core.errors import Fault
from core.text import Text, t
from core.use_cases.fields import Widget, field_of

Words = Text | str


@dataclass(frozen=True, slots=True)
class Choice:
    """One answer that can be chosen."""

    value: str
    label: Words
    chosen: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class FormField:
    """One field, ready to be drawn. ``value`` is what the box shows: what was typed, never a guess."""

    name: str
    label: Words
    help: Words | None = None
    widget: Widget = "line"
    required: bool = False
    value: str = ""
    choices: Sequence[Choice] = ()
    errors: Sequence[Words] = ()
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    step: str | None = None
    prefix: str = ""

    @property
    def id(self) -> str:
        """The element's id, which the error summary leads to."""
        return f"f-{self.prefix}{self.name}".replace("/", "-")

    @property
    def described_by(self) -> str | None:
        """The ids of the help and of the errors, for ``aria-describedby``."""
        ids = [f"{self.id}-help"] * bool(self.help) + [f"{self.id}-error"] * bool(self.errors)
        return " ".join(ids) or None

    @property
    def checked(self) -> bool:
        """Whether a tick box is ticked."""
        return self.value in ("true", "on", "1", "True")

    @property
    def picks_one(self) -> bool:
        """Whether few enough choices are offered to show all of them at once."""
        return self.widget == "choice" and 0 < len(self.choices) <= 3 and self.required


@dataclass(frozen=True, slots=True, kw_only=True)
class Form:
    """The fields of one input struct, with the values and faults of the last attempt."""

    fields: Sequence[FormField]
    version: int | None = None
    loose: Sequence[Words] = ()
    """Faults that belong to no field shown here."""

    def __getitem__(self, name: str) -> FormField:
        for one in self.fields:
            if one.name == name:
                return one
        raise KeyError(name)

    def __contains__(self, name: str) -> bool:
        return any(one.name == name for one in self.fields)

    @property
    def hidden(self) -> list[FormField]:
        """The fields that carry a value without being shown."""
        return [one for one in self.fields if one.widget == "hidden" and one.value]

    @property
    def shown(self) -> list[FormField]:
        """The fields that a person fills in."""
        return [one for one in self.fields if one.widget != "hidden"]

    @property
    def faulty(self) -> list[FormField]:
        """The fields with a fault, in their order on the page."""
        return [one for one in self.shown if one.errors]

    @property
    def uploads(self) -> bool:
        """Whether the form carries a file."""
        return any(one.widget == "file" for one in self.fields)

    def offering(self, name: str, choices: Mapping[str, Words], *, nothing: Words | None = None) -> Form:
        """Return the form with choices known only now, such as the missions there are.

        ``nothing`` labels an empty first choice; without it an optional field gets a dash.
        """
        asked = self[name]
        chosen = tuple(Choice(str(value), label, str(value) == asked.value) for value, label in choices.items())
        first = (Choice("", nothing or "–"),) if nothing or not asked.required else ()
        return self._changed(name, widget="choice", choices=first + chosen)

    def without(self, *names: str) -> Form:
        """Return the form without these fields, which the address already gives."""
        return replace(self, fields=tuple(one for one in self.fields if one.name not in names))

    def only(self, *names: str) -> Form:
        """Return the form with these fields, in this order."""
        return replace(self, fields=tuple(self[name] for name in names))

    def with_help(self, name: str, words: Words) -> Form:
        """Return the form with another help text for one field."""
        return self._changed(name, help=words)

    def _changed(self, name: str, **changes: Any) -> Form:
        return replace(self, fields=tuple(replace(f, **changes) if f.name == name else f for f in self.fields))


@dataclass(frozen=True, slots=True)
class _Bounds:
    kind: Any
    shortest: int | None = None
    longest: int | None = None
    least: float | None = None
    most: float | None = None
    literal: tuple[str, ...] = field(default=())


def build_form(
    struct: type[msgspec.Struct],
    values: Mapping[str, Any] | None = None,
    faults: Sequence[Fault] = (),
    *,
    version: int | None = None,
    prefix: str = "",
) -> Form:
    """Return the form of ``struct``.

    ``values`` are what was typed, or a row's; ``faults`` those of the last attempt, each at
    the JSON pointer of its field; ``version`` the row's, sent back hidden; ``prefix`` keeps
    ids apart where a page has two forms.
    """
    given = values or {}
    fields = tuple(
        _field(one, given.get(one.encode_name), one.encode_name in given, faults, prefix)
        for one in msgspec.structs.fields(struct)
    )
    names = {one.name for one in fields if one.widget != "hidden"}
    loose = tuple(fault.text for fault in faults if fault.pointer.lstrip("/").split("/")[0] not in names)
    return Form(fields=fields, version=version, loose=loose)


def _field(info: Any, value: Any, given: bool, faults: Sequence[Fault], prefix: str) -> FormField:
    about = field_of(info.type, info.name)
    bounds = _bounds(info.type)
    if not given and not info.required and info.default is not msgspec.NODEFAULT:
        value = info.default
    elif not given and info.default_factory is not msgspec.NODEFAULT:
        value = info.default_factory()
    widget = _widget(about.widget, bounds)
    text = _typed(value)
    labels: Mapping[str, Words] = about.choices or {one: one for one in bounds.literal}
    ticked = {_typed(one) for one in value} if isinstance(value, (list, tuple, set, frozenset)) else {text}
    choices = tuple(Choice(key, label, key in ticked) for key, label in labels.items())
    if widget == "choice" and not info.required and all(choice.value for choice in choices) and info.default is None:
        choices = (Choice("", "–", not text), *choices)
    name = info.encode_name
    errors = tuple(fault.text for fault in faults if fault.pointer.lstrip("/").split("/")[0] == name)
    return FormField(
        name=name,
        label=about.label,
        help=about.help,
        widget=widget,
        required=info.required and widget not in ("checkbox", "choices"),
        value=text,
        choices=choices,
        errors=errors,
        shortest=bounds.shortest,
        longest=bounds.longest,
        least=bounds.least,
        most=bounds.most,
        step="any" if bounds.kind is float else None,
        prefix=prefix,
    )


def _widget(wanted: Widget, bounds: _Bounds) -> Widget:
    """Return the widget declared, or for a plain line the one its type asks for."""
    if wanted != "line":
        return wanted
    by_type: dict[Any, Widget] = {bool: "checkbox", int: "number", float: "number", date: "date"}
    if bounds.literal:
        return "choice"
    return by_type.get(bounds.kind, "line")


def _typed(value: Any) -> str:
    if value is None or isinstance(value, (list, tuple, set, frozenset, Mapping)):
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)


def _bounds(annotation: Any) -> _Bounds:
    """Return the type without its wrappers, and the bounds declared on it."""
    if hasattr(annotation, "__metadata__"):
        inner = _bounds(get_args(annotation)[0])
        for meta in annotation.__metadata__:
            if isinstance(meta, msgspec.Meta):
                inner = replace(
                    inner,
                    shortest=meta.min_length or inner.shortest,
                    longest=meta.max_length or inner.longest,
                    least=meta.ge if meta.ge is not None else inner.least,
                    most=meta.le if meta.le is not None else inner.most,
                )
        return inner
    origin = get_origin(annotation)
    if origin in (Union, types.UnionType):
        present = [one for one in get_args(annotation) if one is not type(None)]
        return _bounds(present[0]) if len(present) == 1 else _Bounds(annotation)
    if origin is Literal:
        return _Bounds(str, literal=tuple(str(one) for one in get_args(annotation)))
    if origin is list:
        inner = _bounds(get_args(annotation)[0])
        return _Bounds(list, literal=inner.literal)
    return _Bounds(annotation)


CHOOSE = t("Choose…")
"""The first, empty answer of a required list."""
