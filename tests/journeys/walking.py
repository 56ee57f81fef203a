"""Somebody at a browser: signs in, follows links, fills in forms; each page that opens is looked at as a whole."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path

from axe_playwright_python.base import AXE_SCRIPT
from playwright.async_api import Browser, ConsoleMessage, Locator, Page, Response

from contingent.demo.personas import Persona, personas_for
from core.context import Language

RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa"]
EXAMINATION = {
    "runOnly": {"type": "tag", "values": RULES},
    "resultTypes": ["violations"],
    "preload": {"assets": ["media"]},
}
"""Of what passes, axe tells one element a rule only, and it loads no style sheet again, for which none of these rules
asks: both took most of a journey's time."""
LOOK = """async options => window.axe
    ? (await axe.run(options)).violations.map(one => [one.id, one.nodes.map(node => node.html)])
    : null"""
DESK, TELEPHONE = 1440, 390
PATIENCE = 60_000
"""Milliseconds that a page may take on a machine that has much else to do."""

FIRST = "…first"
"""Stands for the first thing that a field offers."""

Value = str | int | date | bool | Path


@dataclass
class Watch:
    """What was seen of the pages so far: their addresses, and everything that must not be."""

    seen: list[str] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    glass: Page | None = None

    def over(self, page: Page) -> None:
        """Listen to what the page says and to what is answered to it."""
        page.on("console", self._heard)
        page.on("pageerror", lambda error: self.wrong.append(f"{page.url}: {error}"))
        page.on("response", self._answered)

    async def look(self, page: Page) -> None:
        """Look at the page that is open: nothing that axe finds, nothing wrong said until now."""
        self.seen.append(page.url)
        if self.glass is None:
            await self._examine(page)
            return
        # axe is a script: where scripts are off, it examines the very same document in a browser where they are on.
        body = await page.content()
        await self.glass.route(
            page.url, lambda route: route.fulfill(body=body, content_type="text/html; charset=utf-8")
        )
        await self.glass.goto(page.url)
        await self._examine(self.glass)
        await self.glass.unroute(page.url)

    async def _examine(self, page: Page) -> None:
        found = await asyncio.wait_for(page.evaluate(LOOK, EXAMINATION), PATIENCE / 1000)
        if found is None:
            # From the next page on the browser brings axe itself, which is quicker than handing it over each time.
            await page.add_init_script(script=AXE_SCRIPT)
            await page.evaluate(AXE_SCRIPT)
            found = await asyncio.wait_for(page.evaluate(LOOK, EXAMINATION), PATIENCE / 1000)
        assert found == [], page.url
        assert self.wrong == [], f"{page.url}: {await page.locator('.alert').all_inner_texts()}"

    def _heard(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.wrong.append(f"{message.location['url']}: {message.text}")

    def _answered(self, response: Response) -> None:
        if response.status >= 400:
            self.wrong.append(f"{response.request.method} {response.url}: {response.status}")


@dataclass(frozen=True, slots=True)
class Walker:
    """One person of one scope, signed in."""

    page: Page
    home: str
    watch: Watch

    async def open(self, path: str) -> Walker:
        """Go to a page of the person's scope."""
        await self.page.goto(self.home + path)
        await self.watch.look(self.page)
        return self

    async def follow(self, path: str) -> Walker:
        """Follow the first link to a path of the scope that begins with ``path``."""
        place = self.home.split("/", 3)[3]
        async with self.page.expect_navigation():
            await self.page.locator(f"main a[href^='/{place}{path}']").first.click()
        await self.watch.look(self.page)
        return self

    async def send(self, ending: str, /, *, step: str | None = None, **values: Value) -> Walker:
        """Fill in the form that is posted to an address with this ending, send it and look at what comes.

        ``step`` picks among several forms the one for a step of a lifecycle.
        """
        form = self.form(ending, step)
        await self.unfold(form)
        await self.fill(form, **values)
        await self.press(form.locator("button").first)
        return self

    async def fill(self, form: Locator, **values: Value) -> None:
        """Enter values into the fields of a form."""
        for name, value in values.items():
            await _enter(form, name, value)

    async def press(self, button: Locator) -> None:
        """Press a button that posts, and look at the page that comes."""
        async with self.page.expect_navigation():
            await button.click()
        await self.watch.look(self.page)

    def form(self, ending: str, step: str | None = None) -> Locator:
        """Return the form that is posted to an address with this ending."""
        forms = self.page.locator(f"form[method=post][action$='{ending}']")
        if step is not None:
            forms = forms.filter(has=self.page.locator(f"input[name=step][value={step}]"))
        return forms.first

    async def unfold(self, form: Locator) -> None:
        """Open the panel that the form stands in, if it is closed."""
        closed = self.page.locator("details:not([open])").filter(has=form)
        if await closed.count():
            await closed.first.locator("summary").first.click()

    async def text(self) -> str:
        """Return what the page says."""
        return await self.page.locator("main").inner_text()


async def _enter(form: Locator, name: str, value: Value) -> None:
    field = form.locator(f"[name='{name}']")
    kind = await field.first.get_attribute("type")
    if isinstance(value, Path):
        await field.set_input_files(value)
    elif value == FIRST and kind == "radio":
        await field.first.check()
    elif value == FIRST:
        await field.select_option(await field.locator("option:not([value=''])").first.get_attribute("value"))
    elif kind == "radio":
        await form.locator(f"[name='{name}'][value='{value}']").check()
    elif kind == "checkbox":
        await field.set_checked(bool(value))
    elif await form.locator(f"select[name='{name}']").count():
        await field.select_option(str(value))
    else:
        await field.fill(value.isoformat() if isinstance(value, date) else str(value))


def administrators(scope: str) -> list[Persona]:
    """Return the two invented people of ``scope`` who together do what takes two."""
    return [one for one in personas_for(scope) if "administrator" in one.roles]


def persona(scope: str, role: str, *, besides: tuple[str, ...] = ()) -> Persona:
    """Return the first invented person of ``scope`` with ``role`` who is not among the names ``besides``."""
    return next(one for one in personas_for(scope) if role in one.roles and one.name not in besides)


@dataclass(frozen=True, slots=True)
class Company:
    """A browser for everybody of a journey, in one language, with or without JavaScript."""

    browser: Browser
    address: str
    language: Language
    watch: Watch
    scripts: bool = True

    @contextlib.asynccontextmanager
    async def acting(self, who: Persona, width: int = DESK) -> AsyncIterator[Walker]:
        """Give ``who`` a page of their own, signed in; the pages that lead there are looked at the first time."""
        context = await self.browser.new_context(
            viewport={"width": width, "height": 900},
            locale=f"{self.language}-CA",
            java_script_enabled=self.scripts,
            reduced_motion="reduce",
        )
        context.set_default_timeout(PATIENCE)
        context.set_default_navigation_timeout(PATIENCE)
        try:
            page = await context.new_page()
            self.watch.over(page)
            yield await self.sign_in(page, who)
        finally:
            await context.close()

    async def sign_in(self, page: Page, who: Persona) -> Walker:
        """Let ``who`` sign in on ``page`` through the chooser and the provider's page."""
        walker = Walker(page, f"{self.address}/{self.language}/{who.scope}", self.watch)
        first = not self.watch.seen
        await page.goto(f"{self.address}/{self.language}/")
        if first:
            await self.watch.look(page)
        async with page.expect_navigation():
            await page.locator(f"a.tile[href*='/{who.scope}']").first.click()
        if first:
            await self.watch.look(page)
        async with page.expect_navigation():
            await page.locator(f"button[name=person][value='{who.subject}']").first.click()
        assert page.url.startswith(walker.home), page.url
        await self.watch.look(page)
        return walker
