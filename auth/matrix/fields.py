"""The matrix's fields: each field of what use cases give out, its data class, and who may get it."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import msgspec

from auth.matrix.deriving import in_order
from auth.matrix.exceptions import HANDED_OUT, WITHHELD
from auth.matrix.plugin_sources import OURS
from auth.matrix.sources import FIELDS, NAMES, OUTSIDE, TABLES
from auth.matrix.who import everybody, held
from core.context import ScopeKind
from core.database.rooms import load_models
from core.database.tables import DataClass, TableClass
from core.hooks.data import Words
from core.text import Text
from core.use_cases.declaration import DECLARED, UseCase

RISING = tuple(DataClass)
"""The data classes from what anyone may see to what nobody does."""
WORDS = (Text, Words)
"""Structs that are one value: a sentence."""


class Field(msgspec.Struct, frozen=True):
    """A field of an output: where it comes from, and so how sensitive it is.

    ``output`` is ``room.Struct``; ``column`` is ``table.column``, or ``OURS``. ``data_class`` is ``None``
    where nothing says where the field comes from.
    """

    output: str
    name: str
    column: str | None
    data_class: DataClass | None

    @property
    def key(self) -> str:
        """The field's name in ``auth/matrix/sources.py``."""
        return f"{self.output}.{self.name}"


class FieldCell(msgspec.Struct, frozen=True):
    """Whether ``who`` may be given a field's value in a scope of ``kind``, by whichever use case.

    ``given``: the output as such reaches them; where the value does not, the field is empty.
    """

    field: Field
    kind: ScopeKind
    who: str
    given: bool
    allowed: bool


@cache
def fields() -> tuple[Field, ...]:
    """Return every field of every output. The rooms must be loaded: ``declared`` does."""
    return tuple(
        _field(struct, one.encode_name)
        for struct in sorted(_structs(), key=name_of)
        for one in msgspec.structs.fields(struct)
        if not structs_in(one.type)
    )


@cache
def givers() -> dict[str, tuple[UseCase[Any, Any], ...]]:
    """Return the use cases that give each output out, by ``room.Struct``."""
    found: defaultdict[str, list[UseCase[Any, Any]]] = defaultdict(list)
    for case in sorted(DECLARED.values(), key=lambda one: one.key):
        for struct in structs_in(case.output):
            found[name_of(struct)].append(case)
    return {name: tuple(cases) for name, cases in found.items()}


def field_cells() -> Iterator[FieldCell]:
    """Yield each field for each who, in each kind of scope where some use case gives it out."""
    for one in fields():
        cases = givers()[one.output]
        for kind in in_order(frozenset().union(*(case.scopes for case in cases))):
            for who in everybody(kind):
                through = [case for case in cases if gives(case, kind, who)]
                may = bool(through) and opens(one, kind, health=any(case.health for case in through))
                may = may and WITHHELD.get(one.key, "") in held(kind, who) | {""}
                yield FieldCell(one, kind, who, bool(through), may)


def opens(one: Field, kind: ScopeKind, *, health: bool) -> bool:
    """Say whether the rule lets a field's class out: ``health``, by a use case on health's side.

    Public and shared go with the use case. What stays inside its scope goes to a seat of the scope that
    the rows belong to; health by health's own use cases; a secret to nobody who only reads.
    """
    match class_in(one, kind):
        case DataClass.HEALTH:
            return health
        case DataClass.SECRET:
            return one.key in HANDED_OUT
        case DataClass.AGENCY:
            return stays_with(str(one.column).split(".")[0], kind)
    return True


def class_in(one: Field, kind: ScopeKind) -> DataClass | None:
    """Return a field's class where it is given out in scopes of ``kind``."""
    if kind == "agency" or one.output not in OUTSIDE:
        return one.data_class
    tables = [load_models().tables[name] for name in OUTSIDE[one.output].split()]
    classes: list[DataClass] = [column.info["class"] for table in tables for column in table.columns]
    return max(classes, key=RISING.index)


def stays_with(table: str, kind: ScopeKind) -> bool:
    """Say whether rows of a table belong to scopes of this kind themselves."""
    whose = load_models().tables[table].info["class"]
    if whose in (TableClass.SCOPE, TableClass.PLATFORM):
        return True
    if whose is TableClass.MISSION:
        return kind in ("program", "mission")
    return kind == ("program" if whose is TableClass.PROGRAM else "agency")


def gives(case: UseCase[Any, Any], kind: ScopeKind, who: str) -> bool:
    """Say whether ``who`` may do what gives an output out, for all there is or for one's own."""
    names = {case.permission, f"{case.permission}:own"}
    return kind in case.scopes and bool(names & held(kind, who))


def name_of(struct: type[Any]) -> str:
    """Return what an output is called here: ``room.Struct``."""
    return f"{struct.__module__.split('.')[-2]}.{struct.__name__}"


def structs_in(kind: Any) -> set[type[Any]]:
    """Return the structs of ours that a type is made of, however deep; a sentence is none."""
    found: set[type[Any]] = set()
    _gather(kind, found)
    return found


@cache
def _structs() -> frozenset[type[Any]]:
    return frozenset(struct for case in DECLARED.values() for struct in structs_in(case.output))


def _gather(kind: Any, found: set[type[Any]]) -> None:
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if kind in found or kind in WORDS:
            return
        found.add(kind)
        for one in msgspec.structs.fields(kind):
            _gather(one.type, found)
    for part in get_args(kind):
        _gather(part, found)


def _field(struct: type[Any], name: str) -> Field:
    output = name_of(struct)
    column = FIELDS.get(f"{output}.{name}")
    if column is None:
        column = _in_tables(TABLES.get(output, "").split(), name)
    if column is None:
        column = NAMES.get(name)
    if column is None:
        column = _in_room(struct.__module__.rsplit(".", 1)[0], name)
    return Field(output, name, column, class_of(column))


def class_of(column: str | None) -> DataClass | None:
    """Return the data class of ``table.column``; raise ``KeyError`` if there is no such column."""
    if column is None:
        return None
    if column == OURS:
        return DataClass.PUBLIC
    table, name = column.split(".")
    found: DataClass = load_models().tables[table].columns[name].info["class"]
    return found


def _in_tables(tables: list[str], name: str) -> str | None:
    return next((f"{one}.{name}" for one in tables if name in load_models().tables[one].columns), None)


def _in_room(room: str, name: str) -> str | None:
    """Return the most sensitive column called ``name`` of the room's own tables."""
    found = [
        (RISING.index(table.columns[name].info["class"]), f"{table.name}.{name}")
        for table in load_models().tables.values()
        if table.info["room"] == room and name in table.columns
    ]
    return max(found)[1] if found else None
