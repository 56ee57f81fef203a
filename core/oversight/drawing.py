"""The dashboard's figures, each with its table: what is drawn is what can be downloaded."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from core.context import Language
from core.nominations.lifecycle import CANDIDACY, NOMINATION
from core.oversight.schemas import Dashboard
from core.text import Text, t
from core.web.figures.bars import Funnel, build_funnel, sparkline
from core.web.figures.heat import Axis, Heat, build_heat
from core.web.figures.markup import Figure
from core.web.figures.pen import Pen
from core.web.figures.timeline import Lane, Span, draw_timeline
from core.web.figures.world import Place, draw_map
from core.web.tables import Bar, Column, Link, Table, downloads
from core.web.view import View

REST = "rest"
"""The row of the services that are not shown one by one, so that the totals add up."""
BEFORE, AFTER = timedelta(days=150), timedelta(days=420)


def key_figures(found: Dashboard) -> list[dict[str, Any]]:
    """Return the figures on top, each with where to look further."""
    spark = sparkline(found.history, "")
    return [
        {
            "title": t("Deployed now"),
            "value": found.deployed,
            "note": t("of %(count)s authorized", count=found.authorized),
            "href": "/tours?state=in_mission",
            "spark": spark,
        },
        {
            "title": t("Departing in 60 days"),
            "value": found.departing,
            "note": t("planned and ordered tours"),
            "href": "/tours?state=ordered",
        },
        {
            "title": t("Returning in 60 days"),
            "value": found.returning,
            "note": t("%(count)s without a return file", count=found.returning_unplanned),
            "href": "/returns",
            "tone": "warn" if found.returning_unplanned else "",
        },
        {
            "title": t("Places without a nominee"),
            "value": found.vacancies,
            "note": t("%(count)s calls close this week", count=found.closing_calls),
            "href": "/calls",
        },
        {
            "title": t("To screen"),
            "value": found.to_screen,
            "note": t("nominations not looked at"),
            "href": "/nominations?state=nominated",
            "tone": "warn" if found.to_screen else "",
        },
        {
            "title": t("Returns with a late milestone"),
            "value": found.late_returns,
            "note": t("status shared by the services"),
            "href": "/returns?state=late",
            "tone": "bad" if found.late_returns else "",
        },
    ]


def map_of(found: Dashboard, view: View) -> Figure:
    """Return the map of the missions that have officers, or may have."""
    places = [
        Place(
            name=one.acronym_fr if view.language == "fr" else one.acronym_en,
            href=f"/missions/{one.id}",
            latitude=one.latitude,
            longitude=one.longitude,
            count=one.deployed,
            authorized=one.authorized,
            seat=one.seat,
        )
        for one in found.missions
    ]
    return draw_map(Pen(view.language, view.url), places, caption=t("Officers deployed by mission"))


def missions_table(found: Dashboard, language: Language, query: Mapping[str, str]) -> Table:
    """Return the missions with their strength, women and next arrival."""
    return Table(
        name="missions",
        caption=t("Missions"),
        columns=[
            Column("mission", t("Mission"), "link"),
            Column("strength", t("Deployed / authorized"), "bar"),
            Column("women", t("Women"), "percent"),
            Column("arrives", t("Next arrival"), "date"),
            Column("arriving", t("Arriving"), "number"),
        ],
        rows=[
            {
                "mission": Link(
                    one.acronym_fr if language == "fr" else one.acronym_en, f"/missions/{one.id}", one.seat
                ),
                "strength": Bar(one.deployed, one.authorized),
                "women": one.women / 100 if one.women is not None else None,
                "arrives": one.arrives_on,
                "arriving": one.arriving or None,
            }
            for one in found.missions
        ],
        totals={"mission": t("Total"), "strength": Bar(found.deployed, found.authorized or None)},
        note=t("The share of women is shown only where it gives nobody away: five or more of each."),
        empty=t("Nobody is deployed."),
        downloads=downloads("/", query),
    )


def timeline_of(found: Dashboard, view: View) -> Figure:
    """Return the rotations of each mission: there, planned, and in reintegration for twelve months."""
    first, last = found.as_of - BEFORE, found.as_of + AFTER
    lanes = []
    for one in found.missions:
        spans = [
            Span(
                title=_span_title(it.title, it.officers, view),
                first=it.first,
                last=it.last,
                kind=it.kind,  # type: ignore[arg-type]
                href="/returns" if it.kind == "home" else f"/tours?mission_id={one.id}",
            )
            for it in found.rotations
            if it.mission_id == one.id and it.last >= first and it.first <= last
        ]
        if spans:
            note = t("%(count)s deployed", count=one.deployed)
            lanes.append(Lane(one.acronym_fr if view.language == "fr" else one.acronym_en, spans, note))
    return draw_timeline(Pen(view.language, view.url), lanes, first, last, _within(found.as_of, first, last))


def _span_title(rotation: str, officers: int, view: View) -> str:
    words = view.say(t("1 officer") if officers == 1 else t("%(count)s officers", count=officers))
    return f"{rotation} · {words}" if rotation else words


def _within(day: date, first: date, last: date) -> date:
    return min(max(day, first), last)


def agency_heat(found: Dashboard, language: Language, most: int | None) -> Heat:
    """Return who contributes where, the largest services first; ``most`` limits the rows."""
    french = language == "fr"
    counts: dict[tuple[str, str], int | None] = {(slug, mission): count for slug, mission, count in found.contributions}
    columns = [
        Axis(one.acronym_en, one.acronym_fr if french else one.acronym_en, f"/missions/{one.id}")
        for one in found.missions
        if one.deployed
    ]
    shown = [one for one in found.agencies if any((one[0], column.key) in counts for column in columns)]
    chosen = shown[:most] if most else found.agencies
    rows = [Axis(slug, fr if french else en, f"/?agency={slug}") for slug, en, fr in chosen]
    rest = [one[0] for one in shown[len(chosen) :]] if most else []
    if rest:
        rows.append(Axis(REST, t("%(count)s other services", count=len(rest)), "/?agencies=all"))
        for column in columns:
            counts[REST, column.key] = sum(counts.get((slug, column.key)) or 0 for slug in rest)
    caption = t("Contribution by service and mission")
    return build_heat(rows, columns, counts, name="contributions", caption=caption, corner=t("Service"))


def funnel_of(found: Dashboard) -> Funnel:
    """Return how far running nominations have come, from where the agencies released them."""
    words: dict[str, Text] = {"nominated": t("Nominated (released by the service)"), **_reached()}
    stages = [(words[name], count, f"/nominations?state={name}") for name, count in found.funnel]
    return build_funnel(stages, name="funnel", caption=t("Nominations under way"))


def _reached() -> dict[str, Text]:
    names = ("screening", "assessment", "selected", "training", "ready")
    return {name: CANDIDACY.states.get(name) or NOMINATION.states[name] for name in names}
