"""Tours as a table."""

from __future__ import annotations

from collections.abc import Mapping

from core.context import Language
from core.deployments.lifecycle import STATES
from core.deployments.schemas import TourList
from core.text import t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table

TOUR_TONES: Mapping[str, Tone] = {
    "planned": "idle",
    "ordered": "info",
    "in_transit": "info",
    "in_mission": "ok",
    "on_leave": "ok",
    "medical_hold": "warn",
    "evacuated": "warn",
    "not_available": "warn",
    "out_of_mission": "warn",
    "returning": "info",
    "cancelled": "bad",
}


def tours_table(found: TourList, language: Language, *, program: bool) -> Table:
    """Return a list of tours; IPOB's names the service."""
    french = language == "fr"
    service = [Column("agency", t("Service"))] if program else []
    return Table(
        name="tours",
        caption=t("Tours"),
        columns=[
            Column("officer", t("Officer"), "link"),
            *service,
            Column("mission", t("Mission")),
            Column("position", t("Position")),
            Column("starts_on", t("First day"), "date"),
            Column("ends_on", t("Last day"), "date"),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "officer": Link(
                    " ".join(word for word in (one.rank_fr if french else one.rank_en, one.name) if word)
                    or t("name not shared"),
                    f"/tours/{one.agency}/{one.id}",
                ),
                "agency": one.agency_fr if french else one.agency_en,
                "mission": one.mission_fr if french else one.mission_en,
                "position": one.position_fr if french else one.position_en,
                "starts_on": one.starts_on,
                "ends_on": one.ends_on,
                "state": Badge(STATES[one.state], TOUR_TONES.get(one.state, "idle")),
            }
            for one in found.tours
        ],
        next=found.next,
        empty=t("No tour to show."),
        hint=t("A tour comes here when IPOB plans it for somebody who was selected."),
    )
