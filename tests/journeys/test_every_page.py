"""Every page that needs no particular thing to show: what axe finds, in both languages, by who may open it."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from types import ModuleType

import pytest
from playwright.async_api import Browser

from auth.roles import EVERYBODY, permissions_of
from contingent.assembly import ALL_ROOMS
from contingent.demo.personas import Persona, personas_for
from core.app import load_room
from core.context import Language, ScopeKind
from core.web.pages import Page, Pages
from tests.contracts.test_roles import UNHELD
from tests.journeys.stage import Stage
from tests.journeys.walking import TELEPHONE, Company, Walker, Watch

pytestmark = pytest.mark.browser

SCOPES: dict[ScopeKind, str] = {
    "agency": "on-durham",
    "program": "ipob",
    "department": "psc",
    "mission": "cpmu",
    "platform": "operator",
}
FILES = {"/audit/chain"}
"""What is downloaded and not shown."""

SAMPLE = ("/", "/calls", "/officers", "/returns", "/approvals")
"""Pages that are also opened on a telephone."""


def pages_of(kind: ScopeKind) -> list[Page]:
    """Return the pages without parameters that scopes of ``kind`` have."""
    return [page for room in ALL_ROOMS for page in _shown(load_room(room), kind)]


def _shown(parts: dict[str, ModuleType], kind: ScopeKind) -> Iterator[Page]:
    if "pages" in parts:
        for made in vars(parts["pages"]).values():
            if isinstance(made, Pages) and kind in made.scopes:
                yield from (page for page in made.shown if "{" not in page.pattern)


def readers(kind: ScopeKind) -> dict[str, list[str]]:
    """Return who opens which paths: few people, and each page by somebody who may."""
    unheld = UNHELD.get(kind, set())
    shown = [page for page in pages_of(kind) if page.pattern not in FILES and page.permission not in unheld]
    left = {page.pattern: page.permission for page in shown}
    shares: dict[str, list[str]] = {}
    for who in personas_for(SCOPES[kind]):
        given = permissions_of(kind, frozenset(who.roles)) | EVERYBODY
        own = [path for path, wanted in left.items() if wanted is None or {wanted, f"{wanted}:own"} & given]
        for path in own:
            del left[path]
        if own:
            shares[who.key] = sorted(own)
    assert left == {}, "nobody of the demonstration may open these"
    return shares


async def narrow(walker: Walker) -> None:
    """Open the sample on a telephone: nothing scrolls sideways."""
    await walker.page.set_viewport_size({"width": TELEPHONE, "height": 900})
    assert await walker.page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE, walker.page.url


PICTURE = 'data:text/html,<!doctype html><html lang="en"><title>x</title><main><img src="data:,"%s></main>'


async def test_what_axe_finds_on_a_page_ends_the_walk(browser: Browser) -> None:
    page, watch = await browser.new_page(), Watch()
    # axe is handed to the first page, and the browser brings it to the others.
    for described in (False, True, False):
        await page.goto(PICTURE % (' alt=""' if described else ""))
        with contextlib.nullcontext() if described else pytest.raises(AssertionError, match="<img src="):
            await watch.look(page)
    await page.close()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_axe_finds_nothing_on_any_page(browser: Browser, stage: Stage, language: Language) -> None:
    company = Company(browser, stage.address, language, Watch())
    for kind, slug in SCOPES.items():
        people: dict[str, Persona] = {one.key: one for one in personas_for(slug)}
        for key, paths in readers(kind).items():
            async with company.acting(people[key]) as walker:
                for path in paths:
                    await walker.open(path)
                for path in set(paths) & set(SAMPLE):
                    await walker.page.goto(walker.home + path)
                    await narrow(walker)
                    await walker.page.set_viewport_size({"width": 1440, "height": 900})
