"""A form, derived from the input struct of a use case: nothing is declared twice."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any

import msgspec

from core.errors import Fault
from core.secret import Secret
from core.use_cases.fields import field_of
from core.web.forms_kinds import Kind, kind_of, limits
from core.web.forms_shown import Choice, Form, FormField, Kept, Shown, Words

__all__ = ["Choice", "Form", "FormField", "Kept", "build_form", "typed"]

SPARE_ROWS = 2
NEVER_EMPTY = ("checkbox", "choices", "lines", "rows", "group")
"""Widgets that have an answer however they are left: no, or nothing."""


def build_form(
    struct: type[msgspec.Struct],
    values: Mapping[str, Any] | None = None,
    faults: Sequence[Fault] = (),
    *,
    version: int | None = None,
    prefix: str = "",
    explains: bool = False,
    secrets: Mapping[str, Kept] | None = None,
) -> Form:
    """Return the form of ``struct``.

    ``values`` are what was typed, or a row's; ``faults`` those of the last attempt, each at
    the JSON pointer of its field; ``version`` the row's, sent back hidden; ``prefix`` keeps
    ids apart where a page has two forms. ``explains``: each field says what it takes;
    ``secrets``: by name, what is said of a field whose value is never shown.
    """
    made = _Making(faults, prefix, explains=explains, secrets=secrets or {})
    return _form(struct, values or {}, made, "", version=version)


@dataclass(frozen=True, slots=True)
class _Making:
    """What holds for all fields of a form."""

    faults: Sequence[Fault]
    prefix: str
    explains: bool
    secrets: Mapping[str, Kept]


def _form(
    struct: type[msgspec.Struct],
    given: Mapping[str, Any],
    making: _Making,
    path: str,
    *,
    version: int | None = None,
    spare: bool = False,
) -> Form:
    """Return the form of ``struct`` whose fields are named below ``path``."""
    fields = tuple(_field(one, given, making, path) for one in msgspec.structs.fields(struct))
    names = {one.name for one in fields if one.widget != "hidden"}
    loose = tuple(fault.text for fault in making.faults if not _meant(fault, names)) if not path else ()
    return Form(fields=fields, version=version, loose=loose, path=path, spare=spare)


def _meant(fault: Fault, names: set[str]) -> bool:
    return fault.pointer.lstrip("/").split("/")[0] in names


def _field(info: Any, given: Mapping[str, Any], making: _Making, path: str) -> FormField:
    faults = making.faults
    about, kind = field_of(info.type, info.name), kind_of(info.type)
    name = f"{path}/{info.encode_name}" if path else info.encode_name
    value = given[info.encode_name] if info.encode_name in given else _default(info)
    widget = _widget(about.widget, kind)
    made = FormField(
        name=name,
        label=about.label,
        help=about.help,
        widget=widget,
        required=info.required and (about.unticked is not None or widget not in NEVER_EMPTY),
        depends=about.depends,
        value="" if widget == "secret" else _lines(value) if kind.plain is list else typed(value),
        choices=_choices(about.choices, kind, value),
        errors=tuple(fault.text for fault in faults if fault.pointer.lstrip("/") == name),
        shortest=kind.shortest,
        longest=kind.longest,
        least=kind.least,
        most=kind.most,
        step="any" if kind.plain is float else None,
        prefix=making.prefix,
        limits=limits(kind) if making.explains else (),
        kept=making.secrets.get(name),
    )
    if kind.item is not None:
        return replace(made, rows=_rows(kind.item, value, making, name))
    if kind.group is not None:
        return replace(made, group=_form(kind.group, _by_name(value or {}), making, name))
    if kind.plain is list:
        inside = tuple(fault.text for fault in faults if fault.pointer.lstrip("/").startswith(f"{name}/"))
        return replace(made, errors=(*made.errors, *inside))
    if widget == "choice" and not info.required and info.default is None:
        return replace(made, choices=(Choice("", "–", not made.value), *made.choices))
    return made


def _default(info: Any) -> Any:
    if info.default is not msgspec.NODEFAULT:
        return info.default
    return info.default_factory() if info.default_factory is not msgspec.NODEFAULT else None


def _rows(struct: type[msgspec.Struct], values: Any, making: _Making, name: str) -> tuple[Form, ...]:
    """Return a form for each entry of a list, and some to spare."""
    entries = [_by_name(one) for one in values] if isinstance(values, (list, tuple)) else []
    rows = [_blamed(_form(struct, one, making, f"{name}/{index}"), making.faults) for index, one in enumerate(entries)]
    numbers = range(len(rows), len(rows) + SPARE_ROWS)
    faultless = replace(making, faults=())
    return (*rows, *(_form(struct, {}, faultless, f"{name}/{number}", spare=True) for number in numbers))


def _blamed(row: Form, faults: Sequence[Fault]) -> Form:
    """Return a row that tells what is wrong with it as a whole at its first field: there whoever corrects it begins."""
    said = tuple(fault.text for fault in faults if fault.pointer.lstrip("/") == row.path)
    if not said:
        return row
    first = row.shown[0]
    told = replace(first, errors=(*first.errors, *said))
    return replace(row, fields=tuple(told if one is first else one for one in row.fields))


def _by_name(entry: Any) -> Mapping[str, Any]:
    """Return an entry's values by name; none where it is of another shape, as one kept by another version may be."""
    if isinstance(entry, Mapping):
        return entry
    if not isinstance(entry, msgspec.Struct):
        return {}
    return {one.encode_name: getattr(entry, one.name) for one in msgspec.structs.fields(entry)}


def _widget(wanted: Shown, kind: Kind) -> Shown:
    """Return the widget declared, or for a plain line the one its type asks for."""
    if kind.item is not None or kind.group is not None:
        return "rows" if kind.group is None else "group"
    if kind.plain is Secret:
        return "secret"
    if kind.plain is list and not kind.words and wanted != "choices":
        return "lines"
    if wanted != "line":
        return wanted
    if kind.words:
        return "choices" if kind.plain is list else "choice"
    by_type: dict[Any, Shown] = {bool: "checkbox", int: "number", float: "number", date: "date"}
    return by_type.get(kind.plain, "line")


def _choices(labels: Mapping[str, Words] | None, kind: Kind, value: Any) -> tuple[Choice, ...]:
    offered: Mapping[str, Words] = labels or {one: one for one in kind.words}
    chosen = {typed(one) for one in value} if isinstance(value, (list, tuple, set, frozenset)) else {typed(value)}
    return tuple(Choice(key, label, key in chosen) for key, label in offered.items())


def _lines(value: Any) -> str:
    return "\n".join(typed(one) for one in value) if isinstance(value, (list, tuple)) else typed(value)


def typed(value: Any) -> str:
    """Return a value as somebody would type it, and as a hidden field sends it."""
    if value is None or isinstance(value, (list, tuple, set, frozenset, Mapping)):
        return ""
    if isinstance(value, bool):
        return "true" if value else ""
    if isinstance(value, (date, datetime)):
        return value.isoformat()
    return str(value)
