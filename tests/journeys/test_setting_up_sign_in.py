"""An administrator adds a provider, tests it in a second window, puts it in force and lets the old one go."""

from __future__ import annotations

import pytest
from playwright.async_api import Browser, expect

from contingent.demo.issuers import client_id, issuer_name
from core.context import Language
from tests.journeys.stage import Stage
from tests.journeys.walking import TELEPHONE, Company, Walker, Watch, administrators

pytestmark = pytest.mark.browser

AGENCIES: dict[Language, str] = {"en": "on-durham", "fr": "qc-saguenay"}


def card(name: str) -> str:
    """Return where a card of the page is."""
    return f"section[aria-labelledby={name}]"


def providers(stage: Stage) -> str:
    """Return the origin of the demonstration's providers, which is another one than the application's."""
    return stage.address.replace("localhost", "127.0.0.1")


async def sign_in_beside(walker: Walker, subject: str) -> None:
    """Make a test sign-in in a window of its own, as somebody would, and close it."""
    async with walker.page.context.expect_page() as opening:
        await walker.page.locator("a[target=_blank]").click()
    second = await opening.value
    walker.watch.over(second)
    async with second.expect_navigation():
        await second.locator(f"button[name=person][value='{subject}']").click()
    await second.wait_for_url("**/tested")
    await walker.watch.look(second)
    await expect(second.locator("main .note.ok")).to_have_count(1)
    await second.close()


@pytest.mark.parametrize(("language", "scripts", "width"), [("en", True, 1440), ("fr", False, TELEPHONE)])
async def test_from_an_address_to_the_one_provider_in_force(
    browser: Browser, stage: Stage, language: Language, scripts: bool, width: int
) -> None:
    agency = AGENCIES[language]
    who, other = administrators(agency)
    glass = None if scripts else await browser.new_page()
    company = Company(browser, stage.address, language, Watch(glass=glass), scripts=scripts)
    async with company.acting(who, width) as walker, company.acting(other) as colleague:
        page = walker.page
        await walker.open("/people/break-glass")
        await walker.send("/people/break-glass", custodian="Chief’s safe", reason="The day nobody can sign in.")
        for one in (walker, colleague):
            await one.open("/people/break-glass")
            await one.send("/half")
        await walker.open("/sign-in")
        await walker.follow("/sign-in/new")
        await walker.send(
            "/sign-in/new",
            name="Annuaire 2027",
            issuer=f"{providers(stage)}/idp/{issuer_name(agency)}/.well-known/openid-configuration",
            client_id=client_id(agency),
            client_auth="none",
            algorithm="ES256",
        )
        home = page.url.split("/sign-in/", 1)[1]
        await walker.press(page.locator(f"{card('checks')} form button"))
        await expect(page.locator(f"{card('checks')} li.bad")).to_have_count(0)
        assert await page.locator(f"{card('checks')} li.ok").count() >= 8

        await sign_in_beside(walker, who.subject)
        async with page.expect_navigation():
            await page.locator(f"{card('test')} a.btn:not([target])").click()
        await walker.watch.look(page)
        assert "contingent-" in await walker.text(), "what was received is shown"
        await walker.send("/step", step="confirm")
        await walker.send("/step", step="enforce", reason="Nous changeons d’annuaire.")
        await expect(page.locator(f"{card('leave')} li.ok")).to_have_count(1)

        # While both are on, whoever signs in chooses between them by name.
        await page.context.clear_cookies()
        await page.goto(f"{walker.home}/")
        await walker.watch.look(page)
        async with page.expect_navigation():
            await page.locator("a.tile", has_text="Annuaire 2027").click()
        async with page.expect_navigation():
            await page.locator(f"button[name=person][value='{who.subject}']").first.click()

        await walker.open("/sign-in")
        old = page.locator("main .row a[href*='/sign-in/']").filter(has_not_text="Annuaire 2027")
        async with page.expect_navigation():
            await old.first.click()
        await walker.watch.look(page)
        assert home not in page.url
        await walker.send("/step", step="retire", reason="Il est remplacé.")
        await walker.send("/step", step="switch_off", reason="Il est remplacé.")
        assert await page.locator("main .chip.idle").count() == 1
        await page.context.clear_cookies()
        await page.goto(f"{walker.home}/")
        assert await page.locator("button[name=person]").count() > 0, "there is nothing left to choose"
