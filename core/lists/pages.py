"""The pages that are about all lists: the search, and one's own saved views."""

from __future__ import annotations

from dataclasses import dataclass, replace
from urllib.parse import urlencode

from core.context import SCOPE_KINDS
from core.lists.lifecycle import VIEW_KEEP
from core.lists.schemas import ListViews, SaveView, ViewOut
from core.lists.service import list_views, remove_view, restore_view, save_view
from core.text import Text, t
from core.web.navigation import searched
from core.web.pages import Page, Pages
from core.web.tables import Table
from core.web.view import Answer, To, View

EVERYWHERE = frozenset(SCOPE_KINDS)
LONGEST = 100
FIRST = 5
"""How many of each list the search shows."""

pages = Pages("lists", scopes=EVERYWHERE)


@dataclass(frozen=True, slots=True)
class Group:
    """What was found in one list: its first rows, how many, whether there are ``more``, and where all of them are."""

    title: Text
    table: Table
    count: int
    more: bool
    address: str


@pages.get("/search", permission=None)
async def search(view: View) -> Answer:
    """Find words in every list that the reader may open."""
    typed = "".join(letter if letter.isprintable() else " " for letter in view.query.get("q", ""))
    words = " ".join(typed.split())[:LONGEST].strip()
    lists = searched(view)
    groups = [found for page in lists if (found := await _found(view, page, words))] if words else []
    return view.render("lists/search.html", words=words, groups=groups, titles=[_title(page) for page in lists])


@pages.get("/views", permission=VIEW_KEEP)
async def views(view: View) -> Answer:
    """List one's own saved views."""
    found = (await view.run(list_views, ListViews())).views
    refused = view.form(SaveView) if view.refused is SaveView else None
    return view.render("lists/views.html", views=found, form=refused)


@pages.post("/views", use_case=save_view, form=views)
async def view_saved(view: View, result: ViewOut) -> To:
    """Show the list in its saved view."""
    return To(result.address, t("Saved. “%(name)s” is above the list from now on.", name=result.name))


@pages.post("/views/{id}/removal", use_case=remove_view)
async def view_removed(view: View, result: ViewOut) -> To:
    """Show the list, where the removal can be undone."""
    return To(result.path, t("“%(name)s” is removed. You can undo this for 15 minutes.", name=result.name))


@pages.post("/views/{id}/restoration", use_case=restore_view)
async def view_restored(view: View, result: ViewOut) -> To:
    """Show the list in the view that is back."""
    return To(result.address, t("“%(name)s” is back.", name=result.name))


async def _found(view: View, page: Page, words: str) -> Group | None:
    """Return what a list's own page shows when it is asked for these words: its permissions, its wall, its looks."""
    assert page.listing is not None
    search = dict(page.listing.search or {}) | {"q": words}
    asked = [*search.items(), ("limit", str(FIRST + 1))]
    answer = await page.show(replace(view, path=page.pattern, params={}, queries=asked, alerts=[]))
    table = answer.values["table"] if isinstance(answer, Answer) else None
    if not isinstance(table, Table) or not table.rows:
        return None
    first = replace(
        table, rows=table.rows[:FIRST], totals=None, next=None, after=None, downloads={}, note=None, quick=False
    )
    more = len(table.rows) > FIRST or table.next is not None
    return Group(_title(page), first, len(first.rows), more, f"{page.pattern}?{urlencode(search)}")


def _title(page: Page) -> Text:
    assert page.listing is not None
    return page.listing.title
