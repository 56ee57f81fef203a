"""Officers by mission on the map: circles by area on a land silhouette that shows no border."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import sqrt

from markupsafe import Markup

from core.text import Text, t
from core.web.assets import asset
from core.web.figures.labels import Placed, Spot, nudge, place
from core.web.figures.markup import Figure, percent_of, tag
from core.web.figures.pen import Pen, shortened
from core.web.figures.projection import WIDTH, project
from core.web.tables import Column, Link, Table

NEAR = (309.0, 60.0, 1165.0, 640.0)
WHOLE = (0.0, 0.0, WIDTH, 864.0)
NARROWEST = 440.0
LARGEST_RADIUS = 20.0
SMALLEST_RADIUS = 6.0
RADIUS_FOR_TEXT = 9.5
LONGEST_LABEL = 100.0

KINDS = {
    "k-on": t("At authorized strength"),
    "k-below": t("Below authorized strength"),
    "k-free": t("No authorized number to compare with"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """A mission: its short name, where it is in degrees, how many officers of how many authorized."""

    name: str
    href: str
    latitude: float
    longitude: float
    count: int
    authorized: int | None = None
    seat: str | None = None

    @property
    def kind(self) -> str:
        """The class of its circle: whether fewer are there than were authorized, where that is known."""
        if self.authorized is None:
            return "k-free"
        return "k-below" if self.count < self.authorized else "k-on"


def draw_map(pen: Pen, places: Sequence[Place], *, name: str = "map", caption: Text | None = None) -> Figure:
    """Return the map. Missions without officers have a ring and no number."""
    frame = NEAR if all(_inside(NEAR, one) for one in places) else WHOLE
    height = NARROWEST * frame[3] / frame[2]
    ordered = sorted(places, key=lambda one: (-one.count, one.name))
    spots = [_spot(pen, one, frame, height, _unit(places)) for one in ordered]
    nudge(spots)
    labels = place(spots, NARROWEST, height)
    title = caption or t("Officers by mission")
    marks = [_mark(pen, *of, height) for of in zip(ordered, spots, labels, strict=True)]
    land = tag(
        "svg",
        [_graticule(), tag("use", href=f"{asset('land.svg')}#land", class_="land")],
        viewBox=" ".join(f"{value:g}" for value in frame),
        width="100%",
        height="100%",
        preserveAspectRatio="none",
        aria_hidden="true",
    )
    description = pen.say(
        t("%(title)s: a map with a circle for each mission. The same data follows as a table.", title=title)
    )
    svg = tag(
        "svg",
        [land, *marks],
        class_=f"world {'near' if frame is NEAR else 'whole'}",
        role="group",
        aria_label=description,
    )
    used = {one.kind for one in places}
    legend = tuple((kind, pen.say(words)) for kind, words in KINDS.items() if kind in used)
    note = t("The area of a circle follows the number of officers. Places are approximate; no boundary is shown.")
    return Figure(svg, description, _table(ordered, name, title), legend, "map", note)


def _unit(places: Sequence[Place]) -> float:
    largest = max((one.count for one in places), default=1) or 1
    return min(5.0, LARGEST_RADIUS / sqrt(largest))


def _spot(pen: Pen, one: Place, frame: tuple[float, float, float, float], height: float, unit: float) -> Spot:
    x, y = project(one.latitude, one.longitude)
    radius = max(SMALLEST_RADIUS, unit * sqrt(one.count))
    label = one.name if radius >= RADIUS_FOR_TEXT else f"{one.name} {pen.number(one.count)}"
    label = shortened(label, LONGEST_LABEL)
    return Spot((x - frame[0]) / frame[2] * NARROWEST, (y - frame[1]) / frame[3] * height, radius, label)


def _mark(pen: Pen, one: Place, spot: Spot, placed: Placed | None, height: float) -> Markup:
    words = _words(pen, one)
    x, y = percent_of(spot.x / NARROWEST), percent_of(spot.y / height)
    inside: list[Markup | str] = [
        tag("title", words),
        tag("circle", cx=x, cy=y, r=spot.radius, class_=one.kind),
    ]
    if spot.radius >= RADIUS_FOR_TEXT:
        inside.append(tag("text", pen.number(one.count), x=x, y=y, dy="4", class_="count"))
    if placed is not None:
        inside.append(
            tag(
                "text",
                spot.label,
                x=x,
                y=y,
                dx=placed.dx,
                dy=placed.dy,
                class_=f"name {placed.anchor}",
                aria_hidden="true",
            )
        )
    return pen.link(inside, one.href, words)


def _words(pen: Pen, one: Place) -> str:
    where = f"{one.name}, {one.seat}" if one.seat else one.name
    if one.authorized is None:
        return pen.say(t("%(mission)s: officers deployed: %(count)s", mission=where, count=one.count))
    return pen.say(
        t(
            "%(mission)s: officers deployed: %(count)s of %(authorized)s",
            mission=where,
            count=one.count,
            authorized=one.authorized,
        )
    )


def _table(places: Sequence[Place], name: str, title: Text) -> Table:
    columns = [
        Column("mission", t("Mission"), "link"),
        Column("seat", t("Seat")),
        Column("count", t("Deployed"), "number"),
        Column("authorized", t("Authorized"), "number"),
    ]
    rows = [
        {"mission": Link(one.name, one.href), "seat": one.seat, "count": one.count, "authorized": one.authorized}
        for one in places
    ]
    known = [one.authorized for one in places if one.authorized is not None]
    totals = {
        "mission": t("Total"),
        "count": sum(one.count for one in places),
        "authorized": sum(known) if known else None,
    }
    return Table(name=name, caption=title, columns=columns, rows=rows, totals=totals)


def _graticule() -> Markup:
    lines = []
    for latitude in (-40, -20, 0, 20, 40, 60):
        left, y = project(latitude, -180)
        lines.append(f"M{left:.0f} {y:.0f}H{project(latitude, 180)[0]:.0f}")
    return tag("path", d="".join(lines), class_="grat")


def _inside(frame: tuple[float, float, float, float], one: Place) -> bool:
    x, y = project(one.latitude, one.longitude)
    margin = 24
    return frame[0] + margin < x < frame[0] + frame[2] - margin and frame[1] + margin < y < frame[1] + frame[3] - margin
