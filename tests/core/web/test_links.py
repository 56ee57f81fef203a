"""No link leads to a refusal: what the reader may not open is words only."""

from __future__ import annotations

from dataclasses import replace
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import pytest

from core.context import Actor
from core.text import t
from core.web.environment import environment
from core.web.figures.bars import build_funnel
from core.web.navigation import opener
from core.web.pages import Pages
from core.web.styleguide import sample_page
from core.web.tables import Column, Link, Table
from core.web.view import Answer, View


async def shown(view: View) -> Answer:
    return view.render("styleguide.html")


def opens(path: str, *permissions: str) -> bool:
    rooms = [Pages("notes"), Pages("missions", scopes={"program"})]
    rooms[0].get("/notes", permission=None)(shown)
    rooms[0].get("/notes/{id}", permission="note.read")(shown)
    rooms[0].get("/notes/new", permission="note.write")(shown)
    rooms[1].get("/notes/{id}/seal", permission="note.seal")(shown)
    actor = Actor(id=UUID(int=1), name="A", kind="person", permissions=frozenset(permissions))
    scope = SimpleNamespace(kind="agency")
    view = SimpleNamespace(site=SimpleNamespace(pages=rooms), ctx=SimpleNamespace(scope=scope, actor=actor))
    return opener(cast("View", view))(path)


@pytest.mark.parametrize(
    ("path", "permission"),
    [("/notes/7", "note.read"), ("/notes/7?tab=b#c", "note.read"), ("/notes/new", "note.write")],
)
def test_a_page_opens_to_who_holds_its_permission_and_to_nobody_else(path: str, permission: str) -> None:
    assert opens(path, permission)
    assert opens(path, f"{permission}:own")
    assert not opens(path, *{"note.read", "note.write"} - {permission})


@pytest.mark.parametrize("path", ["/notes", "/notes.csv", "/notes/7/seal", "https://example.org/notes/7", "#part", ""])
def test_an_address_that_needs_no_permission_or_is_no_page_of_the_scope_opens(path: str) -> None:
    assert opens(path)


CLOSED = {
    "a crumb": 'ui.crumb([("/closed", "List")])',
    "a cell": "ui.table(table)",
    "a button": 'ui.button("/closed", "List")',
    "a key figure": 'ui.kpis([{"title": "List", "value": 3, "note": "late", "href": "/closed"}])',
    "a note": 'ui.note("List", href="/closed", label="More")',
    "an empty list": 'ui.empty("List", href="/closed", label="More")',
    "a funnel": "ui.funnel(funnel)",
    "what waits": 'ui.todo([{"title": "List", "tone": "info", "href": "/closed", "label": "Open"}])',
    "a check": 'ui.checks([{"title": "List", "tone": "ok", "link": ("/closed", "Open")}])',
}


@pytest.mark.parametrize("source", CLOSED.values(), ids=list(CLOSED))
def test_what_leads_to_a_closed_page_is_no_link(source: str) -> None:
    def drawn(page: Any) -> str:
        table = Table(
            name="a", caption=t("A"), columns=[Column("x", "X", "link")], rows=[{"x": Link("List", "/closed")}]
        )
        funnel = build_funnel([("List", 4, "/closed")], name="f", caption="Way")
        head = '{% import "ui.html" as ui with context %}{{ ' + source + " }}"
        return environment("en").from_string(head).render(page=page, url=page.url, table=table, funnel=funnel)

    page = sample_page("en")
    assert 'href="/en/qc-spl/closed"' in drawn(page)
    closed = drawn(replace(page, opens=lambda path: path != "/closed"))
    assert "closed" not in closed
    assert "List" in closed or "button" in source
