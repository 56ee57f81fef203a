"""The operator stops any service by one row, sees nothing of it, and lets people in again; the service reads why."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select

from auth.models import ApiToken, Session
from auth.red_button.models import SignInStop
from auth.red_button.operator import RED_BUTTON_ORDER, list_services, resume_service, stop_service
from auth.red_button.schemas import OrderIn, ResumeIn
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound, Refused
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.intake import read
from tests.auth.red_button.scene import WHY, call, came_in, come, halves, is_in, press, program, send, told, work_off
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig


def order(scope: Scope) -> OrderIn:
    return OrderIn(slug=scope.slug, reason=WHY, understood=True)


async def stop_of(rig: Rig, scope: Scope) -> SignInStop:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return (await session.scalars(select(SignInStop).where(SignInStop.scope_id == scope.id))).one()


async def test_a_service_is_stopped_before_its_own_job_has_run_and_its_log_reads_why(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    browser, token = await come(rig, scope), await program(rig, scope)
    scim = await program(rig, scope, kind="scim")
    ctx = rig.platform.ctx(rig.platform.operator, RED_BUTTON_ORDER)
    found = await execute(stop_service, ctx, order(scope))
    (one,) = [service for service in found.services if service.slug == scope.slug]
    assert one.stop is not None
    assert one.stop.by_operator
    assert not await is_in(browser, scope)
    assert (await call(rig, token)).status_code == 401
    assert (await call(rig, scim, f"/t/{scope.slug}/scim/v2/Users")).status_code == 401
    with pytest.raises(Refused, match="already"):
        await execute(stop_service, ctx, order(scope))
    for _ in range(2):
        await work_off(rig, scope)
    assert await lines(rig, scope, "sign_in_stop.press") == [{"sessions_ended": 1, "tokens_ended": 2}]
    assert await told(rig, scope, seat) == [
        "The operator of the platform stopped all signing in to your service: %(reason)s"
    ]
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        assert [
            row.ended_at is None for row in await session.scalars(select(Session).where(Session.tenant_id == scope.id))
        ] == [False]
        assert [
            row.revoked_at is None
            for row in await session.scalars(select(ApiToken).where(ApiToken.tenant_id == scope.id))
        ] == [False, False]
    rig.platform.clock.advance(timedelta(minutes=1))
    again = ResumeIn(id=str(one.stop.id), reason="their provider is clean")
    await execute(resume_service, ctx, again)
    await work_off(rig, scope)
    with pytest.raises(Refused, match="goes on here already"):
        await execute(resume_service, ctx, again)
    assert not await is_in(browser, scope)
    rig.platform.clock.advance(timedelta(seconds=1))
    assert await is_in(await come(rig, scope), scope)
    assert len(await lines(rig, scope, "sign_in_stop.resume")) == 1


async def test_the_services_own_job_comes_late_and_ends_nothing_that_has_begun_since(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    both = await halves(rig, browser, scope)
    ctx = rig.platform.ctx(rig.platform.operator, RED_BUTTON_ORDER)
    await execute(stop_service, ctx, order(scope))
    rig.platform.clock.advance(timedelta(seconds=30))
    broken = await came_in(rig, scope, *both)
    await work_off(rig, scope)
    assert await is_in(broken, scope), "its halves are used up: there is no other way back"
    assert not await is_in(browser, scope)
    await execute(resume_service, ctx, ResumeIn(id=str((await stop_of(rig, scope)).id), reason=WHY))
    rig.platform.clock.advance(timedelta(seconds=1))
    again, token = await come(rig, scope), await program(rig, scope, made_by=seat)
    await execute(stop_service, ctx, order(other := await rig.agency()))
    await work_off(rig, scope, other)
    assert await is_in(again, scope)
    assert (await call(rig, token)).status_code == 200


async def test_the_operator_lifts_what_a_service_pressed_itself_but_knows_no_account(rig: Rig) -> None:
    scope, operator = await rig.agency(), rig.platform.operator
    await rig.seat(scope, "administrator")
    person = await rig.seat(scope, "member", subject="person-2")
    await work_off(rig, operator)  # What other services' presses left to do is told to nobody who comes later.
    watch = await rig.seat(operator, "operator", subject=f"watch of {scope.slug}")
    browser = await come(rig, scope)
    path = f"/emergency/accounts/{person}/stop"
    await send(browser, scope, path, reason=WHY, understood="true")
    account = await stop_of(rig, scope)
    ctx = rig.platform.ctx(operator, RED_BUTTON_ORDER)
    with pytest.raises(NotFound):
        await execute(resume_service, ctx, ResumeIn(id=str(account.id), reason=WHY))
    listed = await execute(list_services, ctx, Nothing())
    assert next(one for one in listed.services if one.slug == scope.slug).stop is None
    await press(browser, scope)
    await work_off(rig, operator)
    assert await told(rig, operator, watch) == [
        "Signing in to one account of %(service)s is stopped.",
        "Signing in to %(service)s is stopped.",
    ]
    listed = await execute(list_services, ctx, Nothing())
    stop = next(one for one in listed.services if one.slug == scope.slug).stop
    assert stop is not None
    assert (stop.by_operator, stop.account) == (False, None)
    await execute(resume_service, ctx, ResumeIn(id=str(stop.id), reason=WHY))
    rig.platform.clock.advance(timedelta(seconds=1))
    assert await is_in(await come(rig, scope), scope)


@pytest.mark.parametrize("language", ["en", "fr"])
async def test_the_pages_of_the_operator(rig: Rig, language: str) -> None:
    scope, operator = await rig.agency(), await rig.platform.scope("platform")
    await rig.accept(operator)
    await rig.seat(operator, "operator")
    browser = rig.browser()
    assert (await rig.sign_in(browser, operator)).status_code == 303
    path = f"/emergency/services/{scope.slug}"
    listed = await browser.get(f"/{language}/{operator.slug}/emergency/services")
    assert f"/{language}/{operator.slug}{path}" in listed.text
    refused = await send(browser, operator, path, language=language, reason=WHY)
    assert refused.status_code == 422
    done = await send(browser, operator, path, language=language, reason=WHY, understood="true")
    assert done.status_code == 303
    stop = await stop_of(rig, scope)
    shown = await browser.get(done.headers["location"])
    assert {"en": "Let people sign in again", "fr": "Permettre de nouveau la connexion"}[language] in shown.text
    back = await send(
        browser,
        operator,
        "/emergency/services",
        f"/emergency/services/stops/{stop.id}/resume",
        language=language,
        reason=WHY,
    )
    assert back.status_code == 303
    assert (await stop_of(rig, scope)).lifted_at is not None


async def test_who_is_not_the_operator_orders_nothing_and_nothing_is_stopped_by_a_wrong_name(rig: Rig) -> None:
    scope, mission = await rig.agency(), await rig.platform.scope("mission")
    operator = rig.platform.operator
    ctx = rig.platform.ctx(operator, RED_BUTTON_ORDER)
    with pytest.raises(Forbidden):
        await execute(stop_service, rig.platform.ctx(operator), order(scope))
    for foreign in (scope, rig.platform.program):
        with pytest.raises(NotFound):
            await execute(stop_service, rig.platform.ctx(foreign, RED_BUTTON_ORDER), order(scope))
    for slug in (mission.slug, "nowhere"):
        with pytest.raises(NotFound):
            await execute(stop_service, ctx, OrderIn(slug=slug, reason=WHY, understood=True))
    with pytest.raises(Refused, match="own scope"):
        await execute(stop_service, ctx, order(operator))
    with pytest.raises(Invalid):
        read(OrderIn, {"slug": scope.slug, "reason": WHY})
