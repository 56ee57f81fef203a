"""The habits of every list there is, whichever room it belongs to: nothing here names one of them."""

from __future__ import annotations

import re

import httpx
import pytest

from core.context import SCOPE_KINDS, Scope
from core.database.sessions import tenant_session
from core.missions.models import Mission
from core.use_cases.listings import LISTINGS
from core.web.pages import Page
from tests.http.land import Whole, page_address
from tests.http.ring import main_of

pytestmark = pytest.mark.http

NOTHING = "zzqxzzqx"
FILTERS = re.compile(r'<form class="filters".*?</form>', re.DOTALL)
CHOICE = re.compile(r'<select[^>]* name="(\w+)"')


async def lists_of(whole: Whole, kind: str) -> list[Page]:
    return [page for page in whole.pages if kind in page.pages.scopes and page.listing is not None]


async def scope_of(whole: Whole, kind: str) -> Scope:
    """Return a scope of ``kind`` without rows of its own; a mission's has the mission itself."""
    scope = await whole.scope(kind)  # type: ignore[arg-type]
    if kind == "mission":
        ctx = whole.ring.platform.ctx(whole.ring.platform.program)
        async with tenant_session(ctx) as session:
            session.add(
                Mission(
                    tenant_id=ctx.scope.id, id=scope.id, acronym_en=scope.slug, acronym_fr=scope.slug, name_en="M",
                    name_fr="M", organization="UN", country="HT", seat="Nowhere", latitude=1.0, longitude=1.0,
                    languages=["en"], armed=False, authorized=9, state="active", starts_on=ctx.today,
                    published_at=ctx.clock.now(), created_at=ctx.clock.now(),
                )
            )  # fmt: skip
    return scope


async def opened(browser: httpx.AsyncClient, scope: Scope, page: Page, query: str = "") -> httpx.Response:
    answer = await browser.get(page_address(scope, page.pattern) + query)
    assert answer.status_code == 200, f"{page.pattern}{query}: {answer.status_code}"
    return answer


@pytest.mark.parametrize("kind", SCOPE_KINDS)
async def test_every_list_keeps_its_habits(whole: Whole, kind: str) -> None:
    scope = await scope_of(whole, kind)
    async with whole.browser(scope, *whole.permissions) as browser:
        for page in await lists_of(whole, kind):
            answer = await opened(browser, scope, page)
            here = page.pattern
            assert 'class="skip" href="#listed"' in answer.text, f"{here}: a skip link leads to the list"
            assert 'id="listed"' in answer.text, f"{here}: a skip link leads to the list"
            assert f'name="address" value="{here}"' in main_of(answer), f"{here}: its view can be saved"
            assert re.search(r'class="(?:empty|rows)"', main_of(answer)), f"{here}: it says that it is empty"
            for ending, media in (("csv", "text/csv"), ("xlsx", "application/vnd.openxml")):
                assert f"{here}?format={ending}" in main_of(answer), f"{here}: it can be had as {ending}"
                file = await opened(browser, scope, page, f"?format={ending}")
                assert file.headers["content-type"].startswith(media), here


@pytest.mark.parametrize("kind", SCOPE_KINDS)
async def test_every_list_that_is_searched_narrows_by_words_and_prints_them(whole: Whole, kind: str) -> None:
    scope = await scope_of(whole, kind)
    async with whole.browser(scope, *whole.permissions) as browser:
        for page in await lists_of(whole, kind):
            if page.listing is None or page.listing.search is None:
                continue
            query = "".join(f"&{name}={value}" for name, value in page.listing.search.items())
            answer = main_of(await opened(browser, scope, page, f"?q={NOTHING}{query}&limit=6"))
            assert 'class="rows"' not in answer, f"{page.pattern}: it does not look for words"
            assert 'name="q"' in answer, f"{page.pattern}: it has no field for words"
            printed = answer.split('class="printed">')[1].split("</p>")[0]
            assert NOTHING in printed, page.pattern
            file = await opened(browser, scope, page, f"?q={NOTHING}{query}&format=csv")
            assert NOTHING in file.text, f"{page.pattern}: the file says by which words"


async def test_every_list_is_known_by_its_address(whole: Whole) -> None:
    for page in whole.pages:
        for kind in page.pages.scopes:
            known = LISTINGS.get((kind, page.pattern))
            assert (known is not None) == (page.listing is not None), page.pattern


async def test_every_page_that_looks_like_a_list_says_that_it_is_one(whole: Whole) -> None:
    forgotten = set()
    for kind in SCOPE_KINDS:
        scope = await whole.scope(kind)
        async with whole.browser(scope, *whole.permissions) as browser:
            for page in whole.pages:
                if kind not in page.pages.scopes or "{" in page.pattern or page.listing is not None:
                    continue
                answer = await browser.get(page_address(scope, page.pattern))
                if 'id="listed"' in answer.text:
                    forgotten.add(page.pattern)
    assert forgotten == set()


@pytest.mark.parametrize("kind", SCOPE_KINDS)
async def test_a_filter_set_to_what_there_is_not_says_so_in_words(whole: Whole, kind: str) -> None:
    scope = await scope_of(whole, kind)
    async with whole.browser(scope, *whole.permissions) as browser:
        for page in await lists_of(whole, kind):
            filters = FILTERS.search(main_of(await opened(browser, scope, page)))
            for name in CHOICE.findall(filters[0] if filters else ""):
                answer = await browser.get(page_address(scope, page.pattern, language="fr") + f"?{name}={NOTHING}")
                here, main = f"{page.pattern}?{name}", main_of(answer)
                assert answer.status_code == 200, here
                assert re.search("avait une valeur inconnue ici|a une valeur inconnue ici", main), here
                assert f">{NOTHING}" not in main, f"{here}: what was asked for is shown as if it were one"
                assert (await opened(browser, scope, page, f"?{name}={NOTHING}&format=csv")).status_code == 200, here
