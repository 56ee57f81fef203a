"""Saved views: a list's address under a name, for one person alone."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from urllib.parse import quote

import httpx
import pytest

from auth.roles import EVERYBODY
from core.audit.models import AuditLine
from core.clock import ManualClock
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import ContingentError, Invalid, NotFound, Refused
from core.lists import service
from core.lists.lifecycle import VIEW_KEEP
from core.lists.schemas import ListViews, SaveView, ViewOut
from core.lists.service import list_views, remove_view, restore_view, save_view
from core.personnel.lifecycle import OFFICER_READ
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.core.lists.conftest import Desk
from tests.http.ring import fields_of, main_of
from tests.platform import Platform
from tests.way import AGENCY

pytestmark = pytest.mark.http

LISTED = "/officers?q=%C3%A9&status=all"


@pytest.fixture
async def keeper(platform: Platform, desk: Desk) -> Ctx:
    """Somebody of a fresh service who may read officers; the lists are known, because the application is made."""
    return platform.ctx(await platform.agency(), OFFICER_READ, VIEW_KEEP)


async def saved(ctx: Ctx, name: str = "Mine", address: str = LISTED) -> ViewOut:
    return await execute(save_view, ctx, SaveView(name=name, address=address))


async def names(ctx: Ctx, path: str | None = None) -> list[str]:
    found = (await execute(list_views, ctx, ListViews(path=path))).views
    return [one.name for one in found if not one.removed]


async def send(browser: httpx.AsyncClient, page: httpx.Response, path: str, **fields: str) -> httpx.Response:
    return await browser.post(path, data=fields_of(page) | fields)


async def test_a_view_is_saved_found_on_its_list_removed_and_brought_back_without_a_script(desk: Desk) -> None:
    home = f"/en/{AGENCY}"
    async with await desk.browser(AGENCY, "coordinator") as browser:
        page = await browser.get(f"{home}/officers?q=%C3%A9&status=all&after=&format=")
        answer = await send(browser, page, f"{home}/views", name="<b>Acute</b>", address=LISTED)
        assert (answer.status_code, answer.headers["location"]) == (303, f"{home}{LISTED}")
        page = await browser.get(answer.headers["location"])
        assert "&lt;b&gt;Acute&lt;/b&gt;" in main_of(page)
        assert "<b>Acute" not in main_of(page)
        assert f'href="{home}{LISTED}"' in unescape(main_of(page))
        assert 'aria-current="page"' in main_of(page)
        french = await browser.get(f"/fr/{AGENCY}/officers")
        assert f'href="/fr/{AGENCY}{LISTED}"' in unescape(main_of(french))
        removal = main_of(page).split(f'action="{home}/views/')[1].split('"')[0]
        answer = await send(browser, page, f"{home}/views/{removal}")
        assert answer.headers["location"] == f"{home}/officers"
        page = await browser.get(answer.headers["location"])
        assert f'href="{home}{LISTED}"' not in unescape(main_of(page))
        undo = main_of(page).split(f'action="{home}/views/')[1].split('"')[0]
        assert undo == removal.replace("/removal", "/restoration")
        answer = await send(browser, page, f"{home}/views/{undo}")
        assert answer.headers["location"] == f"{home}{LISTED}"
        assert "Acute" in main_of(await browser.get(f"{home}/views"))


async def test_a_refused_view_is_shown_again_with_what_was_entered(desk: Desk) -> None:
    home = f"/fr/{AGENCY}"
    async with await desk.browser(AGENCY, "coordinator") as browser:
        page = await browser.get(f"{home}/officers")
        for _ in range(2):
            answer = await send(browser, page, f"{home}/views", name="Deux fois", address="/officers")
            page = await browser.get(f"{home}/officers")
        assert answer.status_code == 422
        assert "choisissez un autre nom" in main_of(answer)
        assert 'value="Deux fois"' in main_of(answer)
        assert 'name="address" value="/officers"' in main_of(answer)


async def test_only_the_person_who_saved_it_has_it(platform: Platform, keeper: Ctx) -> None:
    view = await saved(keeper)
    colleague = platform.ctx(keeper.scope, OFFICER_READ, VIEW_KEEP)
    stranger = platform.ctx(await platform.agency(), OFFICER_READ, VIEW_KEEP, seat=keeper.actor.id)
    for other in (colleague, stranger):
        assert await names(other) == []
        for case in (remove_view, restore_view):
            with pytest.raises(NotFound):
                await execute(case, other, ById(str(view.id)))
        assert (await saved(other)).name == "Mine"
    assert await names(keeper) == ["Mine"]


@pytest.mark.parametrize(
    "address",
    [
        "/officers/new",
        "/views",
        "/search?q=x",
        "/nowhere",
        "officers",
        "//evil.example/officers",
        "https://evil.example/officers",
        "/officers#part",
        "/officers/../audit",
        "/nominations",  # a list that this person may not open
        "/tours/on-peel/1",
        "/queue",  # a list of another kind of scope
        "/[",
        "http://[/officers",
        "javascript:alert(1)",
    ],
)
async def test_nothing_but_a_list_of_ones_own_is_saved(keeper: Ctx, address: str) -> None:
    with pytest.raises(Invalid) as refused:
        await saved(keeper, address=address)
    assert [fault.pointer for fault in refused.value.faults] == ["/address"]
    assert await names(keeper) == []


@pytest.mark.parametrize(
    ("address", "kept"),
    [
        ("/officers", "/officers"),
        ("/officers?", "/officers"),
        ("/officers?status=all&q=&after=3&limit=9&format=csv&_token=x", "/officers?status=all"),
        ("/officers?status=all&q=b", "/officers?q=b&status=all"),
        (f"/officers?q={quote('a&b=c#é')}", f"/officers?q={quote('a&b=c#é', safe='')}"),
    ],
)
async def test_an_address_is_kept_without_its_page_and_its_format(keeper: Ctx, address: str, kept: str) -> None:
    assert (await saved(keeper, address=address)).address == kept


async def test_a_name_is_needed_and_is_one_s_own_only_once_a_list(keeper: Ctx) -> None:
    with pytest.raises(Invalid):
        await saved(keeper, name="   ")
    await saved(keeper, name="Late  ones ")
    assert await names(keeper) == ["Late ones"]
    with pytest.raises(Invalid):
        await saved(keeper, name="Late ones", address="/officers?status=left")
    first = (await execute(list_views, keeper, ListViews())).views[0]
    await execute(remove_view, keeper, ById(str(first.id)))
    await saved(keeper, name="Late ones")
    with pytest.raises(Invalid):
        await execute(restore_view, keeper, ById(str(first.id)))
    assert await names(keeper, "/officers") == ["Late ones"]
    assert await names(keeper, "/tours") == []


async def test_a_removal_can_be_undone_for_fifteen_minutes(platform: Platform, keeper: Ctx) -> None:
    view = await saved(keeper)
    for _ in range(2):  # a double click
        assert (await execute(remove_view, keeper, ById(str(view.id)))).removed
    assert (await execute(restore_view, keeper, ById(str(view.id)))).removed is False
    assert (await execute(restore_view, keeper, ById(str(view.id)))).removed is False
    await execute(remove_view, keeper, ById(str(view.id)))
    later = ManualClock(platform.clock.now() + service.UNDO)
    after = platform.ctx(keeper.scope, OFFICER_READ, VIEW_KEEP, seat=keeper.actor.id)
    object.__setattr__(after, "clock", later)
    assert (await execute(list_views, after, ListViews())).views == []
    with pytest.raises(NotFound):
        await execute(restore_view, after, ById(str(view.id)))
    assert timedelta(minutes=15) == service.UNDO, "the notice says so"


async def test_there_is_an_end_to_how_many_one_keeps(keeper: Ctx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(service, "MOST", 2)
    for name in ("One", "Two"):
        await saved(keeper, name=name)
    with pytest.raises(Refused):
        await saved(keeper, name="Three")


async def test_a_view_of_a_list_that_is_no_longer_ones_to_open_is_not_shown(platform: Platform, keeper: Ctx) -> None:
    view = await saved(keeper)
    lesser = platform.ctx(keeper.scope, VIEW_KEEP, seat=keeper.actor.id)
    assert await names(lesser) == []
    with pytest.raises(ContingentError):
        await execute(remove_view, lesser, ById(str(view.id)))


async def test_everybody_keeps_views_and_the_log_says_nothing_of_it(keeper: Ctx) -> None:
    assert VIEW_KEEP in EVERYBODY
    await saved(keeper)
    async with tenant_session(keeper, read_only=True) as session:
        assert await session.get(AuditLine, (keeper.scope.id, keeper.actor.id)) is None
