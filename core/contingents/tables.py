"""The roster and the establishment of a contingent as tables."""

from __future__ import annotations

from collections.abc import Sequence

from core.context import Language
from core.contingents.schemas import Contingent, MemberOut
from core.deployments.lifecycle import STATES
from core.deployments.tables import TOUR_TONES
from core.text import t
from core.web.tables import Badge, Bar, Column, Table


def roster_table(members: Sequence[MemberOut], language: Language) -> Table:
    """Return the officers of a contingent."""
    french = language == "fr"
    return Table(
        name="contingent",
        caption=t("Roster"),
        columns=[
            Column("officer", t("Officer")),
            Column("agency", t("Service")),
            Column("position", t("Position")),
            Column("telephone", t("Telephone")),
            Column("state", t("State"), "badge"),
            Column("since", t("Since"), "date"),
            Column("ends_on", t("Last day"), "date"),
        ],
        rows=[
            {
                "id": str(one.id),
                "officer": " ".join(word for word in (one.rank_fr if french else one.rank_en, one.name) if word)
                or t("name not shared"),
                "agency": one.agency_fr if french else one.agency_en,
                "position": one.position_fr if french else one.position_en,
                "telephone": one.telephone,
                "state": Badge(STATES[one.state], TOUR_TONES.get(one.state, "idle")),
                "since": one.since,
                "ends_on": one.ends_on,
            }
            for one in members
        ],
        empty=t("Nobody on the roster is like this."),
    )


def held_table(found: Contingent, language: Language) -> Table:
    """Return the establishment with how many of its seats are held, or will be by who has been ordered there."""
    return Table(
        name="held",
        caption=t("Establishment"),
        columns=[
            Column("position", t("Position")),
            Column("bands", t("Rank bands")),
            Column("held", t("Officers"), "bar"),
        ],
        rows=[
            {
                "position": one.title_fr if language == "fr" else one.title_en,
                "bands": f"{one.band_low}–{one.band_high}",
                "held": Bar(found.held.get(str(one.id), 0), one.seats),
            }
            for one in found.positions
        ],
        empty=t("No position yet."),
    )
