"""The style guide in Chromium: axe, no sideways scroll, no violation of the policy, and what the script adds."""

from __future__ import annotations

import threading
from collections.abc import AsyncIterator, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest
from axe_playwright_python.async_playwright import Axe
from playwright.async_api import Browser, Page, async_playwright

from core.context import Language
from core.web.assets import PREFIX, by_address
from core.web.environment import render
from core.web.protection import POLICY
from core.web.styleguide import sample, sample_page

pytestmark = pytest.mark.browser

CHROMIUM = "/usr/bin/chromium"
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
DESK, TABLET, TELEPHONE, NARROWEST = 1440, 820, 390, 320


class Site(BaseHTTPRequestHandler):
    """Serves the style guide and the assets as the application does; POST answers what a fragment asks for."""

    posted = 0

    def do_GET(self) -> None:
        if self.path.startswith(PREFIX):
            one = by_address()[self.path.removeprefix(PREFIX)]
            self.answer(one.body, one.media_type)
            return
        language: Language = "fr" if self.path.startswith("/fr") else "en"
        page = sample_page(language)
        html = render("styleguide.html", page, sample(language), fragment=self.headers.get("X-Fragment"))
        self.answer(html.encode(), "text/html; charset=utf-8")

    def do_POST(self) -> None:
        type(self).posted += 1
        self.rfile.read(int(self.headers["content-length"]))
        threading.Event().wait(0.5)
        self.do_GET()

    def answer(self, body: bytes, media_type: str) -> None:
        self.send_response(200)
        self.send_header("content-type", media_type)
        self.send_header("content-length", str(len(body)))
        self.send_header("content-security-policy", POLICY)
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, format: str, *arguments: Any) -> None:  # noqa: A002 - the name it overrides
        """Keep quiet."""


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Site)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()
    thread.join()


@pytest.fixture(scope="module")
async def browser() -> AsyncIterator[Browser]:
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=CHROMIUM, args=ARGUMENTS)
        yield browser
        await browser.close()


async def opened(browser: Browser, address: str, width: int = DESK, **options: Any) -> tuple[Page, list[str]]:
    page = await browser.new_page(viewport={"width": width, "height": 900}, **options)
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    await page.goto(address)
    return page, said


@pytest.mark.parametrize("width", [DESK, TELEPHONE])
@pytest.mark.parametrize("language", ["en", "fr"])
async def test_axe_finds_nothing_and_the_policy_is_kept(
    browser: Browser, address: str, language: str, width: int
) -> None:
    page, said = await opened(browser, f"{address}/{language}/qc-spl/styleguide", width)
    await page.evaluate("document.querySelectorAll('details:not(.ask)').forEach((one) => { one.open = true; })")
    results = (await Axe().run(page)).response
    assert [(one["id"], [node["html"] for node in one["nodes"]]) for one in results["violations"]] == []
    assert [line for line in said if "Content Security Policy" in line or "Trusted" in line] == []
    await page.close()


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_nothing_scrolls_sideways_on_the_narrowest_screen(browser: Browser, address: str, language: str) -> None:
    page, _ = await opened(browser, f"{address}/{language}/qc-spl/styleguide", NARROWEST)
    assert await page.evaluate("document.documentElement.scrollWidth") == NARROWEST
    await page.close()


@pytest.mark.parametrize("width", [DESK, TABLET, TELEPHONE])
async def test_a_panel_that_opens_stays_on_the_page_without_a_script(
    browser: Browser, address: str, width: int
) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide", width, java_script_enabled=False)
    await page.evaluate("document.querySelectorAll('details.ask').forEach((one) => { one.open = true; })")
    assert await page.locator(".between .panel, .row .panel").count() > 2
    outside = await page.evaluate(
        """() => [...document.querySelectorAll(".panel")].map((one) => one.getBoundingClientRect())
          .filter((box) => box.left < 0 || box.right > document.documentElement.clientWidth).length"""
    )
    assert outside == 0
    assert await page.evaluate("document.documentElement.scrollWidth") == width
    await page.close()


