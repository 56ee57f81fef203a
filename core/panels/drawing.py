"""Panels as the host draws them: words in the reader's language, tables and bars of its own, links to its own pages."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from core.context import Language
from core.hooks import panels
from core.hooks.data import Words
from core.text import Text, t
from core.web.tables import Bar, Column, Kind, Link, Table
from core.web.view import View

PAGES = {
    "officer": "/officers/%(id)s",
    "tour": "/tours/%(scope)s/%(id)s",
    "return": "/returns/%(id)s",
    "nomination": "/nominations/%(id)s",
}
"""Where a plugin can lead to, by what it names."""

Names = Mapping[UUID, str]
KINDS: Mapping[str, Kind] = {"text": "text", "number": "number", "day": "date"}


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a panel: facts, a table (bars are one), or a sentence with its tone."""

    facts: list[tuple[str, Any]] = field(default_factory=list)
    table: Table | None = None
    text: str | None = None
    tone: str = "info"


@dataclass(frozen=True, slots=True)
class Drawn:
    """A panel of the plugin called ``source``."""

    id: str
    title: str
    source: str
    parts: list[Part]
    link: tuple[str, str | Text] | None


def draw(view: View, plugin: str, panel: panels.Panel, names: Names) -> Drawn:
    """Return the panel of ``plugin`` for the reader of ``view``, who knows subjects by their ``names``."""
    language = view.language
    name = f"{plugin}-{panel.key}"
    link = (address(view, panel.link), named(view, panel.link, names)) if panel.link else None
    parts = [_part(view, one, f"{name}-{place}", names) for place, one in enumerate(panel.parts)]
    return Drawn(f"panel-{name}", panel.title[language], title_of(view, plugin), parts, link)


def title_of(view: View, plugin: str) -> str:
    """Return what the reader knows the plugin as."""
    return view.ctx.hooks.registry.title(plugin, view.language)


def address(view: View, link: panels.PageLink) -> str:
    """Return the page's path below the scope."""
    return PAGES[link.kind] % {"id": link.id, "scope": view.ctx.scope.slug}


def named(view: View, link: panels.PageLink, names: Names) -> str | Text:
    """Return what a link is called: as the plugin says, else as the reader knows its subject."""
    if link.title is not None:
        return link.title[view.language]
    return names.get(link.id) or t("Look at it")


def told(words: Words, language: Language) -> Text:
    """Return a plugin's words where the host expects a sentence of its own."""
    return Text("%(said)s", {"said": words[language]})


def _part(view: View, part: Any, name: str, names: Names) -> Part:
    language = view.language
    if isinstance(part, panels.Facts):
        return Part(facts=[(one.title[language], _cell(one.value, language)) for one in part.facts])
    if isinstance(part, panels.Notice):
        return Part(text=part.text[language], tone=part.tone)
    return Part(
        table=_bars(part, language, name) if isinstance(part, panels.Figure) else _table(view, part, name, names)
    )


def _table(view: View, part: panels.Table, name: str, names: Names) -> Table:
    language = view.language
    return Table(
        name=name,
        caption=part.title[language],
        columns=[Column(str(place), one.title[language], KINDS[one.kind]) for place, one in enumerate(part.columns)],
        rows=[_row(view, one, names) for one in part.rows],
        empty=part.empty[language] if part.empty else None,
    )


def _row(view: View, row: panels.Row, names: Names) -> dict[str, Any]:
    cells: dict[str, Any] = {str(place): _cell(one, view.language) for place, one in enumerate(row.cells)}
    if row.link:
        cells["0"] = Link(named(view, row.link, names), address(view, row.link))
    return cells


def _bars(part: panels.Figure, language: Language, name: str) -> Table:
    return Table(
        name=name,
        caption=part.title[language],
        columns=[Column("title", part.title[language], hidden_label=True), Column("bar", part.unit[language], "bar")],
        rows=[{"title": one.title[language], "bar": Bar(one.part, one.whole)} for one in part.bars],
    )


def _cell(value: panels.Value, language: Language) -> str | int | date | None:
    return value[language] if isinstance(value, Mapping) else value
