"""A sign-in through the application's own addresses: what binds it, what ends it, what is kept of it."""

from __future__ import annotations

import html
import re
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from sqlalchemy import select

from auth.models import IdentityProvider, Session
from auth.secrets import LAST_COOKIE, SIGN_IN_COOKIE, session_cookie
from auth.sign_in import path_within
from auth.step_up.models import StepUpRule
from core.audit.models import AuditLine
from core.context import Scope
from core.database.sessions import tenant_session
from core.ids import new_id
from core.tokens import digest
from tests.auth.hostile import ISSUER, OTHER_ISSUER, sets
from tests.auth.rig import Rig, sent_with


async def lines(rig: Rig, scope: Scope, action: str) -> list[dict[str, Any]]:
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(AuditLine.after).where(AuditLine.tenant_id == scope.id, AuditLine.action == action)
        return [after or {} for after in await session.scalars(chosen)]


async def refusals(rig: Rig, scope: Scope) -> list[str]:
    return [after["why"] for after in await lines(rig, scope, "sign_in.refused")]


async def test_a_person_with_a_seat_signs_in_and_lands_where_they_wanted(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "coordinator")
    browser = rig.browser()
    sent = await rig.begin(browser, scope, f"/fr/{scope.slug}/people%3Frole%3Dmember")
    response = await rig.finish(browser, scope, sent)
    assert response.status_code == 303
    assert response.headers["location"] == f"/fr/{scope.slug}/people?role=member"
    assert browser.cookies[LAST_COOKIE] == scope.slug
    page = await browser.get(f"/en/{scope.slug}/session")
    assert page.status_code == 200
    assert "Maëlle Fafard" in page.text
    assert "Peace operations coordinator" in page.text
    async with tenant_session(rig.ctx(scope)) as session:
        row = (await session.scalars(select(Session).where(Session.tenant_id == scope.id))).one()
        assert row.seat_id == seat
        assert row.secret_digest == digest(browser.cookies[session_cookie(scope.slug)])
    assert await lines(rig, scope, "session.begin") == [{"issuer": "https://login.example.org"}]


