"""Every figure of the dashboard can be had as a file of exactly what is drawn."""

from __future__ import annotations

import csv
import io
import re
from html import unescape

import pytest

from core.context import LANGUAGES, Language
from tests.http.land import Whole
from tests.http.ring import main_of

pytestmark = pytest.mark.http

FIGURES = {"missions", "map", "timeline", "contributions", "funnel"}
PATH = re.compile(r'href="([^"]*format=(?:csv|xlsx)[^"]*)"')


def rows_of(text: str, language: Language) -> list[list[str]]:
    """Return the rows of a file up to its notes, without the heading."""
    lines = csv.reader(io.StringIO(text.lstrip("\ufeff")), delimiter=";" if language == "fr" else ",")
    rows = list(lines)
    return rows[1 : rows.index([])]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("day", ["", "&as_of=2026-05-05"])
async def test_each_figure_is_a_file_of_its_own(whole: Whole, language: Language, day: str) -> None:
    scope = await whole.scope("program")
    async with whole.ring.browser(scope, "dashboard.read") as analyst:
        page = await analyst.get(f"/{language}/{scope.slug}/?agencies=all{day}")
        assert page.status_code == 200, page.text[:400]
        files: dict[str, dict[str, str]] = {}
        for path in map(unescape, PATH.findall(main_of(page))):
            table = re.search(r"table=(\w+)", path)
            assert table is not None, path
            answer = await analyst.get(path)
            assert answer.status_code == 200, path
            ending = "csv" if "format=csv" in path else "xlsx"
            assert f"{table[1]}-" in answer.headers["content-disposition"]
            files.setdefault(table[1], {})[ending] = answer.text if ending == "csv" else ""
    assert set(files) == FIGURES - ({"funnel"} if day else set()), "another day has no funnel"
    assert all(set(endings) == {"csv", "xlsx"} for endings in files.values())
    totals = {
        name: rows_of(files[name]["csv"], language)[-1][place]
        for name, place in (("missions", 1), ("map", 2), ("contributions", -1))
    }
    assert len(set(totals.values())) == 1, totals
    for endings in files.values():
        assert not day or "2026-05-05" in endings["csv"], "the day is printed with the file"


async def test_a_table_that_is_not_on_the_page_is_not_found(whole: Whole) -> None:
    scope = await whole.scope("program")
    async with whole.ring.browser(scope, "dashboard.read") as analyst:
        answer = await analyst.get(f"/en/{scope.slug}/?table=elsewhere&format=csv")
        assert answer.status_code == 404


@pytest.mark.parametrize("day", ["2030-01-01", "9999-12-31", "0001-01-01", "1988-12-31", "2026-02-30", "soon"])
async def test_a_day_that_cannot_be_says_so(whole: Whole, day: str) -> None:
    scope = await whole.scope("program")
    async with whole.ring.browser(scope, "dashboard.read") as analyst:
        for path in ("", "timeline"):
            page = await analyst.get(f"/en/{scope.slug}/{path}?as_of={day}")
            assert page.status_code == 422, page.text[:400]
            assert "As of" in main_of(page)


@pytest.mark.parametrize("path", ["", "timeline", "strength"])
async def test_a_picture_of_a_mission_that_there_is_not_says_so(whole: Whole, path: str) -> None:
    scope = await whole.scope("program")
    async with whole.ring.browser(scope, "dashboard.read", "strength.read") as analyst:
        page = main_of(await analyst.get(f"/en/{scope.slug}/{path}?mission=zzqx"))
    assert "“Mission” is set to a value that is not known here: choose another." in page
    assert re.search(r'<option value="zzqx" selected>\s*Not known here', page)
