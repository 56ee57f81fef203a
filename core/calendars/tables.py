"""The calendar addresses of a scope as a table."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from core.calendars.schemas import LANGUAGES, AddressOut
from core.context import Language
from core.text import Text, t
from core.web.tables import Column, Link, Table, cursor


def covered(one: AddressOut, language: Language) -> Text | str:
    """Return what an address gives: somebody's own dates, or a mission's."""
    mission = one.mission_fr if language == "fr" else one.mission_en
    return t("Mission %(mission)s", mission=mission) if mission else t("Own dates")


def addresses_table(rows: Sequence[AddressOut], language: Language, next: UUID | None) -> Table:
    """Return the addresses of everybody in the scope."""
    return Table(
        name="calendar-addresses",
        caption=t("Calendar addresses"),
        columns=[
            Column("label", t("What the address is for"), "link"),
            Column("owner", t("Made by")),
            Column("covers", t("Covers")),
            Column("language", t("Language")),
            Column("made_at", t("Made"), "instant"),
            Column("last_fetched_at", t("Last fetched"), "instant"),
        ],
        rows=[
            {
                "id": str(one.id),
                "label": Link(one.label, f"/calendars/all/{one.id}"),
                "owner": one.owner_name,
                "covers": covered(one, language),
                "language": LANGUAGES[one.language],
                "made_at": one.made_at,
                "last_fetched_at": one.last_fetched_at,
            }
            for one in rows
        ],
        next=cursor(next),
        empty=t("Nobody has a calendar address."),
    )
