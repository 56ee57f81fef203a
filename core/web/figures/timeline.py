"""A timeline: lanes with spans between civil dates, a line for the day it is told of."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from typing import Literal

from markupsafe import Markup

from core.text import Text, t
from core.web import i18n_formats as formats
from core.web.figures.markup import Figure, percent_of, tag
from core.web.figures.pen import Pen, shortened, text_width
from core.web.tables import Column, Link, Table

Kind = Literal["done", "plan", "ask", "home", "late"]

KINDS: dict[Kind, Text] = {
    "done": t("Deployed"),
    "plan": t("Planned"),
    "ask": t("Extension requested"),
    "home": t("Reintegration"),
    "late": t("Late"),
}
NARROWEST = 860.0
LABELS = 0.14
TODAY = t("Today")
HEAD = 46
BAR = 22
ROW = 26
PADDING = 10


@dataclass(frozen=True, slots=True)
class Span:
    """Something that lasts from its first to its last day, both included."""

    title: str
    first: date
    last: date
    kind: Kind
    href: str
    note: Text | str | None = None


@dataclass(frozen=True, slots=True)
class Lane:
    """A row of the timeline: a mission, an officer."""

    title: str
    spans: Sequence[Span]
    note: Text | str | None = None


@dataclass(frozen=True, slots=True)
class _Window:
    first: date
    last: date

    def at(self, day: date) -> float:
        """Return where ``day`` begins, as a share of the whole drawing's width."""
        days = (self.last - self.first).days + 1
        share = min(max((day - self.first).days / days, 0.0), 1.0)
        return LABELS + share * (1 - LABELS)


def draw_timeline(
    pen: Pen,
    lanes: Sequence[Lane],
    first: date,
    last: date,
    day: date,
    *,
    flag: Text | str = TODAY,
    name: str = "timeline",
    caption: Text | None = None,
) -> Figure:
    """Return the timeline of the days from ``first`` to ``last``. Spans outside of them are left out.

    ``flag`` says at its line what ``day`` is.
    """
    window = _Window(first, last)
    title = caption or t("Timeline")
    shown = [
        Lane(lane.title, [s for s in lane.spans if s.last >= first and s.first <= last], lane.note) for lane in lanes
    ]
    stacked = [_stacked(lane.spans) for lane in shown]
    height = HEAD + sum(_lane_height(rows) for rows in stacked)
    drawn: list[Markup] = []
    top = HEAD
    for number, (lane, rows) in enumerate(zip(shown, stacked, strict=True)):
        drawn += _lane(pen, lane, rows, window, top, striped=number % 2 == 0)
        top += _lane_height(rows)
    ground = [one for one in drawn if 'class="zebra"' in one]
    front = [one for one in drawn if 'class="zebra"' not in one]
    description = pen.say(
        t("%(title)s: bars from the first to the last day. The same data follows as a table.", title=title)
    )
    parts = [*ground, *_ticks(pen, window, height), *front, *_now(pen, window, day, flag, height)]
    svg = tag("svg", parts, class_="plan", height=height, role="group", aria_label=description)
    used = {span.kind for lane in shown for span in lane.spans}
    legend = tuple((f"k-{kind}", pen.say(words)) for kind, words in KINDS.items() if kind in used)
    return Figure(svg, description, _table(shown, name, title), legend, "gantt")


def _stacked(spans: Sequence[Span]) -> list[list[Span]]:
    """Return the spans in as few rows as hold them without touching, by their first day."""
    rows: list[list[Span]] = []
    for span in sorted(spans, key=lambda one: (one.first, one.last)):
        row = next((row for row in rows if row[-1].last < span.first), None)
        if row is None:
            rows.append([span])
        else:
            row.append(span)
    return rows


def _lane_height(rows: Sequence[object]) -> int:
    return max(1, len(rows)) * ROW + 2 * PADDING - (ROW - BAR)