async def test_everything_that_is_pressed_is_large_enough(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide", TELEPHONE)
    small = await page.evaluate(
        """() => [...document.querySelectorAll("button,summary,select,input:not([type=hidden]),a.btn,.side a,.top a")]
          .filter((one) => one.checkVisibility())
          .map((one) => [one.outerHTML.slice(0, 80), one.getBoundingClientRect()])
          .filter(([, box]) => box.width > 1 && (box.height < 24 || box.width < 24)).map(([html]) => html)"""
    )
    assert small == []
    await page.close()


async def test_text_in_figures_is_twelve_pixels_at_any_width(browser: Browser, address: str) -> None:
    for width in (DESK, TELEPHONE):
        page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide", width)
        heights = await page.evaluate(
            """() => [...document.querySelectorAll("svg.plan text, svg.world .count, svg.drawing text")]
              .map((one) => one.getScreenCTM().d * parseFloat(getComputedStyle(one).fontSize))"""
        )
        assert heights
        assert set(heights) == {12}
        await page.close()


async def test_everything_is_there_without_javascript(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide", java_script_enabled=False)
    await page.get_by_text("Cancel the call", exact=True).first.click()
    assert await page.get_by_label("Reason", exact=True).is_visible()
    assert not await page.get_by_placeholder("Narrow the rows").is_visible()
    assert await page.get_by_role("button", name="Apply").is_visible()
    await page.close()


async def test_the_navigation_opens_on_a_telephone_without_javascript(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide", TELEPHONE, java_script_enabled=False)
    assert not await page.get_by_role("link", name="Audit log").is_visible()
    await page.get_by_role("button", name="Menu").click()
    assert await page.get_by_role("link", name="Audit log").is_visible()
    await page.close()


async def test_rows_are_narrowed_while_typing_and_accents_do_not_matter(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/fr/qc-spl/styleguide")
    await page.get_by_placeholder("Restreindre les lignes").fill("djoubÀ")
    rows = page.locator("#missions tbody tr")
    assert [await row.is_visible() for row in await rows.all()] == [False, False, True, False]
    await page.close()


async def test_shortcuts_work_and_can_be_switched_off(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide")
    await page.locator("h1").click()
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") == "q"
    await page.locator("h1").click()
    await page.keyboard.press("?")
    await page.get_by_label("Use shortcuts on this device").uncheck()
    await page.reload()
    await page.locator("h1").click()
    await page.keyboard.press("/")
    assert await page.evaluate("document.activeElement.id") != "q"
    await page.close()


async def test_a_form_sent_twice_is_sent_once(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide")
    before = Site.posted
    button = page.get_by_role("button", name="Open the call")
    async with page.expect_navigation(wait_until="networkidle"):
        await button.evaluate("(one) => { one.click(); one.click(); }")
    assert Site.posted == before + 1
    await page.close()


async def test_a_part_of_the_page_is_replaced_and_the_address_follows(browser: Browser, address: str) -> None:
    page, said = await opened(browser, f"{address}/en/qc-spl/styleguide")
    await page.evaluate(
        """() => { const link = document.createElement("a"); link.href = "?tab=others"; link.dataset.swap = "page";
             link.id = "swapper"; link.textContent = "swap"; document.querySelector("main").append(link);
             window.kept = true; }"""
    )
    await page.locator("#swapper").click()
    await page.wait_for_url("**?tab=others")
    await page.wait_for_function("!document.getElementById('swapper')")
    assert await page.evaluate("window.kept") is True
    assert await page.title() == "Style guide – Contingent"
    assert [line for line in said if "Trusted" in line or "Error" in line] == []
    await page.close()


async def test_the_first_fault_of_a_form_has_the_focus(browser: Browser, address: str) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide")
    assert "alert bad" in await page.evaluate("document.activeElement.className")
    await page.get_by_role("link", name="Title in English").click()
    assert await page.evaluate("document.activeElement.name || location.hash.slice(1)") in ("title", "f-b-title")
    await page.close()


@pytest.mark.parametrize("media", [{"forced_colors": "active"}, {"reduced_motion": "reduce"}, {"media": "print"}])
async def test_other_ways_of_showing_keep_the_content(browser: Browser, address: str, media: dict[str, Any]) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide")
    await page.emulate_media(**media)
    assert await page.get_by_role("heading", name="Style guide").is_visible()
    if "media" in media:
        assert not await page.locator("nav.side").is_visible()
        assert not await page.get_by_role("button", name="Apply").is_visible()
    await page.close()


async def test_on_paper_a_form_is_what_it_holds_and_one_for_something_new_is_left_out(
    browser: Browser, address: str
) -> None:
    page, _ = await opened(browser, f"{address}/en/qc-spl/styleguide")
    await page.emulate_media(media="print")
    assert not await page.locator(".form.new").first.is_visible()
    kept = page.locator(".form:not(.new)")
    held = kept.locator("#f-b-starts_on")
    assert await held.is_visible()
    assert await held.evaluate("(one) => getComputedStyle(one).borderWidth") == "0px"
    assert not await kept.locator("#f-b-note").is_visible(), "it is empty"
    assert not await kept.get_by_role("button").is_visible()
    await page.close()
