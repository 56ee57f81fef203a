"""Nominations and candidacies as tables."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.context import Language
from core.nominations.candidacy_schemas import CandidacySummary
from core.nominations.lifecycle import CANDIDACY, NOMINATION
from core.nominations.schemas import NominationSummary
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table, cursor

NOMINATION_TONES: Mapping[str, Tone] = {
    "draft": "idle",
    "agency_review": "info",
    "nominated": "info",
    "not_supported": "bad",
    "not_selected": "bad",
    "withdrawn": "idle",
    "selected": "ok",
    "ready": "ok",
    "assigned": "ok",
    "reserve": "warn",
}


def state_of(state: str) -> Badge:
    """Return the state of a candidacy, or of a nomination that IPOB has not looked at yet, as a badge."""
    words: Text = CANDIDACY.states.get(state) or NOMINATION.states[state]
    return Badge(words, NOMINATION_TONES.get(state, "info"))


def standing_of(one: NominationSummary) -> Badge:
    """Return how a nomination stands for its own service: one that is approved waits to be sent."""
    if not one.stage and one.state == "agency_review" and one.case_state == "approved":
        return Badge(t("Approved: to be sent"), "ok")
    return state_of(one.stage or one.state)


def nominations_table(rows: Sequence[NominationSummary], language: Language, next: UUID | None = None) -> Table:
    """Return a service's own nominations."""
    french = language == "fr"
    return Table(
        name="nominations",
        caption=t("Nominations"),
        columns=[
            Column("number", t("Nomination"), "link"),
            Column("officer", t("Officer")),
            Column("mission", t("Mission")),
            Column("position", t("Position")),
            Column("call", t("Call")),
            Column("nominated_on", t("Sent to IPOB"), "date"),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "number": Link(one.number, f"/nominations/{one.id}"),
                "officer": f"{one.rank_fr if french else one.rank_en} {one.name}",
                "mission": one.mission_fr if french else one.mission_en,
                "position": one.position_fr if french else one.position_en,
                "call": one.call_number,
                "nominated_on": one.nominated_on,
                "state": standing_of(one),
            }
            for one in rows
        ],
        next=cursor(next),
        empty=t("No nomination to show."),
        hint=t("A nomination begins on an open call, or with an officer who is interested in one."),
    )


def candidacies_table(rows: Sequence[CandidacySummary], language: Language, next: UUID | None = None) -> Table:
    """Return what the agencies nominated, as IPOB sees it."""
    french = language == "fr"
    return Table(
        name="selection",
        caption=t("Nominations by call"),
        columns=[
            Column("number", t("Nomination"), "link"),
            Column("officer", t("Officer")),
            Column("agency", t("Service")),
            Column("mission", t("Mission")),
            Column("position", t("Position")),
            Column("nominated_on", t("Received"), "date"),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "number": Link(
                    one.number, f"/nominations/{one.agency}/{one.id}", t("look again") if one.reconsideration else None
                ),
                "officer": " ".join(word for word in (one.rank_fr if french else one.rank_en, one.name) if word)
                or t("not shared"),
                "agency": one.agency_fr if french else one.agency_en,
                "mission": one.mission_fr if french else one.mission_en,
                "position": one.position_fr if french else one.position_en,
                "nominated_on": one.nominated_on,
                "state": state_of(one.state),
            }
            for one in rows
        ],
        next=cursor(next),
        empty=t("No nomination to show."),
        hint=t("A nomination comes here when its service sends it."),
    )
