"""A step of a chain decided from a message: in both languages, with scripts and without."""

from __future__ import annotations

import asyncio
import contextlib
import re
from collections.abc import AsyncIterator
from email import message_from_bytes
from email.policy import default
from pathlib import Path

import pytest
from playwright.async_api import Browser, Page

from contingent.demo.issuers import library
from contingent.demo.personas import Persona, personas_for
from core.context import Language
from tests.journeys.stage import Stage
from tests.journeys.walking import TELEPHONE, Company, Walker, Watch, persona
from tests.journeys.way import Way

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "agency", "scripts"), [("en", "on-durham", True), ("fr", "qc-saguenay", False)])
async def test_a_step_is_decided_from_a_message(  # noqa: PLR0917 - what parametrize gives, and fixtures
    browser: Browser, stage: Stage, tmp_path: Path, language: Language, agency: str, scripts: bool
) -> None:
    watch = Watch(glass=None if scripts else await browser.new_page())
    way = Way(stage, Company(browser, stage.address, language, watch, scripts), agency, tmp_path)
    await way.call_is_opened()
    await way.workers_are_loaded()
    await way.officer_is_interested()
    await way.coordinator_nominates()
    decider = first_decider(agency)
    address = await message_is_saved(way, decider)
    async with reading_mail(way.company) as page:
        reader = Walker(page, f"{stage.address}/{language}/{agency}", watch)
        await come_by_link(reader, address, decider)
        assert await page.evaluate("document.documentElement.scrollWidth") <= TELEPHONE
        assert await page.locator("nav.side a").count() == 0, "there is nothing else to go to"
        await reader.press(page.locator("button[name=verdict][value=approve]"))
        assert await page.locator("form.dec").count() == 0
    async with reading_mail(way.company) as page:
        await page.goto(address)
        assert await page.locator("a[href*='/auth/start']").count() == 0, "it is used up"
        watch.wrong.clear()  # It answers 404, as any other that opens nothing.
        await watch.look(page)
    async with way.company.acting(persona(agency, "coordinator")) as coordinator:
        await coordinator.open(way.paths["case"])
        assert decider.name in await coordinator.text()


def first_decider(agency: str) -> Persona:
    """Return who decides the first step of the service's chain."""
    steps = library().chains[library().agencies[agency].governance.chain].release
    step = next(one for one in steps if one.kind != "inform")
    assert step.kind == "decide"
    return next(
        one
        for one in personas_for(agency)
        if step.role in one.roles and (step.role != "approver" or one.key.startswith(step.key))
    )


async def message_is_saved(way: Way, decider: Persona) -> str:
    """Let the coordinator save the message to the decider, and return the address in it."""
    async with way.company.acting(persona(way.agency, "coordinator")) as coordinator:
        await coordinator.open(way.paths["case"])
        await coordinator.follow(f"{way.paths['case']}/messages")
        row = coordinator.page.locator("main .row.between").filter(has_text=decider.name)
        async with coordinator.page.expect_download() as saved:
            await row.locator("button").click()
        content = await asyncio.to_thread((await (await saved.value).path()).read_bytes)
    body = message_from_bytes(content, policy=default).get_body()
    assert body is not None
    found = re.search(rf"http://\S+/{way.company.language}/\S+", str(body.get_content()))
    assert found is not None
    return found[0]


@contextlib.asynccontextmanager
async def reading_mail(company: Company) -> AsyncIterator[Page]:
    """Give a telephone on which nobody is signed in."""
    context = await company.browser.new_context(
        viewport={"width": TELEPHONE, "height": 900},
        locale=f"{company.language}-CA",
        java_script_enabled=company.scripts,
        reduced_motion="reduce",
    )
    try:
        page = await context.new_page()
        company.watch.over(page)
        yield page
    finally:
        await context.close()


async def come_by_link(reader: Walker, address: str, decider: Persona) -> None:
    """Open the link, sign in as the person it was sent to, and look at each page on the way."""
    page = reader.page
    await page.goto(address)
    await reader.watch.look(page)
    async with page.expect_navigation():
        await page.locator("main a.btn.p").click()
    async with page.expect_navigation():
        await page.locator(f"button[name=person][value='{decider.subject}']").first.click()
    assert "/approval-link/" in page.url
    await reader.watch.look(page)
