"""Strength as a table, with what it was counted by and as of when."""

from __future__ import annotations

from collections.abc import Mapping

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
VALUES: Mapping[str, Text] = {
    "not_stated": t("not stated"),
    "woman": t("Women"),
    "man": t("Men"),
    "another": t("Another gender"),
    "serving": t("Serving"),
    "retired": t("Retired"),
    "contracted": t("Contracted"),
} | {f"band_{band}": t("Band %(band)s", band=band) for band in range(1, 8)}


def strength_table(found: Strength, asked: StrengthIn, query: Mapping[str, str], agencies: Mapping[str, str]) -> Table:
    """Return the rows of ``found`` with their total; suppressed rows are named in a note.

    ``agencies`` holds the names of the services by slug.
    """
    words: Mapping[str, Text | str] = {**VALUES, **agencies}
    filters: list[tuple[Text | str, Text | str]] = [
        (t("As of"), found.as_of.isoformat()),
        (t("As known on"), found.known_on.isoformat()),
    ]
    if asked.mission:
        filters.append((t("Mission"), asked.mission))
    note = t("%(count)s rows with fewer than five officers are not shown.", count=found.suppressed)
    return Table(
        name="strength",
        caption=t("Officers in missions"),
        columns=[
            *(Column(name, DIMENSIONS[name]) for name in found.by),
            Column("officers", t("Officers"), "number"),
        ],
        rows=[
            {name: words.get(value, value) if name in found.by else value for name, value in row.items()}
            for row in found.rows
        ],
        totals={found.by[0]: t("Total"), "officers": sum(row["officers"] for row in found.rows)}
        if not found.suppressed
        else None,
        filters=filters,
        note=note if found.suppressed else None,
        empty=t("Nobody was in a mission on this day."),
        downloads=downloads("/strength", query),
    )
