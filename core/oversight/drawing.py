"""The dashboard's figures, each with its table: what is drawn is what can be downloaded."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from core.context import Language
from core.nominations.lifecycle import CANDIDACY, NOMINATION
from core.oversight.schemas import Dashboard, MissionLine, Note
from core.oversight.stays import AFTER, BEFORE
from core.text import Text, t
from core.web.figures.bars import Funnel, build_funnel
from core.web.figures.heat import Axis, Heat, build_heat
from core.web.figures.markup import Figure
from core.web.figures.pen import Pen
from core.web.figures.timeline import TODAY, Lane, Span, draw_timeline
from core.web.figures.world import Place, draw_map
from core.web.navigation import opener
from core.web.tables import Bar, Column, Link, Table, again
from core.web.view import View

REST = "rest"
"""The row of the services that are not shown one by one, so that the totals add up."""
MOST_AGENCIES = 14


@dataclass(frozen=True, slots=True)
class Drawings:
    """Everything that is drawn of one answer, and so agrees; ``shortened``: services are left out or in one row."""

    map: Figure
    missions: Table
    timeline: Figure
    heat: Heat
    funnel: Funnel | None
    shortened: bool

    @property
    def tables(self) -> list[Table]:
        """The table of each."""
        tables = [self.missions, self.map.table, self.timeline.table, self.heat.table]
        return [*tables, self.funnel.table] if self.funnel else tables


def draw(found: Dashboard, view: View, path: str = "/") -> Drawings:
    """Return the dashboard's figures; every one can be had as a file of what it shows, with the filters in force."""
    query = view.query
    most = None if "agencies" in query else MOST_AGENCIES
    every = most is None or "agency" in query
    filters = filters_of(found, view)
    remarks = notes_of(found, view.language)

    def offered(table: Table) -> Table:
        return table.offered(path, query, filters, remarks)

    drawn_map, timeline, heat = map_of(found, view), timeline_of(found, view), agency_heat(found, view, most)
    funnel = funnel_of(found) if found.waiting else None
    return Drawings(
        map=replace(drawn_map, table=offered(drawn_map.table)),
        missions=offered(missions_table(found, view.language)),
        timeline=replace(timeline, table=offered(timeline.table)),
        heat=replace(heat, table=offered(heat.table)),
        funnel=replace(funnel, table=offered(funnel.table)) if funnel else None,
        shortened=not every and len(heat.rows) < len(found.agencies),
    )


def filters_of(found: Dashboard, view: View) -> list[tuple[Text | str, Text | str]]:
    """Return what was asked for, as it is printed with every file."""
    names = {slug: fr if view.language == "fr" else en for slug, en, fr in found.agencies}
    chosen: list[tuple[Text | str, Text | str]] = [(t("As of"), found.as_of.isoformat())]
    if mission := view.query.get("mission"):
        chosen.append((t("Mission"), dict(found.choices).get(mission, mission) if view.language == "fr" else mission))
    if agency := view.query.get("agency"):
        chosen.append((t("Service"), names.get(agency, agency)))
    return chosen


def notes_of(found: Dashboard, language: Language) -> list[str]:
    """Return what is noted of the missions shown whose time is over."""
    return noted(found.notes, language)


def noted(notes: Sequence[Note], language: Language) -> list[str]:
    """Return each note under its mission's acronym, in the reader's language."""
    french = language == "fr"
    return [f"{one.acronym_fr} – {one.note_fr}" if french else f"{one.acronym_en} – {one.note_en}" for one in notes]


def map_of(found: Dashboard, view: View) -> Figure:
    """Return the map of the missions that have officers, or may have."""
    places = [
        Place(
            name=_acronym(one, view.language),
            href=f"/missions/{one.id}",
            latitude=one.latitude,
            longitude=one.longitude,
            count=one.deployed,
            authorized=one.authorized,
            seat=one.seat,
        )
        for one in found.missions
    ]
    return draw_map(Pen(view.language, view.url, opener(view)), places, caption=t("Officers deployed by mission"))


def _acronym(one: MissionLine, language: Language) -> str:
    return one.acronym_fr if language == "fr" else one.acronym_en


def missions_table(found: Dashboard, language: Language) -> Table:
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
                "mission": Link(_acronym(one, language), f"/missions/{one.id}", one.seat),
                "strength": Bar(one.deployed, one.authorized),
                "women": one.women / 100 if one.women is not None else None,
                "arrives": one.arrives_on,
                "arriving": one.arriving or None,
            }
            for one in found.missions
        ],
        totals={
            "mission": t("Total"),
            "strength": Bar(found.deployed, found.authorized or None),
            "arriving": sum(one.arriving for one in found.missions) or None,
        },
        note=t("The share of women is shown only where it gives nobody away: five or more of each."),
        empty=t("Nobody is deployed."),
    )


def timeline_of(found: Dashboard, view: View) -> Figure:
    """Return the rotations of each mission as they stood: there, planned, and in reintegration for twelve months."""
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
            if it.mission_id == one.id
        ]
        if spans:
            lanes.append(Lane(_acronym(one, view.language), spans, t("%(count)s deployed", count=one.deployed)))
    pen = Pen(view.language, view.url, opener(view))
    flag = TODAY if found.as_of == found.today else pen.day(found.as_of)
    caption = t("Rotation timeline")
    first, last = found.as_of - BEFORE, found.as_of + AFTER
    return draw_timeline(pen, lanes, first, last, found.as_of, flag=flag, caption=caption)


def _span_title(rotation: str, officers: int, view: View) -> str:
    words = view.say(t("1 officer") if officers == 1 else t("%(count)s officers", count=officers))
    return f"{rotation} · {words}" if rotation else words


def agency_heat(found: Dashboard, view: View, most: int | None) -> Heat:
    """Return who contributes where, the largest services first; ``most`` limits the rows."""
    french = view.language == "fr"
    counts: dict[tuple[str, str], int | None] = {
        (slug, str(mission)): count for slug, mission, count in found.contributions
    }
    columns = [
        Axis(str(one.id), _acronym(one, view.language), f"/missions/{one.id}") for one in found.missions if one.deployed
    ]
    taking_part = {slug for slug, _, _ in found.contributions}
    shown = [one for one in found.agencies if one[0] in taking_part]
    chosen = shown[:most] if most else found.agencies
    rows = [Axis(slug, fr if french else en, again("/", view.query, agency=slug)) for slug, en, fr in chosen]
    rest = [one[0] for one in shown[len(chosen) :]] if most else []
    if rest:
        every = again("/", view.query, agencies="all")
        rows.append(Axis(REST, t("other services: %(count)s", count=len(rest)), every))
        for column in columns:
            counts[REST, column.key] = sum(counts.get((slug, column.key)) or 0 for slug in rest)
    caption = t("Contribution by service and mission")
    return build_heat(rows, columns, counts, name="contributions", caption=caption, corner=t("Service"))


def funnel_of(found: Dashboard) -> Funnel:
    """Return how far running nominations have come, from where the agencies released them."""
    words: dict[str, Text] = {"nominated": t("Nominated (released by the service)"), **_reached()}
    funnel = found.waiting.funnel if found.waiting else []
    stages = [(words[name], count, f"/nominations?state={name}") for name, count in funnel]
    return build_funnel(stages, name="funnel", caption=t("Nominations under way"))


def _reached() -> dict[str, Text]:
    names = ("screening", "assessment", "selected", "training", "ready")
    return {name: CANDIDACY.states.get(name) or NOMINATION.states[name] for name in names}
