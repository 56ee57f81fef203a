"""What an input's field says about itself: one declaration for form, API and faults.

``title_en: Annotated[str, field(t("Title in English"), longest=200)]``
"""

from __future__ import annotations

import types
from collections.abc import Mapping
from typing import Annotated, Any, Literal, Optional, Union, get_args, get_origin

import msgspec

from core.text import Text

Widget = Literal["line", "area", "number", "date", "choice", "choices", "checkbox", "hidden", "email", "file", "secret"]


class Field(msgspec.Struct, frozen=True):
    """How a field is shown: label, help, widget and, for choices, their labels by value.

    ``unticked`` is what to say where a box has to be ticked and is not. ``depends``: whether it has to be filled
    in depends on other fields, as its help tells. ``stand_in`` stands for a secret where a call is tried again.
    """

    label: Text
    help: Text | None = None
    widget: Widget = "line"
    choices: Mapping[str, Text] | None = None
    unticked: Text | None = None
    depends: bool = False
    stand_in: str | None = None


def field(
    label: Text,
    *,
    help: Text | None = None,  # noqa: A002 - the word a reader expects
    widget: Widget | None = None,
    choices: Mapping[str, Text] | None = None,
    unticked: Text | None = None,
    depends: bool = False,
    stand_in: str | None = None,
    shortest: int | None = None,
    longest: int | None = None,
    least: int | None = None,
    most: int | None = None,
) -> msgspec.Meta:
    """Return the annotation of a field; lengths are in characters, bounds inclusive.

    ``unticked``: the box has to be ticked, and this is said where it is not. ``depends``: what may stay empty
    is not called optional, for other fields may ask for it. ``stand_in``: of a secret that has a form, a text of
    that form which opens nothing, for calls that are tried again in a sandbox.
    """
    usual: Widget = "checkbox" if unticked else "choice" if choices else "line"
    shown = Field(label, help, widget or usual, choices, unticked, depends, stand_in)
    if least is not None or most is not None:
        return msgspec.Meta(extra={"field": shown}, ge=least, le=most)
    return msgspec.Meta(extra={"field": shown}, min_length=shortest, max_length=longest)


def settled(annotation: Any) -> Any:
    """Return the annotation with its bounds where msgspec takes them.

    ``Annotated[str | None, field(…, longest=9)]`` reads well, but a bound applies to text and
    not to ``None``: it becomes ``Annotated[str, field(…)] | None``.
    """
    if not hasattr(annotation, "__metadata__"):
        return annotation
    inner = get_args(annotation)[0]
    if get_origin(inner) not in (Union, types.UnionType):
        return annotation
    present = [one for one in get_args(inner) if one is not type(None)]
    if len(present) != 1:
        return annotation
    return Optional[Annotated[(present[0], *annotation.__metadata__)]]  # noqa: UP045 - made of values, not written


def declared_field(annotation: Any) -> Field | None:
    """Return the ``Field`` of an annotated type, or ``None`` if it has none."""
    if hasattr(annotation, "__metadata__"):
        for meta in annotation.__metadata__:
            if isinstance(meta, msgspec.Meta) and meta.extra and "field" in meta.extra:
                found: Field = meta.extra["field"]
                return found
        return declared_field(get_args(annotation)[0])
    if get_origin(annotation) is not None:
        for argument in get_args(annotation):
            if hasattr(argument, "__metadata__"):
                return declared_field(argument)
    return None


def field_of(annotation: Any, name: str) -> Field:
    """Return the ``Field`` of an annotated type, or a plain one labelled with its name."""
    return declared_field(annotation) or Field(Text(name.replace("_", " ").capitalize()))
