"""One officer's whole way through the pages: from a mission's call to the closed return file, a year and a half."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path

import pytest
from playwright.async_api import Browser

from core.context import Language
from tests.journeys.board import Board, watching
from tests.journeys.stage import Stage
from tests.journeys.walking import Company, Watch
from tests.journeys.way import COMES_HOME, LEAVES, Way

pytestmark = pytest.mark.browser


@pytest.mark.parametrize(("language", "agency", "scripts"), [("en", "on-durham", True), ("fr", "qc-saguenay", False)])
async def test_an_officer_goes_and_comes_home(  # noqa: PLR0917 - what parametrize gives, and fixtures
    browser: Browser, stage: Stage, tmp_path: Path, language: Language, agency: str, scripts: bool
) -> None:
    watch = Watch(glass=None if scripts else await browser.new_page())
    way = Way(stage, Company(browser, stage.address, language, watch, scripts), agency, tmp_path, paper=not scripts)
    async with watching(stage, way.company, way.mission) as board:
        await walk(stage, way, board)
    assert len(watch.seen) > 100


async def walk(stage: Stage, way: Way, board: Board) -> None:
    """Go the whole way; after each step IPOB's dashboard shows it, in every figure that tells of it."""
    await way.call_is_opened()
    await board.shows(vacancies=1)
    await way.workers_are_loaded()
    await way.officer_is_interested()
    await way.coordinator_nominates()
    await way.service_approves()
    await board.shows()
    await way.nomination_is_sent()
    await board.shows(vacancies=0, to_screen=1, funnel=[1, 0, 0, 0, 0, 0])
    await way.ipob_selects(lambda step: board.shows(to_screen=0, funnel=[1] * (step + 1) + [0] * (5 - step)))
    await way.tour_is_ordered()
    await board.shows(funnel=[0] * 6, arriving=1, timeline=["plan"])
    await stage.go_to(LEAVES)
    await board.shows(departing=1)
    await way.officer_leaves()
    await board.shows(departing=0, arriving=0, deployed=1, map=1, missions=1, heat=1, timeline=["done"])
    await stage.go_to(COMES_HOME - timedelta(days=20))
    await board.shows(returning=1, late=1)
    await way.return_is_prepared()
    await board.shows(late=0)
    await stage.go_to(COMES_HOME)
    await way.officer_comes_home()
    await board.shows(deployed=0, returning=0, map=0, missions=0, heat=0, timeline=["home"])
    await way.milestones_are_done()
    await way.file_is_closed()
    await board.shows(timeline=[])