async def test_every_cookie_is_out_of_reach_of_scripts_and_other_hosts(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = rig.browser()
    start = await browser.get(f"/t/{scope.slug}/auth/start")
    sent = await rig.begin(browser, scope)
    back = await rig.finish(browser, scope, sent)
    given = [*start.headers.get_list("set-cookie"), *back.headers.get_list("set-cookie")]
    assert len(given) == 3
    for line in given:
        assert line.startswith("__Host-")
        assert {"Path=/", "Secure", "HttpOnly", "SameSite=Lax"} <= set(line.split("; "))
        assert "Domain" not in line


async def test_two_tabs_can_sign_in_side_by_side(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = rig.browser()
    first, second = await rig.begin(browser, scope), await rig.begin(browser, scope)
    assert (await rig.finish(browser, scope, second)).status_code == 303
    assert (await rig.finish(browser, scope, first)).status_code == 303


async def test_another_browser_cannot_finish_a_sign_in_nor_use_it_up(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    mine, theirs = rig.browser(), rig.browser()
    sent = await rig.begin(mine, scope)
    await rig.begin(theirs, scope)
    assert (await rig.finish(theirs, scope, sent)).status_code == 403
    assert (await rig.finish(rig.browser(), scope, sent)).status_code == 403
    assert session_cookie(scope.slug) not in theirs.cookies
    assert (await rig.finish(mine, scope, sent)).status_code == 303
    assert await refusals(rig, scope) == ["other_browser", "other_browser"]


async def test_a_sign_in_begun_at_one_service_cannot_be_finished_at_another(rig: Rig) -> None:
    here, there = await rig.agency(), await rig.agency()
    await rig.seat(here)
    await rig.seat(there)
    browser = rig.browser()
    sent = await rig.begin(browser, here)
    assert (await rig.finish(browser, there, sent)).status_code == 403
    assert await refusals(rig, there) == ["other_scope"]
    assert (await rig.finish(browser, here, sent)).status_code == 303


async def test_a_new_sign_in_ends_the_session_before_it(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = rig.browser()
    await rig.sign_in(browser, scope)
    name = session_cookie(scope.slug)
    old = browser.cookies[name]
    await rig.sign_in(browser, scope)
    assert browser.cookies[name] != old
    browser.cookies[name] = old
    assert (await browser.get(f"/en/{scope.slug}/session")).status_code == 303


async def test_an_unknown_scope_is_not_found(rig: Rig) -> None:
    for path in ("start", "callback"):
        assert (await rig.browser().get(f"/t/nobody/auth/{path}")).status_code == 404


async def test_the_sign_in_cookie_is_kept_while_it_is_sound_and_replaced_when_it_is_not(rig: Rig) -> None:
    scope = await rig.agency()
    browser = rig.browser()
    await rig.begin(browser, scope)
    kept = browser.cookies[SIGN_IN_COOKIE]
    await rig.begin(browser, scope)
    assert browser.cookies[SIGN_IN_COOKIE] == kept
    browser.cookies[SIGN_IN_COOKIE] = "short"
    await rig.begin(browser, scope)
    assert len(browser.cookies[SIGN_IN_COOKIE]) == 43


@pytest.mark.parametrize(
    "wanted",
    [
        "",
        "https://evil.example/",
        "//evil.example/en/qc-x/",
        "/en/qc-other/people",
        "/en/qc-x-other",
        "/en/qc-x/../qc-other//evil.example",
        "/en/qc-x/../qc-other/people",
        "/en/qc-x/%2e%2e/qc-other/people",
        "/en/qc-x/\\evil.example",
        "/en/qc-x/a\r\nSet-Cookie: a=b",
        "/en/qc-x/" + "a" * 2000,
        "/t/qc-x/auth/start",
    ],
)
def test_after_signing_in_one_stays_within_the_scope(wanted: str) -> None:
    assert path_within("qc-x", "en", wanted) == "/en/qc-x/"


def test_after_signing_in_one_goes_where_one_wanted() -> None:
    assert path_within("qc-x", "en", "/fr/qc-x") == "/fr/qc-x"
    assert path_within("qc-x", "en", "/fr/qc-x/calls?state=open") == "/fr/qc-x/calls?state=open"


async def test_signing_in_from_one_address_has_a_limit_for_each_service(rig: Rig) -> None:
    scope, other = await rig.agency(), await rig.agency()
    site = rig.app.state.site
    usual, site.settings = site.settings, replace(site.settings, sign_ins_per_minute=2)
    try:
        browser = rig.browser()
        for _ in range(3):
            assert (await browser.get(f"/t/{scope.slug}/auth/start")).status_code == 303
        last = await browser.get(f"/t/{scope.slug}/auth/callback?state=none")
        assert last.headers["ratelimit-policy"] == '"sign-in";q=4;w=60'
        assert last.headers["ratelimit"] == '"sign-in";r=0;t=60'
        refused = await browser.get(f"/t/{scope.slug}/auth/start?language=fr", accept_language="fr")
        assert (refused.status_code, refused.headers["retry-after"]) == (429, "15")
        assert "Réessayez dans 15 secondes" in refused.text
        assert (await browser.get(f"/t/{other.slug}/auth/start")).status_code == 303
        rig.platform.clock.advance(timedelta(seconds=15))
        assert (await browser.get(f"/t/{scope.slug}/auth/start")).status_code == 303
    finally:
        site.settings = usual


async def two_on(rig: Rig) -> tuple[Scope, dict[str, str]]:
    """Return an agency that is changing its provider, and the ids of both by name."""
    scope = await rig.agency(name="Annuaire d’avant", state="retiring")
    await rig.accept(scope, name="Annuaire nouveau", issuer=OTHER_ISSUER)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(IdentityProvider).where(IdentityProvider.tenant_id == scope.id)
        return scope, {row.name: str(row.id) for row in await session.scalars(chosen)}


async def test_while_two_providers_are_on_both_are_offered_by_name_and_lead_to_the_same_place(rig: Rig) -> None:
    scope, ids = await two_on(rig)
    await rig.seat(scope, subject="before")
    await rig.seat(scope, subject="after", issuer=OTHER_ISSUER)
    wanted = f"/fr/{scope.slug}/people"
    for name, issuer in (("Annuaire nouveau", OTHER_ISSUER), ("Annuaire d’avant", ISSUER)):
        browser = rig.browser()
        page = await rig.start(browser, scope, wanted, "fr")
        assert page.status_code == 200
        assert page.text.index("Annuaire nouveau") < page.text.index("Annuaire d’avant"), "the one in force comes first"
        [href] = [html.unescape(one) for one in re.findall(r'href="([^"]+)"', page.text) if ids[name] in one]
        sent = sent_with(await browser.get(href))
        asked = rig.hostile if issuer == ISSUER else rig.other
        asked.claims = asked.userinfo = sets(sub="before" if issuer == ISSUER else "after")
        landed = await rig.finish(browser, scope, sent, iss=issuer)
        assert landed.status_code == 303, await refusals(rig, scope)
        assert landed.headers["location"] == wanted


async def test_a_provider_that_is_not_on_is_neither_offered_nor_entered_by_its_id(rig: Rig) -> None:
    scope = await rig.agency()
    for state, issuer in (
        ("draft", "https://a.example.org"),
        ("tested", "https://b.example.org"),
        ("off", OTHER_ISSUER),
    ):
        await rig.accept(scope, name=state, state=state, issuer=issuer)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(IdentityProvider.id).where(
            IdentityProvider.tenant_id == scope.id, IdentityProvider.state != "enforced"
        )
        others = list(await session.scalars(chosen))
    assert len(others) == 3
    for other in others:
        start = await rig.browser().get(f"/t/{scope.slug}/auth/start?provider={other}")
        assert start.headers["location"].startswith(ISSUER)


async def test_who_came_in_through_one_of_two_providers_proves_anew_who_they_are_there(rig: Rig) -> None:
    scope, ids = await two_on(rig)
    seat = await rig.seat(scope, "administrator")
    browser = rig.browser()
    sent = sent_with(await browser.get(f"/t/{scope.slug}/auth/start?provider={ids['Annuaire d’avant']}"))
    assert (await rig.finish(browser, scope, sent)).status_code == 303
    async with tenant_session(rig.ctx(scope)) as session:
        now = rig.platform.clock.now()
        session.add(
            StepUpRule(
                tenant_id=scope.id,
                id=new_id(rig.platform.clock),
                action="approve",
                demand={"max_age": 300},
                reason="a test",
                made_by=seat,
                created_at=now,
            )
        )
    start = await browser.get(f"/t/{scope.slug}/auth/start?action=approve")
    assert start.headers["location"].startswith(f"{ISSUER}/")
