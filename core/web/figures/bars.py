"""Bars and funnels: how much of what, each a link where there is more to see."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from markupsafe import Markup

from core.text import Text, t
from core.web.figures.markup import Figure, percent_of, tag
from core.web.figures.pen import Pen, shortened
from core.web.tables import Column, Link, Table

Words = Text | str
ROW = 30
LABELS = 0.36
VALUES = 0.14
NARROWEST = 320.0


@dataclass(frozen=True, slots=True)
class Amount:
    """One bar: ``value`` of a ``whole`` where there is one (authorized, target)."""

    title: Words
    value: int
    href: str
    whole: int | None = None


def draw_bars(pen: Pen, amounts: Sequence[Amount], *, name: str, caption: Words, unit: Words | None = None) -> Figure:
    """Return horizontal bars in the given order; a bar that stays below its whole has another colour and says so."""
    longest = max([max(one.value, one.whole or 0) for one in amounts], default=1) or 1
    marks = [_bar(pen, one, index * ROW, longest) for index, one in enumerate(amounts)]
    description = pen.say(t("%(title)s: bars. The same data follows as a table.", title=caption))
    svg = tag("svg", marks, class_="drawing", height=max(ROW, len(amounts) * ROW), role="group", aria_label=description)
    columns = [
        Column("title", caption, "link"),
        Column("value", unit or t("Number"), "number"),
        Column("whole", t("Of"), "number"),
    ]
    rows = [{"title": Link(one.title, one.href), "value": one.value, "whole": one.whole} for one in amounts]
    if all(one.whole is None for one in amounts):
        columns = columns[:2]
    return Figure(svg, description, Table(name=name, caption=caption, columns=columns, rows=rows), (), "bars")


def _bar(pen: Pen, one: Amount, top: int, longest: int) -> Markup:
    room = 1 - LABELS - VALUES
    title = pen.say(one.title)
    figure = pen.number(one.value) + (f" / {pen.number(one.whole)}" if one.whole is not None else "")
    below = one.whole is not None and one.value < one.whole
    words = f"{title} – {figure}"
    full = (one.whole if one.whole is not None else longest) / longest
    inside = [
        tag("title", words),
        tag("rect", x=percent_of(LABELS), y=top + 7, width=percent_of(room * full), height=16, rx=3, class_="track"),
        tag(
            "rect",
            x=percent_of(LABELS),
            y=top + 7,
            width=percent_of(room * one.value / longest),
            height=16,
            rx=3,
            class_="value short" if below else "value",
        ),
        tag("text", shortened(title, LABELS * NARROWEST - 8), x="0", y=top + 19, aria_hidden="true"),
        tag("text", figure, x="100%", y=top + 19, class_="strong end", aria_hidden="true"),
    ]
    return pen.link(inside, one.href, words)


@dataclass(frozen=True, slots=True)
class Stage:
    """How many reached a stage; ``share`` is of the first stage."""

    title: Words
    count: int
    share: float
    svg: Markup
    href: str | None = None


@dataclass(frozen=True, slots=True)
class Funnel:
    """The stages in their order, and the same as a table."""

    stages: tuple[Stage, ...]
    table: Table


def build_funnel(stages: Sequence[tuple[Words, int, str | None]], *, name: str, caption: Words) -> Funnel:
    """Return a funnel of title, count and address of each stage, in their order."""
    first = stages[0][1] if stages else 0
    made = []
    for title, count, href in stages:
        share = count / first if first else 0.0
        made.append(Stage(title, count, share, _stage(share), href))
    columns = [
        Column("stage", t("Stage")),
        Column("count", t("Number"), "number"),
        Column("share", t("Share"), "percent"),
    ]
    rows = [{"stage": one.title, "count": one.count, "share": one.share} for one in made]
    return Funnel(tuple(made), Table(name=name, caption=caption, columns=columns, rows=rows))


def _stage(share: float) -> Markup:
    drawn = [
        tag("rect", width="100%", height="100%", rx=3, class_="track"),
        tag("rect", width=percent_of(share), height="100%", rx=3, class_="value"),
    ]
    return tag("svg", drawn, aria_hidden="true")


def sparkline(values: Sequence[float], description: str) -> Markup:
    """Return a line 76 by 28 pixels of the last values; ``description`` says in words what it shows.

    Where the numbers beside it say all there is, it may be empty: the line is then hidden from
    assistive technology.
    """
    if len(values) < 2:
        return Markup("")
    low, high = min(values), max(values)
    spread = (high - low) or 1
    step = 70 / (len(values) - 1)
    points = [(3 + index * step, 24 - (value - low) / spread * 20) for index, value in enumerate(values)]
    path = "L".join(f"{x:.0f} {y:.0f}" for x, y in points)
    drawn = [tag("path", d=f"M{path}"), tag("circle", cx=points[-1][0], cy=points[-1][1], r="2.6")]
    if not description:
        return tag("svg", drawn, class_="spark", viewBox="0 0 76 28", aria_hidden="true")
    return tag("svg", drawn, class_="spark", viewBox="0 0 76 28", role="img", aria_label=description)
