"""The pages of calendar addresses as a browser without scripts uses them, and the address in one answer alone."""

from __future__ import annotations

import re
from html import unescape
from typing import Any

import httpx
import pytest

from auth.secrets import session_cookie
from auth.sessions import Origin, open_session
from core.context import Assurance, Ctx
from core.database.sessions import tenant_session
from core.ids import new_id
from tests.core.calendars.conftest import Desk, events, kinds
from tests.http.ring import fields_of, main_of

pytestmark = pytest.mark.http

SHOWN = re.compile(r'<p class="once"><code>([^<]+)</code>')


async def signed_in(desk: Desk, ctx: Ctx) -> httpx.AsyncClient:
    """Return the browser of whoever acts in ``ctx``."""
    assembly = desk.world.cast.assembly
    origin = Origin(provider_id=new_id(assembly.clock), issuer="https://id.example")
    async with tenant_session(ctx) as session:
        made: Any = await open_session(
            session,
            assembly.clock,
            assembly.settings,
            ctx.scope,
            seat_id=ctx.actor.id,
            origin=origin,
            assurance=Assurance(assembly.clock.now()),
        )
    client = desk.client()
    client.cookies.set(session_cookie(ctx.scope.slug), made[1])
    return client


async def send(browser: httpx.AsyncClient, page: str, to: str, **values: str) -> httpx.Response:
    """Send a form of ``page``, with what it holds unseen."""
    shown = await browser.get(page)
    assert shown.status_code == 200, shown.text
    return await browser.post(f"{page}{to}", data=fields_of(shown) | values)


async def test_an_officer_makes_an_address_reads_it_and_revokes_it(desk: Desk) -> None:
    ctx = await desk.member((await desk.officer_at("ordered"))[0])
    page = f"/en/{ctx.scope.slug}/calendars"
    async with await signed_in(desk, ctx) as browser:
        made = await send(browser, page, "/own", label="Telephone", language="fr")
        assert made.status_code == 200, made.text
        (url,) = (unescape(one) for one in SHOWN.findall(made.text))
        assert made.headers["cache-control"] == "private, no-store"
        assert f'href="webcal://{url.partition("://")[2]}"' in unescape(made.text)
        assert kinds(events((await desk.fetch(url)).content)) == ["Début de l’affectation", "Fin de l’affectation"]
        listed = main_of(await browser.get(page))
        assert "Telephone" in listed
        assert url not in listed
        (revoke,) = re.findall(r"/calendars/([0-9a-f-]{36})/revoke", listed)
        gone = await send(browser, page, f"/{revoke}/revoke")
        assert (gone.status_code, gone.headers["location"]) == (303, page)
        assert "never fetched" not in main_of(await browser.get(page))
    assert (await desk.fetch(url)).status_code == 404


async def test_a_form_that_is_refused_is_shown_again_with_what_is_wrong(desk: Desk) -> None:
    ctx = await desk.newcomer("coordinator")
    page = f"/fr/{ctx.scope.slug}/calendars"
    async with await signed_in(desk, ctx) as browser:
        wrong = await send(browser, page, "/missions", label="", mission_id=str(desk.world.mission), language="fr")
        assert wrong.status_code == 422
        assert SHOWN.findall(wrong.text) == []
        assert 'aria-invalid="true"' in main_of(wrong)
        made = await send(browser, page, "/missions", label="Mur", mission_id=str(desk.world.mission), language="fr")
        assert len(SHOWN.findall(made.text)) == 1


async def test_who_looks_after_the_service_finds_it_and_revokes_it_with_a_reason(desk: Desk) -> None:
    member = await desk.member(desk.officer())
    made, administrator = await desk.own(member), await desk.newcomer("administrator")
    page = f"/en/{administrator.scope.slug}/calendars/all"
    async with await signed_in(desk, administrator) as browser:
        found = await browser.get(page, params={"q": member.actor.name})
        assert f"/calendars/all/{made.address.id}" in main_of(found)
        gone = await send(browser, f"{page}/{made.address.id}", "/revoke", reason="Lost.")
        assert gone.status_code == 303
        assert (await browser.get(f"{page}/{made.address.id}")).status_code == 404
    assert (await desk.fetch(made.url)).status_code == 404
