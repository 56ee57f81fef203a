"""What nests in a form that came in: rows such as ``steps/0/title_en``, groups, texts with one entry a line."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

import msgspec

from core.web.forms_kinds import kinds_of

REMOVE = "_remove"
PLACE = "_place"
MOST_ROWS = 200
MOST_DIGITS = 6
TICKED = frozenset({"on", "true", "1"})

Pairs = Iterable[tuple[str, str]]


def unfolded(struct: type[msgspec.Struct], pairs: Pairs) -> tuple[dict[str, Any], list[tuple[str, str]]]:
    """Return the rows of each list of structs and the fields of each group, and the other pairs.

    Rows are in the order of their place (a number that a person may change), without those
    ticked for removal and without those left empty. A text field that holds a list becomes
    one pair for each of its lines.
    """
    kinds = kinds_of(struct)
    collected: dict[str, dict[int, list[tuple[str, str]]]] = {
        name: {} for name, kind in kinds.items() if kind.item is not None
    }
    groups: dict[str, list[tuple[str, str]]] = {name: [] for name, kind in kinds.items() if kind.group is not None}
    others: list[tuple[str, str]] = []
    for name, value in pairs:
        first, _, rest = name.partition("/")
        number, _, inner = rest.partition("/")
        kind = kinds.get(first)
        if first in collected and inner and number.isascii() and number.isdigit() and len(number) <= MOST_DIGITS:
            collected[first].setdefault(int(number), []).append((inner, value))
        elif first in groups and rest:
            groups[first].append((rest, value))
        elif kind is not None and kind.plain is list and kind.item is None and not kind.words:
            others += [(name, line) for line in value.splitlines() if line.strip()]
        elif first not in collected:
            others.append((name, value))
    nested: dict[str, Any] = {name: _rows(kinds[name].item, rows) for name, rows in collected.items() if rows}
    return nested | {name: group_of(kinds[name].group, fields) for name, fields in groups.items() if fields}, others


def group_of(struct: Any, pairs: Pairs) -> dict[str, Any]:
    """Return the fields of a group: a box that did not come is not ticked, a list that did not come is empty."""
    nested, others = unfolded(struct, pairs)
    return _values(struct, others) | nested


def _rows(struct: Any, rows: Mapping[int, list[tuple[str, str]]]) -> list[dict[str, Any]]:
    placed = []
    for number, pairs in sorted(rows.items())[:MOST_ROWS]:
        single = dict(pairs)
        if single.pop(REMOVE, "") in TICKED:
            continue
        place = single.pop(PLACE, "").strip()
        inner, others = unfolded(struct, [(name, value) for name, value in pairs if name not in (REMOVE, PLACE)])
        values = _values(struct, others) | inner
        if not _is_empty(struct, values):
            wanted = float(place) if place.isascii() and place.isdigit() and len(place) <= MOST_DIGITS else number + 1.0
            placed.append((wanted, number, values))
    return [values for _, _, values in sorted(placed, key=lambda one: one[:2])]


def _values(struct: type[msgspec.Struct], pairs: Pairs) -> dict[str, Any]:
    kinds = kinds_of(struct)
    values: dict[str, Any] = {name: False for name, kind in kinds.items() if kind.plain is bool}
    values |= {name: [] for name, kind in kinds.items() if kind.plain is list}
    for name, value in pairs:
        kind = kinds.get(name)
        if kind is not None and kind.plain is list:
            values[name].append(value)
        else:
            values[name] = value in TICKED if kind is not None and kind.plain is bool else value
    return values


def _is_empty(struct: type[msgspec.Struct], values: Mapping[str, Any]) -> bool:
    """Say whether nothing that must be filled in was: boxes and lists that have a default do not count."""
    needed = [one.encode_name for one in msgspec.structs.fields(struct) if one.required]
    asked = needed or list(values)
    return not any(str(values.get(name) or "").strip() for name in asked)
