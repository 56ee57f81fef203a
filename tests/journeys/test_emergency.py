"""The day on which somebody else is signed in as one of them: two halves on paper, one button, and the way back."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page

from core.context import Language
from tests.journeys.stage import Stage
from tests.journeys.walking import TELEPHONE, Company, Walker, Watch, administrators

pytestmark = pytest.mark.browser

SERVICE = "on-durham"
WHY = "somebody reads our mail"


async def half(walker: Walker) -> str:
    """Have the next half shown, and read it from the sheet."""
    await walker.open("/people/break-glass")
    await walker.send("/half")
    return await walker.page.locator("main code").first.inner_text()


async def come_in(page: Page, watch: Watch, halves: list[str]) -> None:
    """Enter both halves."""
    form = page.locator("form[action*='/auth/break-glass']")
    for name, value in zip(("first", "second"), halves, strict=True):
        await form.locator(f"input[name={name}]").fill(value.lower())
    async with page.expect_navigation():
        await form.locator("button").click()
    await watch.look(page)


@pytest.mark.parametrize(("language", "scripts", "width"), [("en", True, TELEPHONE), ("fr", False, 1440)])
async def test_everybody_is_out_at_one_press_and_two_halves_open_the_door_again(
    browser: Browser, stage: Stage, language: Language, scripts: bool, width: int
) -> None:
    watch = Watch(glass=None if scripts else await browser.new_page())
    company = Company(browser, stage.address, language, watch, scripts=scripts)
    administrator, other = administrators(SERVICE)
    async with company.acting(administrator, width) as walker, company.acting(other) as colleague:
        page = walker.page
        await walker.open("/people/break-glass")
        await walker.send("/people/break-glass", custodian="Chief’s safe", reason=WHY)
        halves = [await half(walker), await half(colleague)]
        assert halves[0] != halves[1]
        await walker.open("/emergency")
        await walker.follow("/emergency/stop")
        await walker.send("/emergency/stop", reason=WHY, understood=True)
        assert page.url.endswith("/emergency/stop")
        await colleague.page.goto(colleague.home + "/people")
        assert "/auth/start" in colleague.page.url
        watch.wrong.clear()  # That refusal is what had to be seen.
        async with page.expect_navigation():
            await page.locator("main a[href*='/auth/break-glass']").click()
        await watch.look(page)
        await come_in(page, watch, halves)
        assert page.url.endswith("/emergency")
        await walker.send("/resume", reason="the door is closed")
        assert page.url.endswith("/emergency")
    async with company.acting(other) as colleague:
        await colleague.open("/people")
    await stage.settle()