def _lane(
    pen: Pen, lane: Lane, rows: Sequence[Sequence[Span]], window: _Window, top: int, *, striped: bool
) -> Iterator[Markup]:
    height = _lane_height(rows)
    if striped:
        yield tag("rect", x="0", y=top, width="100%", height=height, class_="zebra")
    room = LABELS * NARROWEST - 14
    middle = top + height / 2
    note = pen.say(lane.note)
    yield tag("text", shortened(lane.title, room), x="8", y=middle + (4 if not note else -3), class_="strong")
    if note:
        yield tag("text", shortened(note, room), x="8", y=middle + 12, class_="soft")
    for index, row in enumerate(rows):
        for span in row:
            yield _span(pen, lane, span, window, top + PADDING + index * ROW)


def _span(pen: Pen, lane: Lane, span: Span, window: _Window, top: int) -> Markup:
    left, right = window.at(span.first), window.at(span.last + timedelta(days=1))
    words = _words(pen, lane, span)
    begun = span.first < window.first
    label = f"◂ {span.title}" if begun else span.title
    inside: list[Markup | str] = [
        tag("title", words),
        tag(
            "rect",
            x=percent_of(left),
            y=top,
            width=percent_of(max(right - left, 0.004)),
            height=BAR,
            class_=f"mark k-{span.kind}",
        ),
    ]
    if text_width(label) + 14 <= (right - left) * NARROWEST:
        inside.append(tag("text", label, x=percent_of(left), y=top + 15, dx="8", aria_hidden="true"))
    return pen.link(inside, span.href, words)


def _words(pen: Pen, lane: Lane, span: Span) -> str:
    days = formats.period(span.first, span.last, pen.language)
    parts = [f"{lane.title} – {span.title}", days, pen.say(KINDS[span.kind]), pen.say(span.note)]
    return ", ".join(part for part in parts if part)


def _ticks(pen: Pen, window: _Window, height: int) -> Iterator[Markup]:
    months = (window.last.year - window.first.year) * 12 + window.last.month - window.first.month
    step = 1 if months <= 18 else 3 if months <= 54 else 12
    day, first = window.first.replace(day=1), True
    while day <= window.last:
        if (day.month - 1) % step == 0:
            x = percent_of(window.at(day))
            kind = "quarter" if day.month in (1, 4, 7, 10) else "month"
            yield tag("line", x1=x, x2=x, y1=24, y2=height, class_=kind)
            room = (window.at(_later(day, step)) - window.at(day)) * NARROWEST
            label = _tick_label(pen, day, step, room, first=first)
            first = False
            if (1 - window.at(day)) * NARROWEST > text_width(label) + 5:
                yield tag("text", label, x=x, y=18, dx="5")
        day = _later(day, 1)


def _later(first: date, months: int) -> date:
    """Return the first day of the month that is ``months`` later."""
    month = first.month - 1 + months
    return date(first.year + month // 12, month % 12 + 1, 1)


def _tick_label(pen: Pen, day: date, step: int, room: float, *, first: bool) -> str:
    """Return the month, with its year at the start and in January where ``room`` pixels hold it."""
    if step == 12:
        return str(day.year)
    name = formats.month(day, pen.language, short=True)
    if not first and day.month != 1:
        return name
    full = f"{name} {day.year}"
    if text_width(full) + 8 <= room:
        return full
    return str(day.year) if day.month == 1 else name


def _now(pen: Pen, window: _Window, day: date, flag: Text | str, height: int) -> Iterator[Markup]:
    if not window.first <= day <= window.last:
        return
    x = percent_of(window.at(day))
    words = pen.say(flag)
    wide = text_width(words) + 24
    yield tag("line", x1=x, x2=x, y1=40, y2=height, class_="now")
    yield tag("rect", x=x, y=24, width=wide, height=18, rx=9, class_="flag", transform=f"translate({-wide / 2:g} 0)")
    yield tag("text", words, x=x, y=37, class_="flagged")


def _table(lanes: Sequence[Lane], name: str, title: Text) -> Table:
    columns = [
        Column("lane", t("Row")),
        Column("span", t("What"), "link"),
        Column("first", t("First day"), "date"),
        Column("last", t("Last day"), "date"),
        Column("kind", t("State")),
    ]
    rows = [
        {
            "lane": lane.title,
            "span": Link(span.title, span.href),
            "first": span.first,
            "last": span.last,
            "kind": KINDS[span.kind],
        }
        for lane in lanes
        for span in lane.spans
    ]
    return Table(name=name, caption=title, columns=columns, rows=rows)
