"""A table as data: the page, the CSV and the XLSX are drawn from the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Literal
from urllib.parse import urlencode
from uuid import UUID

from core.context import Language
from core.text import Text
from core.web.shell import Tone

Kind = Literal["text", "number", "decimal", "percent", "money", "date", "instant", "link", "badge", "bar", "prose"]
NUMERIC: frozenset[str] = frozenset({"number", "decimal", "percent", "money"})
Words = Text | str


@dataclass(frozen=True, slots=True)
class Link:
    """A cell that leads somewhere: ``href`` below the scope; ``note`` stands beside it, or ``below`` it, quieter."""

    text: Words
    href: str
    note: Words | None = None
    below: bool = False


@dataclass(frozen=True, slots=True)
class Noted:
    """A cell whose ``note`` stands below it, quieter: a key, a version."""

    text: Words
    note: Words


@dataclass(frozen=True, slots=True)
class Badge:
    """A status in words, with a tone that adds a shape and a colour."""

    text: Words
    tone: Tone = "idle"


@dataclass(frozen=True, slots=True)
class Bar:
    """A part of a whole, drawn beside its numbers; ``whole`` may be unknown."""

    part: int
    whole: int | None

    @property
    def share(self) -> float:
        """The part as a share of the whole between 0 and 1; 1 where the whole is unknown."""
        return min(1.0, self.part / self.whole) if self.whole else float(bool(self.part))


Cell = Text | str | int | float | Link | Noted | Badge | Bar | Sequence[Badge] | Any
"""What stands in a cell: a value of its column's kind, or ``None`` for not known."""


@dataclass(frozen=True, slots=True)
class Column:
    """A column: ``key`` names it in rows and in the address, ``label`` heads it.

    ``sortable`` makes the heading a link that sets ``sort`` in the address. The first
    column heads each row unless another one says ``heads``. ``language`` is that of its
    values, where they are not in the reader's. Of kind ``prose`` are whole sentences.
    """

    key: str
    label: Words
    kind: Kind = "text"
    sortable: bool = False
    heads: bool = False
    hidden_label: bool = False
    language: Language | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows under columns.

    ``name`` is the identifier on the page and the file name of exports; ``caption`` says what
    is listed. ``totals`` is one more row at the foot. ``sort`` is the column's key, with a minus
    sign in front for descending. ``next`` is the keyset cursor of the following page, set as
    ``after`` in the address. ``filters`` are the ones in force, as pairs of label and value:
    they are printed with every export, as are ``remarks``, which a page says once for all its
    tables. ``empty`` stands where there is no row, and ``hint`` what brings the first one.
    ``downloads`` maps a file ending to an address below the scope; ``select`` names the
    form field of a tick box before each row, whose value is the row's ``id``.
    """

    name: str
    caption: Words
    columns: Sequence[Column]
    rows: Sequence[Mapping[str, Cell]]
    totals: Mapping[str, Cell] | None = None
    sort: str | None = None
    next: str | None = None
    after: str | None = None
    filters: Sequence[tuple[Words, Words]] = ()
    downloads: Mapping[str, str] = field(default_factory=dict)
    note: Words | None = None
    remarks: Sequence[Words] = ()
    empty: Words | None = None
    hint: Words | None = None
    select: str | None = None
    caption_shown: bool = False
    quick: bool = False
    """Offers a box that narrows the rows on the page while typing; needs the script."""

    @property
    def heading(self) -> str:
        """The key of the column that heads each row."""
        chosen = [column.key for column in self.columns if column.heads]
        return chosen[0] if chosen else self.columns[0].key

    def direction(self, column: Column) -> Literal["ascending", "descending"] | None:
        """Return how the rows are sorted by ``column``, if they are."""
        if self.sort == column.key:
            return "ascending"
        return "descending" if self.sort == f"-{column.key}" else None

    def toggled(self, column: Column) -> str:
        """Return the value of ``sort`` that choosing this heading gives."""
        return f"-{column.key}" if self.sort == column.key else column.key

    def offered(
        self,
        path: str,
        query: Mapping[str, str],
        filters: Sequence[tuple[Words, Words]] = (),
        remarks: Sequence[Words] = (),
    ) -> Table:
        """Return the same table as one of several on the page at ``path``: its files are asked for by its name."""
        files = downloads(path, {**query, "table": self.name})
        return replace(self, downloads=files, filters=filters, remarks=remarks)

    def without(self, *keys: str) -> Table:
        """Return the same table without these columns, which say nothing where all rows are alike."""
        return replace(self, columns=[column for column in self.columns if column.key not in keys])

    def with_rows(self, rows: Sequence[Mapping[str, Cell]]) -> Table:
        """Return the same table with other rows, for an export of all pages."""
        return replace(self, rows=rows, next=None, after=None)


def is_numeric(column: Column) -> bool:
    """Say whether the column's values stand at the right."""
    return column.kind in NUMERIC


def cursor(id: UUID | None) -> str | None:
    """Return the id of a page's last row as it stands in the address of the next page."""
    return None if id is None else str(id)


def downloads(path: str, query: Mapping[str, str]) -> dict[str, str]:
    """Return the addresses of a list's files by ending: all of its pages, with the filters in force."""
    return {ending: again(path, query, after=None, format=ending) for ending in ("csv", "xlsx")}


def again(path: str, query: Mapping[str, str], **changes: str | None) -> str:
    """Return the address of ``path`` with what was asked for, changed; ``None`` and nothing leave a name out."""
    kept = {name: value for name, value in {**query, **changes}.items() if value}
    return f"{path}?{urlencode(kept)}" if kept else path
