"""Counts by two things, as a real table whose cells are shaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from core.text import Text, t
from core.web.tables import Cell, Column, Link, Table

Words = Text | str
SHADES = 4


@dataclass(frozen=True, slots=True)
class Axis:
    """A row or column: its key in the counts, its title, and where it leads."""

    key: str
    title: Words
    href: str | None = None


@dataclass(frozen=True, slots=True)
class HeatRow:
    """A row with its cells as pairs of count and shade (0 none, 4 most); a suppressed count is ``None``."""

    title: Words
    href: str | None
    cells: tuple[tuple[int | None, int], ...]
    total: int | None


@dataclass(frozen=True, slots=True)
class Heat:
    """The whole table."""

    name: str
    caption: Words
    corner: Words
    columns: tuple[Axis, ...]
    rows: tuple[HeatRow, ...]
    totals: tuple[int | None, ...]
    total: int | None
    suppressed: bool
    threshold: int
    table: Table
    """The same data as a plain table, for exports."""


def build_heat(
    rows: Sequence[Axis],
    columns: Sequence[Axis],
    counts: Mapping[tuple[str, str], int | None],
    *,
    name: str,
    caption: Words,
    corner: Words,
    threshold: int = 5,
) -> Heat:
    """Return the heat table of ``counts`` by row key and column key.

    A pair that is not there counts nought, ``None`` is suppressed. A sum with a suppressed
    part is suppressed too: what may be published besides is for the caller to decide.
    """
    most = max([count for count in counts.values() if count is not None], default=0)
    made = []
    for row in rows:
        values = [counts.get((row.key, column.key), 0) for column in columns]
        made.append(HeatRow(row.title, row.href, tuple((value, shade(value, most)) for value in values), _sum(values)))
    totals = tuple(_sum([counts.get((row.key, column.key), 0) for row in rows]) for column in columns)
    total = _sum([row.total for row in made])
    plain = Table(
        name=name,
        caption=caption,
        columns=[
            Column("row", corner),
            *(Column(one.key, one.title, "number") for one in columns),
            Column("total", t("Total"), "number"),
        ],
        rows=[_cells(Link(one.title, one.href) if one.href else one.title, columns, one) for one in made],
        totals=_cells(t("Total"), columns, HeatRow("", None, tuple((value, 0) for value in totals), total)),
    )
    return Heat(
        name=name,
        caption=caption,
        corner=corner,
        columns=tuple(columns),
        rows=tuple(made),
        totals=totals,
        total=total,
        table=plain,
        suppressed=None in counts.values(),
        threshold=threshold,
    )


def _cells(title: Cell, columns: Sequence[Axis], row: HeatRow) -> Mapping[str, Cell]:
    counts = {column.key: value for column, (value, _) in zip(columns, row.cells, strict=True)}
    return {"row": title, **counts, "total": row.total}


def shade(value: int | None, most: int) -> int:
    """Return how dark a cell is: 0 for none, else 1 to 4 by its share of the largest count."""
    if not value or not most:
        return 0
    return min(SHADES, 1 + int(SHADES * (value - 1) / max(most - 1, 1) * 0.999)) if most > 1 else 1


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
