"""Strength as a table, with what it was counted by and as of when."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from core.oversight.strength import Strength, StrengthIn
from core.text import Text, t
from core.web.tables import Column, Table, downloads

DIMENSIONS: Mapping[str, Text] = {
    "agency": t("Service"),
    "mission": t("Mission"),
    "gender": t("Gender"),
    "rank": t("Rank band"),
    "affiliation": t("Affiliation"),
}
CROSSED: Mapping[tuple[str, ...], Text] = {
    ("agency", "mission"): t("Service and mission"),
    ("mission", "gender"): t("Mission and gender"),
    ("mission", "rank"): t("Mission and rank band"),
}
"""The pairs that the page offers; the address takes any."""
VALUES: Mapping[str, Text] = {
    "not_stated": t("Not stated"),
    "woman": t("Women"),
    "man": t("Men"),
    "another": t("Another gender"),
    "serving": t("Serving"),
    "retired": t("Retired"),
    "contracted": t("Contracted"),
} | {f"band_{band}": t("Band %(band)s", band=band) for band in range(1, 8)}


def strength_table(
    found: Strength,
    asked: StrengthIn,
    query: Mapping[str, str],
    names: Mapping[str, str],
    notes: Sequence[str] = (),
) -> Table:
    """Return the rows of ``found`` with their total; suppressed rows are named in a note.

    ``names`` holds those of the services by slug and of the missions by English acronym: rows stand
    in their order. ``notes`` holds what is noted of the missions counted.
    """
    words: Mapping[str, Text | str] = {**VALUES, **names}
    filters: list[tuple[Text | str, Text | str]] = [
        (t("As of"), found.as_of.isoformat()),
        (t("As known on"), found.known_on.isoformat()),
    ]
    for name, label in DIMENSIONS.items():
        if value := getattr(asked, name):
            filters.append((label, words.get(value, value)))
    note = t(
        "%(count)s rows are not shown: fewer than five officers, or one that would give such a row back.",
        count=found.suppressed,
    )
    return Table(
        name="strength",
        caption=t("Officers in missions"),
        columns=[
            *(Column(name, DIMENSIONS[name]) for name in found.by),
            Column("officers", t("Officers"), "number"),
        ],
        rows=[
            {name: words.get(value, value) if name in found.by else value for name, value in row.items()}
            for row in sorted(found.rows, key=lambda row: [names.get(row[name], "") for name in found.by])
        ],
        totals={found.by[0]: t("Total"), "officers": sum(row["officers"] for row in found.rows)}
        if not found.suppressed
        else None,
        filters=filters,
        note=note if found.suppressed else None,
        remarks=notes,
        empty=t("Nothing that may be shown.") if found.suppressed else t("Nobody was in a mission on this day."),
        downloads=downloads("/strength", query),
    )
