"""Sessions and tokens: how long they last, whose they are, and that another tenant's are nobody's."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.models import ApiToken, RoleGrant, Seat, Session
from auth.secrets import session_cookie
from auth.sessions import end_sessions_of
from auth.tokens import create_token
from core.context import Scope
from core.database.sessions import identity_session, tenant_session
from core.errors import Invalid
from core.tokens import digest, new_secret, read_token, write_token
from core.web.callers import Caller, Credential
from tests.auth.rig import SETTINGS, Browser, Rig


async def signed_in(rig: Rig, *roles: str) -> tuple[Scope, Browser]:
    scope = await rig.agency()
    await rig.seat(scope, *roles)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303
    return scope, browser


async def is_in(browser: Browser, scope: Scope) -> bool:
    response = await browser.get(f"/en/{scope.slug}/session")
    assert response.status_code in {200, 303}
    return response.status_code == 200


async def caller(rig: Rig, scope: Scope, credential: Credential | None) -> Caller | None:
    assert credential is not None
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return await rig.parts.callers.caller(session, scope, credential)


async def make_token(rig: Rig, scope: Scope, *roles: str, days: int = 30) -> str:
    async with tenant_session(rig.ctx(scope)) as session:
        _, text = await create_token(session, rig.platform.clock, scope, name="import", roles=list(roles), days=days)
    return text


def credential_of(rig: Rig, token: str) -> Credential | None:
    return rig.parts.callers.credential({"authorization": f"Bearer {token}"}, {}, None)


async def test_a_session_without_a_request_ends_after_its_idle_limit(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    rig.platform.clock.advance(timedelta(minutes=SETTINGS.session_idle_minutes, seconds=-1))
    assert await is_in(browser, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert not await is_in(browser, scope)


async def test_a_request_counts_the_idle_time_anew(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    rig.platform.clock.advance(timedelta(minutes=SETTINGS.session_idle_minutes - 1))
    assert await is_in(browser, scope)
    await rig.parts.renewals.write(rig.platform.database)
    rig.platform.clock.advance(timedelta(minutes=SETTINGS.session_idle_minutes - 1))
    assert await is_in(browser, scope)


async def test_no_session_outlasts_its_absolute_limit(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    for _ in range(SETTINGS.session_hours * 2 - 1):
        rig.platform.clock.advance(timedelta(minutes=30))
        assert await is_in(browser, scope)
        await rig.parts.renewals.write(rig.platform.database)
    rig.platform.clock.advance(timedelta(minutes=30))
    assert not await is_in(browser, scope)


async def test_using_a_session_is_written_rarely(rig: Rig) -> None:
    scope, browser = await signed_in(rig)

    async def until() -> object:
        async with tenant_session(rig.ctx(scope)) as session:
            return await session.scalar(select(Session.idle_until).where(Session.tenant_id == scope.id))

    first = await until()
    rig.platform.clock.advance(timedelta(minutes=5))
    await is_in(browser, scope)
    await rig.parts.renewals.write(rig.platform.database)
    assert await until() == first
    rig.platform.clock.advance(timedelta(minutes=2))
    await is_in(browser, scope)
    await rig.parts.renewals.write(rig.platform.database)
    assert await until() != first


async def test_another_tenants_session_is_nobodys(rig: Rig) -> None:
    mine, browser = await signed_in(rig)
    other = await rig.agency()
    await rig.seat(other)
    browser.cookies[session_cookie(other.slug)] = browser.cookies[session_cookie(mine.slug)]
    assert not await is_in(browser, other)
    assert await is_in(browser, mine)


async def test_a_person_who_is_shut_out_is_out_at_once(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    async with tenant_session(rig.ctx(scope)) as session:
        seat = (await session.scalars(select(Seat).where(Seat.tenant_id == scope.id))).one()
        seat.active = False
    assert not await is_in(browser, scope)


async def test_ending_a_seats_sessions_ends_them_everywhere(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    second = rig.browser()
    await rig.sign_in(second, scope)
    async with tenant_session(rig.ctx(scope)) as session:
        seat = (await session.scalars(select(Seat.id).where(Seat.tenant_id == scope.id))).one()
        assert await end_sessions_of(session, scope, seat, rig.platform.clock.now()) == 2
    assert not await is_in(browser, scope)
    assert not await is_in(second, scope)


async def test_roles_count_from_their_first_day_until_the_day_they_end_on(rig: Rig) -> None:
    scope, browser = await signed_in(rig, "coordinator")
    credential = rig.parts.callers.credential({}, browser.cookies, scope.slug)
    found = await caller(rig, scope, credential)
    assert found is not None
    assert found.actor.roles == {"coordinator"}
    assert found.actor.may("nomination.write")
    async with tenant_session(rig.ctx(scope)) as session:
        grant = (await session.scalars(select(RoleGrant).where(RoleGrant.tenant_id == scope.id))).one()
        grant.ends_on = rig.platform.clock.now().date()
    found = await caller(rig, scope, credential)
    assert found is not None
    assert found.actor.roles == frozenset()
    assert not found.actor.may_at_all("nomination.write")


async def test_the_whole_lookup_is_one_statement(rig: Rig) -> None:
    scope, browser = await signed_in(rig, "coordinator", "approver", "member")
    credential = rig.parts.callers.credential({}, browser.cookies, scope.slug)
    assert credential is not None
    sent: list[object] = []
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        with session.info["driver"].query_logger(sent.append):
            found = await rig.parts.callers.caller(session, scope, credential)
            await asyncio.sleep(0)
    assert found is not None
    assert len(sent) == 1


async def test_signing_out_ends_the_session_here_and_leads_on_to_the_provider(rig: Rig) -> None:
    rig.hostile.metadata = lambda told: told.update(end_session_endpoint="https://login.example.org/out")
    scope, browser = await signed_in(rig)
    page = await browser.get(f"/fr/{scope.slug}/session")
    policy = page.headers["content-security-policy"]
    assert "form-action 'self' https://login.example.org;" in policy
    token = page.text.split('name="_token" value="')[1].split('"')[0]
    cookie = browser.cookies[session_cookie(scope.slug)]
    response = await browser.post(f"/t/{scope.slug}/auth/logout?language=fr", {"_token": token})
    where, _, hint = response.headers["location"].partition("&id_token_hint=")
    assert hint.count(".") == 2
    assert where == (
        "https://login.example.org/out?client_id=contingent-qc-example"
        "&post_logout_redirect_uri=http%3A%2F%2Flocalhost%3A8000%2Ffr%2F"
    )
    assert session_cookie(scope.slug) not in browser.cookies
    browser.cookies[session_cookie(scope.slug)] = cookie
    assert not await is_in(browser, scope)


async def test_nobody_can_be_signed_out_by_a_page_of_another_site(rig: Rig) -> None:
    scope, browser = await signed_in(rig)
    path = f"/t/{scope.slug}/auth/logout"
    page = await browser.get(f"/en/{scope.slug}/session")
    token = page.text.split('name="_token" value="')[1].split('"')[0]
    refused = [
        await browser.post(path, {}),
        await browser.post(path, {"_token": "x" * 43}),
        await browser.post(path, {"_token": token}, sec_fetch_site="cross-site"),
        await browser.get(path),
    ]
    assert [one.status_code >= 400 for one in refused] == [True] * 4
    assert await is_in(browser, scope)


async def test_a_form_that_leads_to_the_provider_is_on_one_page_only(rig: Rig) -> None:
    scope, browser = await signed_in(rig, "administrator")
    for path in ("/people", "/people/new"):
        page = await browser.get(f"/en/{scope.slug}{path}")
        assert page.status_code == 200
        assert "form-action 'self';" in page.headers["content-security-policy"]


async def test_a_token_speaks_for_its_scope_with_its_roles(rig: Rig) -> None:
    scope = await rig.platform.agency()
    found = await caller(rig, scope, credential_of(rig, await make_token(rig, scope, "coordinator")))
    assert found is not None
    assert (found.actor.kind, found.actor.name) == ("token", "import")
    assert found.actor.roles == {"coordinator"}
    assert found.actor.may("nomination.write")
    async with tenant_session(rig.ctx(scope)) as session:
        assert (
            await session.scalars(select(ApiToken.last_used_at).where(ApiToken.tenant_id == scope.id))
        ).one() is None
    await rig.parts.renewals.write(rig.platform.database)
    async with tenant_session(rig.ctx(scope)) as session:
        used = (await session.scalars(select(ApiToken.last_used_at).where(ApiToken.tenant_id == scope.id))).one()
    assert used == rig.platform.clock.now()


async def test_a_token_ends_on_its_day_or_when_it_is_revoked(rig: Rig) -> None:
    scope = await rig.platform.agency()
    lasting, revoked = [await make_token(rig, scope, "auditor") for _ in range(2)]
    async with tenant_session(rig.ctx(scope)) as session:
        found = read_token(revoked)
        assert found is not None
        chosen = select(ApiToken).where(ApiToken.secret_digest == digest(found[1]))
        (await session.scalars(chosen)).one().revoked_at = rig.platform.clock.now()
    assert await caller(rig, scope, credential_of(rig, revoked)) is None
    assert await caller(rig, scope, credential_of(rig, lasting)) is not None
    rig.platform.clock.advance(timedelta(days=30))
    assert await caller(rig, scope, credential_of(rig, lasting)) is None


async def test_another_tenants_token_is_nobodys(rig: Rig) -> None:
    mine, other = await rig.platform.agency(), await rig.platform.agency()
    token = await make_token(rig, mine, "coordinator")
    found = read_token(token)
    assert found is not None
    assert await caller(rig, other, credential_of(rig, write_token(other.slug, found[1]))) is None
    assert await caller(rig, other, credential_of(rig, token)) is None
    # The database says the same where the code does not ask: the other's session sees no row.
    async with tenant_session(rig.ctx(other)) as session:
        assert (await session.scalars(select(ApiToken))).all() == []


async def test_a_token_takes_only_roles_of_its_scope_and_lasts_a_year_at_most(rig: Rig) -> None:
    scope = await rig.platform.agency()
    for roles, days in ((["planner"], 30), ([], 30), (["auditor"], 367), (["auditor"], 0)):
        with pytest.raises(Invalid):
            await make_token(rig, scope, *roles, days=days)


@pytest.mark.parametrize(
    "text", ["", "ctg_", "ctg_qc-spvm", "ctg_qc-spvm_short", "ctg__" + "a" * 43, "xyz_qc-spvm_" + "a" * 43]
)
def test_what_has_not_the_form_of_a_token_is_none(text: str) -> None:
    assert read_token(text) is None


def test_a_token_leads_back_to_its_scope_and_secret() -> None:
    for _ in range(50):
        secret = new_secret()
        assert read_token(write_token("qc-riviere-du-loup", secret)) == ("qc-riviere-du-loup", secret)


async def test_who_is_the_same_person_is_closed_to_every_agency(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope)
    for table in ("identity", "identity_seat", "sign_in_flow"):
        with pytest.raises(Exception, match="permission denied"):
            async with tenant_session(rig.ctx(scope)) as session:
                await session.execute(
                    select(
                        Session.metadata.tables[table].c.id
                        if table != "identity_seat"
                        else Session.metadata.tables[table].c.seat_id
                    )
                )
    with pytest.raises(Exception, match="permission denied"):
        async with identity_session(rig.platform.database) as session:
            await session.execute(select(Seat.id))
