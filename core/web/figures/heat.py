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

    @property
    def table(self) -> Table:
        """The same data as a plain table, for exports."""
        shown = [Column("row", self.corner), *(Column(one.key, one.title, "number") for one in self.columns)]
        shown.append(Column("total", t("Total"), "number"))
        body: list[Mapping[str, Cell]] = []
        for row in self.rows:
            cells: dict[str, Cell] = {"row": Link(row.title, row.href) if row.href else row.title, "total": row.total}
            cells |= {column.key: value for column, (value, _) in zip(self.columns, row.cells, strict=True)}
            body.append(cells)
        foot: dict[str, Cell] = {"row": t("Total"), "total": self.total}
        foot |= {column.key: value for column, value in zip(self.columns, self.totals, strict=True)}
        name = f"{self.name}-table"
        return Table(name=name, caption=self.caption, columns=shown, rows=body, totals=foot)


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
    return Heat(
        name=name,
        caption=caption,
        corner=corner,
        columns=tuple(columns),
        rows=tuple(made),
        totals=totals,
        total=_sum([row.total for row in made]),
        suppressed=None in counts.values(),
        threshold=threshold,
    )


def shade(value: int | None, most: int) -> int:
    """Return how dark a cell is: 0 for none, else 1 to 4 by its share of the largest count."""
    if not value or not most:
        return 0
    return min(SHADES, 1 + int(SHADES * (value - 1) / max(most - 1, 1) * 0.999)) if most > 1 else 1


def _sum(values: Sequence[int | None]) -> int | None:
    known = [value for value in values if value is not None]
    return sum(known) if len(known) == len(values) else None
