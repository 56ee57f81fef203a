"""One officer's whole way through the pages: from a mission's call to the closed return file, a year and a half."""

from __future__ import annotations

from pathlib import Path

import pytest
from playwright.async_api import Browser

from core.context import Language
from tests.journeys.stage import Stage
from tests.journeys.walking import Company, Watch
from tests.journeys.way import Way

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "agency", "scripts"), [("en", "on-durham", True), ("fr", "qc-saguenay", False)])
async def test_an_officer_goes_and_comes_home(  # noqa: PLR0917 - what parametrize gives, and fixtures
    browser: Browser, stage: Stage, tmp_path: Path, language: Language, agency: str, scripts: bool
) -> None:
    watch = Watch(glass=None if scripts else await browser.new_page())
    way = Way(stage, Company(browser, stage.address, language, watch, scripts), agency, tmp_path)
    before = await way.strength()
    await way.call_is_opened()
    await way.workers_are_loaded()
    await way.officer_is_interested()
    await way.coordinator_nominates()
    await way.service_approves()
    await way.nomination_is_sent()
    await way.ipob_selects()
    await way.tour_is_ordered()
    assert await way.strength() == before
    await way.officer_leaves()
    assert await way.strength() == before + 1
    await way.return_is_prepared()
    await way.officer_comes_home()
    assert await way.strength() == before
    await way.milestones_are_done()
    await way.file_is_closed()
    assert len(watch.seen) > 100
