"""Officers as a table."""

from __future__ import annotations

from collections.abc import Mapping

from core.context import Language
from core.personnel.schemas import STATUSES, OfficerList
from core.text import t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table

STATUS_TONES: Mapping[str, Tone] = {"active": "ok", "leave": "info", "seconded": "info", "suspended": "bad"}
VALIDITY = {
    "valid": Badge(t("Valid"), "ok"),
    "soon": Badge(t("Expires soon"), "warn"),
    "expired": Badge(t("Expired"), "bad"),
}


def officers_table(found: OfficerList, language: Language) -> Table:
    """Return the list of officers."""
    return Table(
        name="officers",
        caption=t("Officers"),
        columns=[
            Column("name", t("Name"), "link"),
            Column("rank", t("Rank")),
            Column("number", t("Employee number")),
            Column("unit", t("Unit")),
            Column("status", t("Status"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "name": Link(
                    f"{one.family_name}, {one.preferred_name or one.given_name}",
                    f"/officers/{one.id}",
                    t("not in the last worker file") if one.missing_since else None,
                ),
                "rank": one.rank_fr if language == "fr" else one.rank_en,
                "number": one.employee_number,
                "unit": one.unit,
                "status": Badge(STATUSES[one.status], STATUS_TONES.get(one.status, "idle")),
            }
            for one in found.officers
        ],
        next=found.next,
        empty=t("No officer to show."),
        hint=t("Officers come from a worker file of your HR office, or are added by hand."),
    )
