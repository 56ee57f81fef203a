"""The chooser, and the pages on people and roles, in both languages, as a browser gets them."""

from __future__ import annotations

import re
from datetime import date

import pytest

from auth.secrets import LAST_COOKIE
from core.approvals.schemas import DelegateIn
from core.approvals.service import delegate
from core.context import Scope
from core.use_cases.execution import execute
from tests.auth.rig import Browser, Rig


async def administrator(rig: Rig) -> tuple[Scope, Browser]:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    return scope, browser


def token_of(page: str) -> str:
    found: list[str] = re.findall(r"name=\"_token\" value=\"([^\"]+)", page)
    return found[-1]


@pytest.mark.parametrize(("language", "title"), [("en", "Sign in"), ("fr", "Ouvrir une session")])
async def test_the_chooser_offers_every_service_by_name(rig: Rig, language: str, title: str) -> None:
    scope = await rig.platform.agency()
    page = await rig.browser().get(f"/{language}")
    assert page.status_code == 200
    assert f"<h1>{title}</h1>" in page.text
    assert f'href="/{language}/{scope.slug}"' in page.text
    assert f'href="/{language}/ipob"' in page.text
    assert f'href="/{language}/operator"' in page.text


async def test_the_chooser_finds_by_part_of_a_name_without_accents(rig: Rig) -> None:
    scope = await rig.platform.agency()
    page = await rig.browser().get(f"/en?q=SÉRVICE+{scope.slug[-6:]}")
    assert f'href="/en/{scope.slug}"' in page.text
    assert 'href="/en/ipob"' not in page.text
    nothing = await rig.browser().get("/fr?q=zzzzzz")
    assert nothing.status_code == 200
    assert "/ipob" not in nothing.text


async def test_the_chooser_remembers_the_last_service(rig: Rig) -> None:
    scope = await rig.platform.agency()
    browser = rig.browser()
    browser.cookies[LAST_COOKIE] = scope.slug
    page = await browser.get("/en")
    assert "The last one on this device" in page.text
    assert page.text.index(f"/en/{scope.slug}") < page.text.index("Police services")
    browser.cookies[LAST_COOKIE] = "<nobody>"
    assert "The last one on this device" not in (await browser.get("/en")).text


async def test_whoever_is_not_signed_in_is_sent_to_sign_in_and_then_back(rig: Rig) -> None:
    scope = await rig.agency()
    response = await rig.browser().get(f"/fr/{scope.slug}/people?q=ma%C3%AB")
    assert response.status_code == 303
    assert response.headers["location"].startswith(f"/t/{scope.slug}/auth/start?language=fr&next=%2Ffr%2F")


async def test_an_administrator_gives_a_role_and_takes_it_back(rig: Rig) -> None:
    scope, browser = await administrator(rig)
    other = await rig.seat(scope, subject="person-2", name="Cyprien Abran")
    path = f"/en/{scope.slug}/people"
    assert "Cyprien Abran" in (await browser.get(path)).text
    page = await browser.get(f"{path}/{other}")
    form = {"_token": token_of(page.text), "role": "approver", "reason": "takes over"}
    assert (await browser.post(f"{path}/{other}/roles", form)).status_code == 303
    page = await browser.get(f"{path}/{other}")
    assert "takes over" in page.text
    end = page.text.split(f'action="{path}/{other}/roles/')[1].split('"')[0]
    form = {"_token": token_of(page.text), "reason": "moved on"}
    assert (await browser.post(f"{path}/{other}/roles/{end}", form)).status_code == 303
    assert "Ended: moved on" in (await browser.get(f"{path}/{other}")).text


@pytest.mark.parametrize(
    ("language", "title"), [("en", "Delegations in force today"), ("fr", "Délégations en vigueur aujourd’hui")]
)
async def test_a_persons_page_shows_for_whom_they_decide_today(rig: Rig, language: str, title: str) -> None:
    scope, browser = await administrator(rig)
    giver, taker = await rig.seat(scope, subject="2", name="Maude Roy"), await rig.seat(scope, subject="3", name="Bé")
    path = f"/{language}/{scope.slug}/people"
    assert title not in (await browser.get(f"{path}/{taker}")).text
    asked = DelegateIn(to_seat=str(taker), first_day=date(2026, 1, 1), last_day=date(9999, 1, 1), reason="off to Mali")
    await execute(delegate, rig.platform.ctx(scope, "approval.delegate", seat=giver, name="Maude Roy"), asked)
    page = (await browser.get(f"{path}/{taker}")).text
    assert title in page
    assert "off to Mali" in page
    assert f'href="{path}/{giver}"' in page
    assert f'href="{path}/{taker}"' in (await browser.get(f"{path}/{giver}")).text
    end = page.split(f'action="{path}/{taker}/delegations/')[1].split('"')[0]
    form = {"_token": token_of(page), "reason": "gone for good"}
    assert (await browser.post(f"{path}/{taker}/delegations/{end}", form)).status_code == 303
    assert title not in (await browser.get(f"{path}/{taker}")).text


async def test_a_seat_without_a_role_shows_that_it_has_none(rig: Rig) -> None:
    scope, browser = await administrator(rig)
    await rig.seat(scope, subject="person-2", name="Léo Bé")
    row = (await browser.get(f"/en/{scope.slug}/people?q=L%C3%A9o")).text.split("Léo Bé</a>")[1].split("</tr>")[0]
    assert re.search(r'data-label="Roles"[^>]*>\s*<span class="mut" aria-label="[^"]+">–', row)


async def test_a_refused_form_comes_back_with_its_faults(rig: Rig) -> None:
    scope, browser = await administrator(rig)
    other = await rig.seat(scope, subject="person-2")
    path = f"/fr/{scope.slug}/people/{other}"
    page = await browser.get(path)
    response = await browser.post(f"{path}/roles", {"_token": token_of(page.text), "role": "planner", "reason": "x"})
    assert response.status_code == 422
    assert 'aria-invalid="true"' in response.text or "wrong" in response.text


async def test_a_person_without_that_role_does_not_see_the_page(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "member")
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    response = await browser.get(f"/en/{scope.slug}/people")
    assert response.status_code == 403
    assert "/people" not in (await browser.get(f"/en/{scope.slug}/session")).text.split("<main")[0]


async def test_pages_in_french_speak_french(rig: Rig) -> None:
    scope, browser = await administrator(rig)
    for path, words in (("people", "Personnes et rôles"), ("people/new", "Ajouter une personne"), ("session", "Rôles")):
        page = await browser.get(f"/fr/{scope.slug}/{path}")
        assert page.status_code == 200
        assert words in page.text
