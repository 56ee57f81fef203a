"""Signing out leads on to the provider with the id token of the session that ends, and of no other."""

from __future__ import annotations

import re
from urllib.parse import parse_qs, urlsplit

import pytest
from sqlalchemy import select, update

from auth.id_tokens import LONGEST, read_id_token
from auth.models import Session
from auth.relying_party import conversing
from auth.secrets import session_cookie
from auth.sessions import end_sessions_of
from core.context import Scope
from core.database.sealing import NotSealedHere
from core.database.sessions import tenant_session
from tests.auth.cases.faulty_providers import DISCOVERY, dripping, slow
from tests.auth.hostile import CLIENT, ISSUER, Answer, sets
from tests.auth.rig import Browser, Rig


@pytest.fixture
def issued(rig: Rig) -> list[str]:
    """The id tokens that the provider has issued, in their order."""
    found: list[str] = []
    rig.hostile.metadata = sets(end_session_endpoint=f"{ISSUER}/out")
    rig.hostile.id_token = lambda signed: found.append(signed) or signed  # type: ignore[func-returns-value]
    return found


async def leave(browser: Browser, scope: Scope) -> str:
    """Sign out and return where the browser is sent."""
    page = await browser.get(f"/en/{scope.slug}/session")
    token = re.search(r'name="_token" value="([^"]+)"', page.text)
    assert token is not None
    response = await browser.post(f"/t/{scope.slug}/auth/logout", {"_token": token[1]})
    assert response.status_code == 303
    return str(response.headers["location"])


async def sign_out(browser: Browser, scope: Scope) -> dict[str, str]:
    address = urlsplit(await leave(browser, scope))
    assert f"{address.scheme}://{address.netloc}{address.path}" == f"{ISSUER}/out"
    return {name: values[0] for name, values in parse_qs(address.query).items()}


async def signed_in(rig: Rig, scope: Scope) -> Browser:
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return browser


async def sealed(rig: Rig, scope: Scope) -> list[bytes | None]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(Session.id_token_sealed).where(Session.tenant_id == scope.id)
        return list(await session.scalars(chosen.order_by(Session.created_at, Session.id)))


async def test_the_provider_is_told_which_of_its_sessions_ends(rig: Rig, issued: list[str]) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    first, second = await signed_in(rig, scope), await signed_in(rig, scope)
    assert len(set(issued)) == 2
    told = await sign_out(second, scope)
    assert told["id_token_hint"] == issued[1]
    assert told["client_id"] == CLIENT
    assert told["post_logout_redirect_uri"].startswith("http://localhost:8000/")
    assert (await sign_out(first, scope))["id_token_hint"] == issued[0]


async def test_a_token_too_long_for_an_address_is_not_kept(rig: Rig, issued: list[str]) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    rig.hostile.claims = sets(groups=["g" * 40] * 100)
    browser = await signed_in(rig, scope)
    assert len(issued[0]) > LONGEST
    assert await sealed(rig, scope) == [None]
    assert sorted(await sign_out(browser, scope)) == ["client_id", "post_logout_redirect_uri"]


async def test_a_token_is_kept_sealed_to_its_session_and_only_while_that_lasts(rig: Rig, issued: list[str]) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope)
    for _ in range(2):
        await signed_in(rig, scope)
    kept = await sealed(rig, scope)
    for one, raw in zip(kept, issued, strict=True):
        assert one is not None
        assert raw.encode() not in one
        assert raw.split(".")[1].encode() not in one
    async with tenant_session(rig.ctx(scope)) as session:
        first, second = await session.scalars(select(Session.id).order_by(Session.created_at, Session.id))
        moved = update(Session).where(Session.tenant_id == scope.id, Session.id == second)
        await session.execute(moved.values(id_token_sealed=kept[0]))
        assert await read_id_token(rig.ctx(scope), session, first) == issued[0]
        with pytest.raises(NotSealedHere):
            await read_id_token(rig.ctx(scope), session, second)
        await end_sessions_of(session, scope, seat, rig.platform.clock.now())
    assert await sealed(rig, scope) == [None, None]


async def test_signing_out_leaves_no_token_behind(rig: Rig, issued: list[str]) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await signed_in(rig, scope)
    await sign_out(browser, scope)
    assert session_cookie(scope.slug) not in browser.cookies
    assert await sealed(rig, scope) == [None]


@pytest.mark.parametrize("answer", [slow, dripping])
async def test_nobody_waits_for_a_provider_that_does_not_come_to_an_end(
    rig: Rig, issued: list[str], monkeypatch: pytest.MonkeyPatch, answer: Answer
) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    browser = await signed_in(rig, scope)
    # Nothing is known of the provider any more, as after a day, or in a process that has just begun.
    rig.parts.sign_ins.party = rig.hostile.party()
    monkeypatch.setattr(conversing, "PATIENCE", 0.0)
    rig.hostile.answers[DISCOVERY] = answer
    assert await leave(browser, scope) == "/en/"
    assert session_cookie(scope.slug) not in browser.cookies
    assert await sealed(rig, scope) == [None]
