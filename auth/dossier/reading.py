"""What the dossier derives: what each role of the database reads, and what each role of people reads."""

from __future__ import annotations

from collections import defaultdict
from functools import cache

from sqlalchemy import Table

from auth.matrix.exceptions import APART
from auth.matrix.fields import class_in, field_cells
from auth.matrix.who import held
from core.context import ScopeKind
from core.database.grants import ANY_TENANT, EVERY, FOR_IT_OR_ALL, OWN, OWN_OR_TO_ALL, TENANT, access_to
from core.database.rooms import load_models
from core.database.tables import DataClass, TableClass
from core.documents.purposes import PURPOSES
from core.text import Text, t

OWN_ROWS, SHOWN_ROWS, ALL_ROWS, SOME_ROWS = t("own rows"), t("rows shown to it"), t("all rows"), t("some rows")
TOLD_ROWS = t("own rows, and what the operator tells all")
"""Which rows: its scope's own, those that the other side has released or published, all, some by a condition."""
_ORDER = [OWN_ROWS, TOLD_ROWS, SHOWN_ROWS, ALL_ROWS, SOME_ROWS]


def secret_columns() -> set[str]:
    """Return every column of class secret, as ``table.column``."""
    return {
        f"{table.name}.{column.name}"
        for table in _tables()
        for column in table.columns
        if column.info["class"] is DataClass.SECRET
    }


def read_by(role: str) -> dict[TableClass, list[Text]]:
    """Return which rows a role of the database reads, by the class of the tables; nothing where it has no grant."""
    found: defaultdict[TableClass, list[Text]] = defaultdict(list)
    for table in _tables():
        rows = _rows(table, role)
        if rows is not None and rows not in found[table.info["class"]]:
            found[table.info["class"]].append(rows)
    return {of: sorted(rows, key=_ORDER.index) for of, rows in found.items()}


def classes_read_by(role: str) -> dict[DataClass, list[Text]]:
    """Return which rows a role of the database reads, by the class of the columns."""
    found: defaultdict[DataClass, list[Text]] = defaultdict(list)
    for table in _tables():
        for column in table.columns:
            rows, of = _rows(table, role, column.name), column.info["class"]
            if rows is not None and rows not in found[of]:
                found[of].append(rows)
    return {of: sorted(rows, key=_ORDER.index) for of, rows in found.items()}


def read_beyond(role: str) -> list[str]:
    """Return the columns that are no other scope's to read, which a role reads in rows of other scopes all the same."""
    return [
        f"{table.name}.{column.name}"
        for table in _tables()
        for column in table.columns
        if column.info["class"] in (DataClass.AGENCY, DataClass.SECRET)
        and _rows(table, role, column.name) not in (None, OWN_ROWS, TOLD_ROWS)
    ]


def _tables() -> list[Table]:
    # By name: the order in which they were imported is not the same in every process.
    return sorted(load_models().tables.values(), key=lambda table: table.name)


def _rows(table: Table, role: str, column: str | None = None) -> Text | None:
    for access in access_to(table):
        hidden = column is not None and access.seen is not None and column not in access.seen
        if access.role == role and "select" in access.operations and not hidden:
            if access.rows in (OWN, f"scope_id = {TENANT}"):
                return OWN_ROWS
            if access.rows in (OWN_OR_TO_ALL, FOR_IT_OR_ALL):
                return TOLD_ROWS
            if "_at IS NOT NULL" in access.rows:
                return SHOWN_ROWS
            return ALL_ROWS if access.rows in (EVERY, ANY_TENANT) else SOME_ROWS
    return None


def rooms_read_by(kind: ScopeKind, who: str, of: DataClass) -> list[str]:
    """Return the rooms of which somebody with this role is given fields of a class. The rooms must be loaded.

    Values that say something of health though their column does not count as health's.
    """
    had = held(kind, who) if of is DataClass.HEALTH else frozenset[str]()
    apart = {key.split(".")[0] for key, one in APART.items() if one.permission in had}
    return sorted(_rooms()[kind, who, of] | apart)


@cache
def _rooms() -> defaultdict[tuple[ScopeKind, str, DataClass], set[str]]:
    found: defaultdict[tuple[ScopeKind, str, DataClass], set[str]] = defaultdict(set)
    for cell in field_cells():
        of = class_in(cell.field, cell.kind)
        if cell.allowed and of is not None:
            found[cell.kind, cell.who, of].add(cell.field.output.split(".")[0].replace("_", "-"))
    return found


def purposes() -> list[tuple[Text, int | None]]:
    """Return what files are kept for, and for how many days; without end where nobody disposes of them before."""
    return [(one.title, one.days) for one in PURPOSES.values()]
