"""``docs/figures.md``: the figures of the run that was kept, in the sentences of ``figures.md.jinja``.

No number of that page is written by hand: the handbook says what was measured or says nothing.
"""

from __future__ import annotations

from datetime import date
from pathlib import Path
from typing import Any

import jinja2
import msgspec

FOLDER = Path(__file__).parent
KEPT = FOLDER / "kept.json"
PAGE = FOLDER.parent / "docs" / "figures.md"
TEMPLATE = "figures.md.jinja"


class Kept(msgspec.Struct, frozen=True):
    """The run of which the handbook tells."""

    machine: str
    on: date
    figures: list[dict[str, Any]]


def read_kept() -> Kept:
    """Return the run that was kept."""
    return msgspec.json.decode(KEPT.read_bytes(), type=Kept)


def keep(kept: Kept) -> None:
    """Keep this run and write the page of it. Raises ``KeyError`` for a figure that the page names and it has not."""
    written = page(kept)
    KEPT.write_bytes(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")
    PAGE.write_text(written, encoding="utf-8")


def page(kept: Kept) -> str:
    """Return the page. Raises ``KeyError`` for a figure that it names and the run has not."""
    return _render(kept)[0]


def unnamed(kept: Kept) -> set[str]:
    """Return the figures with a limit of which the page says nothing."""
    _, named = _render(kept)
    return {row["name"] for row in kept.figures if row.get("limit") is not None} - named


def passed(row: dict[str, Any]) -> bool:
    """Say whether the figure is on the wrong side of its limit."""
    if row.get("limit") is None:
        return False
    value, limit = float(row["value"]), float(row["limit"])
    return value < limit if row.get("better") == "higher" else value > limit


def _render(kept: Kept) -> tuple[str, set[str]]:
    rows = {row["name"]: row for row in kept.figures}
    named: set[str] = set()

    def value(name: str, digits: int | None = None, *, of: str = "value", times: float = 1) -> str:
        named.add(name)
        number = float(rows[name][of]) * times
        return f"{number:,.{digits if digits is not None else 0 if number >= 10 else 2}f}"

    def limit(name: str, digits: int = 0, *, times: float = 1, unit: str | None = None) -> str:
        named.add(name)
        row = rows[name]
        most = f"{float(row['limit']) * times:,.{digits}f}{unit if unit is not None else ' ' + row['unit']}"
        if passed(row):
            return f"**not** kept: {most}"
        return f"at {'least' if row.get('better') == 'higher' else 'most'} {most}"

    environment = jinja2.Environment(  # noqa: S701 - a page of the handbook, from our own template
        loader=jinja2.FileSystemLoader(FOLDER),
        undefined=jinja2.StrictUndefined,
        keep_trailing_newline=True,
        trim_blocks=True,
    )
    rendered = environment.get_template(TEMPLATE).render(value=value, limit=limit, kept=kept)
    return rendered, named
