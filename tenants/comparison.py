"""Where an agency's file and the database differ, key by key."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from typing import Any

import msgspec

from tenants.resolving import Resolved

KEYED = {
    "ranks": ("code",),
    "agreements": ("reference",),
    "acts": ("kind",),
    "fields": ("field",),
    "plugins": ("name",),
    "states": ("since",),
    "privacy": ("kind", "reference"),
    "needs": ("what",),
    "steps": ("key",),
    "milestones": ("key",),
}
"""By which of their keys the entries of a list are told apart."""


class Difference(msgspec.Struct, frozen=True):
    """One key with its value in the file and in the database; ``None`` where it is not there."""

    key: str
    in_file: Any
    in_database: Any

    def __str__(self) -> str:
        return f"{self.key}: file {_shown(self.in_file)}, database {_shown(self.in_database)}"


def compare(file: Resolved, database: Resolved) -> list[Difference]:
    """Return every difference, in the order of the file."""
    ours, theirs = dict(_flat("", _plain(file))), dict(_flat("", _plain(database)))
    keys = dict.fromkeys([*ours, *theirs])
    return [Difference(key, ours.get(key), theirs.get(key)) for key in keys if ours.get(key) != theirs.get(key)]


def _plain(resolved: Resolved) -> dict[str, Any]:
    values: dict[str, Any] = msgspec.to_builtins(resolved, builtin_types=(date,))
    agency: dict[str, Any] = values.pop("agency")
    return agency | values


def _flat(path: str, value: Any) -> Iterator[tuple[str, Any]]:
    name = path.rsplit(".", 1)[-1]
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(f"{path}.{key}" if path else str(key), inner)
    elif isinstance(value, list) and name in KEYED and all(isinstance(one, dict) for one in value):
        for one in value:
            label = " ".join(str(one[key]) for key in KEYED[name])
            yield from _flat(f"{path}[{label}]", one)
    elif value is not None:
        yield path, value


def _shown(value: Any) -> str:
    return "nothing" if value is None else repr(value) if isinstance(value, str) else str(value)
