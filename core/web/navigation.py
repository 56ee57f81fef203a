"""The navigation of one reader: what the rooms offer, less what the reader may not open."""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import urlsplit

from core.text import Text, t
from core.web.pages import SECTIONS, Nav, Page
from core.web.shell import Alert, NavLink, NavSection
from core.web.view import View

TITLES: dict[str, Text | None] = {
    "main": None,
    "field": t("In the field"),
    "service": t("My service"),
    "admin": t("Administration"),
}


async def navigation(view: View) -> list[NavSection]:
    """Return the sections with something in them, in their order. Counts are read in the page's transaction."""
    lines: dict[str, list[Nav]] = {section: [] for section in SECTIONS}
    for pages in view.site.pages:
        if view.ctx.scope.kind in pages.scopes:
            for nav in pages.nav:
                if may_open(view, nav.permission):
                    lines[nav.section].append(nav)
    return [
        NavSection(TITLES[section], [await _link(view, nav) for nav in sorted(found, key=lambda one: one.order)])
        for section, found in lines.items()
        if found
    ]


async def banners(view: View) -> list[Alert]:
    """Return what the rooms say on every page of the scope."""
    if view.open_work is None:
        return []
    rooms = [room for room in view.site.pages if room.banner is not None and view.ctx.scope.kind in room.scopes]
    found = [await room.banner(view) for room in rooms if room.banner is not None]
    return [one for one in found if one is not None]


def may_open(view: View, permission: str | None) -> bool:
    """Say whether the reader may open a page; one without a permission is for whoever is signed in to a seat."""
    actor = view.ctx.actor
    return actor.only is None if permission is None else actor.may_at_all(permission)


def place(view: View) -> str:
    """Return by which address the navigation knows where the reader is: the page's own, or what leads to it."""
    parts = view.path.split("/")
    fitting = [
        (parameters, room.under)
        for room in view.site.pages
        if view.ctx.scope.kind in room.scopes
        for page in room.shown
        if len(pattern := page.pattern.split("/")) == len(parts) and (parameters := _fit(pattern, parts)) is not None
    ]
    under = min(fitting, key=lambda one: one[0])[1] if fitting else None
    return under or view.path


def searched(view: View) -> list[Page]:
    """Return the lists in which the reader may search, in the order of the navigation."""
    places: dict[str, tuple[int, int]] = {}
    found: dict[str, Page] = {}
    for room in view.site.pages:
        if view.ctx.scope.kind not in room.scopes:
            continue
        places |= {nav.path: (SECTIONS.index(nav.section), nav.order) for nav in room.nav}
        for page in room.shown:
            if page.listing is not None and page.listing.search is not None and may_open(view, page.permission):
                found[page.pattern] = page
    return sorted(found.values(), key=lambda page: places.get(page.pattern, (len(SECTIONS), 0)))


def opener(view: View) -> Callable[[str], bool]:
    """Return what says of an address below the scope whether the reader may open it.

    With it no link leads to a refusal. An address that no room shows as a page, such as a file's, counts as open.
    """
    known: dict[int, list[tuple[list[str], str | None]]] = {}
    for room in view.site.pages:
        if view.ctx.scope.kind in room.scopes:
            for page in room.shown:
                parts = page.pattern.split("/")
                known.setdefault(len(parts), []).append((parts, page.permission))

    def opens(address: str) -> bool:
        parts = urlsplit(address).path.split("/") if address.startswith("/") else []
        fitting = [
            (parameters, permission)
            for pattern, permission in known.get(len(parts), ())
            if (parameters := _fit(pattern, parts)) is not None
        ]
        return not fitting or may_open(view, min(fitting, key=lambda one: one[0])[1])

    return opens


def _fit(pattern: list[str], parts: list[str]) -> int | None:
    """Return how many parts of the address the pattern leaves open; ``None`` where another part differs."""
    if any(one != part for one, part in zip(pattern, parts, strict=True) if not one.startswith("{")):
        return None
    return sum(one.startswith("{") for one in pattern)


async def _link(view: View, nav: Nav) -> NavLink:
    counted = nav.count is not None and view.open_work is not None
    count = await nav.count(view) if nav.count is not None and counted else None
    return NavLink(nav.title, nav.path, nav.icon, count or None)
