"""What only a browser shows of lists: filters apply while one types, and keys reach the search until they are off."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, Page, expect

from tests.journeys.stage import Stage
from tests.journeys.walking import Company, Watch, persona

pytestmark = pytest.mark.browser

ROWS = "table.rows tbody tr"


async def focused(page: Page) -> str:
    return str(await page.evaluate("document.activeElement.id"))


async def test_filters_apply_while_one_types_and_the_view_that_is_saved_is_the_one_on_the_page(
    browser: Browser, stage: Stage
) -> None:
    company = Company(browser, stage.address, "en", Watch())
    async with company.acting(persona("ipob", "planner")) as walker:
        page = walker.page
        await walker.open("/missions?state=all")
        await page.evaluate("window.stays = true")
        await page.locator("#f-q").fill("MINUSTÀH")
        await expect(page.locator(ROWS)).to_have_count(1)
        assert await page.evaluate("window.stays"), "the page is the same one"
        assert await focused(page) == "f-q", "one can go on typing"
        assert page.url.endswith("/missions?q=MINUST%C3%80H&state=all")
        await walker.send("/views", name="Haiti")
        assert page.url.endswith("/missions?q=MINUST%C3%80H&state=all")
        await walker.open("/missions")
        await page.get_by_role("navigation", name="Saved views").get_by_role("link", name="Haiti").click()
        await expect(page.locator(ROWS)).to_have_count(1)

        await page.keyboard.press("Control+k")
        assert await focused(page) == "q"
        await page.keyboard.type("minustah")
        async with page.expect_navigation():
            await page.keyboard.press("Enter")
        await walker.watch.look(page)
        await expect(page.locator("h2#found-missions")).to_have_count(1)

        await page.locator("button[popovertarget=keys]").first.click()
        await page.locator("[data-keys]").uncheck()
        await page.keyboard.press("Escape")
        for key in ("Control+k", "/"):
            await page.keyboard.press(key)
            assert await focused(page) != "q", f"{key} is switched off"
