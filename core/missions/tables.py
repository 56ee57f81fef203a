"""Missions, positions and calls as tables: the page and its exports are drawn from the same one."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from uuid import UUID

from core.context import Language
from core.missions.lifecycle import CALL, MISSION
from core.missions.schemas import LANGUAGES, ORGANIZATIONS, CallSummary, MissionOut, PositionOut
from core.text import Text, t
from core.web.shell import Tone
from core.web.tables import Badge, Column, Link, Table, cursor

MISSION_TONES: Mapping[str, Tone] = {"active": "ok", "suspended": "warn", "drawdown": "warn", "planned": "info"}
CALL_TONES: Mapping[str, Tone] = {"open": "ok", "draft": "info", "cancelled": "bad"}
EVIDENCE: Mapping[str, Tone] = {"confirmed": "ok", "listed": "info", "unverified": "warn"}
EVIDENCE_WORDS = {"confirmed": t("Confirmed"), "listed": t("Listed"), "unverified": t("Unverified")}


def missions_table(missions: Sequence[MissionOut], language: Language) -> Table:
    """Return the list of missions."""
    french = language == "fr"
    return Table(
        name="missions",
        caption=t("Missions"),
        columns=[
            Column("mission", t("Mission"), "link"),
            Column("organization", t("Organization")),
            Column("years", t("Years")),
            Column("authorized", t("Authorized"), "number"),
            Column("state", t("State"), "badge"),
            Column("evidence", t("Evidence"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "mission": Link(
                    one.acronym_fr if french else one.acronym_en,
                    f"/missions/{one.id}",
                    one.name_fr if french else one.name_en,
                ),
                "organization": ORGANIZATIONS.get(one.organization, one.organization),
                "years": years(one),
                "authorized": one.authorized,
                "state": Badge(MISSION.states[one.state], MISSION_TONES.get(one.state, "idle")),
                "evidence": Badge(EVIDENCE_WORDS[one.evidence], EVIDENCE[one.evidence]),
            }
            for one in missions
        ],
        empty=t("No mission to show."),
    )


def years(mission: MissionOut) -> str:
    """Return the years of a mission: ``2004–2017``, ``2019–`` or ``2007–?`` where the end is not known."""
    if not mission.end_known:
        return f"{mission.starts_on.year}–?"
    end = mission.ends_on.year if mission.ends_on else ""
    return f"{mission.starts_on.year}–{end}"


def positions_table(positions: Sequence[PositionOut], language: Language) -> Table:
    """Return the establishment of a mission."""
    return Table(
        name="positions",
        caption=t("Establishment"),
        columns=[
            Column("title", t("Position")),
            Column("bands", t("Rank bands")),
            Column("languages", t("Working languages")),
            Column("seats", t("Officers"), "number"),
            Column("handover", t("Handover, in days"), "number"),
        ],
        rows=[
            {
                "title": one.title_fr if language == "fr" else one.title_en,
                "bands": f"{one.band_low}–{one.band_high}",
                "languages": Text("%(all)s", {"all": [LANGUAGES.get(code, code) for code in one.languages]})
                if one.languages
                else None,
                "seats": one.seats,
                "handover": one.handover_days,
            }
            for one in positions
        ],
        totals={"title": t("Total"), "seats": sum(one.seats for one in positions)} if positions else None,
        empty=t("No position yet."),
    )


def calls_table(
    calls: Sequence[CallSummary],
    language: Language,
    next: UUID | None = None,
    *,
    linked: bool = True,
) -> Table:
    """Return the list of calls; ``next`` continues it. ``linked``: the reader may open each of them."""
    return Table(
        name="calls",
        caption=t("Calls for nominations"),
        columns=[
            Column("number", t("Call"), "link"),
            Column("mission", t("Mission")),
            Column("wanted", t("Officers wanted"), "number"),
            Column("closes_on", t("Deadline"), "date"),
            Column("tour", t("Tours start on"), "date"),
            Column("state", t("State"), "badge"),
        ],
        rows=[
            {
                "id": str(one.id),
                "number": Link(one.number, f"/calls/{one.id}") if linked else one.number,
                "mission": one.mission_fr if language == "fr" else one.mission_en,
                "wanted": one.wanted,
                "closes_on": one.closes_on,
                "tour": one.tour_starts_on,
                "state": Badge(CALL.states[one.state], CALL_TONES.get(one.state, "idle")),
            }
            for one in calls
        ],
        next=cursor(next),
        empty=t("No call to show."),
        hint=t("IPOB drafts calls, and opens them to the services."),
    )
