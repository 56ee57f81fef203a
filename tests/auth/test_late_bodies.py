"""What comes late is done by whoever its sender is by then: with the roles, proof and session of that moment."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import httpx2
import msgspec
import pytest
from sqlalchemy import select, update

from auth.break_glass.models import BreakGlass
from auth.models import ApiToken, RoleGrant
from auth.schemas import EndGrant
from auth.service import SEAT_MANAGE, SEAT_READ, end_grant
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.step_up import BREAK_GLASS
from tests.auth.red_button.scene import WHY, come, form_token, press, program
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Browser, Rig
from tests.auth.setup.wizard import Wizard, open_wizard
from tests.auth.step_up.test_step_up import ask, vouch
from tests.late import FORM, late

Meanwhile = Callable[[], Awaitable[object]]


async def manager(rig: Rig, scope: Scope) -> Ctx:
    """Return the context of a second administrator."""
    seat = await rig.seat(scope, "administrator", subject="person-9", name="Ilse Roy")
    ctx = rig.platform.ctx(scope, SEAT_READ, SEAT_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def taken(ctx: Ctx, seat: UUID) -> None:
    """Take the role of administrator from a seat, by hand."""
    mine = select(RoleGrant.id).where(RoleGrant.tenant_id == ctx.scope.id, RoleGrant.seat_id == seat)
    async with tenant_session(ctx, read_only=True) as session:
        grant = (await session.scalars(mine)).one()
    await execute(end_grant, ctx, EndGrant(id=str(seat), grant_id=str(grant), reason=WHY))


async def send_late(browser: Browser, shown: str, meanwhile: Meanwhile, **fields: str) -> httpx2.Response:
    """Send the form of the page ``shown`` so that ``meanwhile`` happens before its last byte."""
    page = await browser.get(shown)
    assert page.status_code == 200, page.text
    sent = {"_token": form_token(page), **fields}
    answer: httpx2.Response = await late(browser._client, shown, sent, meanwhile, browser._headers(FORM))
    return answer


async def test_whoever_lost_the_role_meanwhile_neither_lets_in_nor_gives_it_back(rig: Rig) -> None:
    scope = await rig.agency()
    mine = await rig.seat(scope, "administrator")
    other = await manager(rig, scope)
    browser = await come(rig, scope)
    refused = await send_late(
        browser,
        f"/en/{scope.slug}/people/new",
        lambda: taken(other, mine),
        name="Eve",
        language="en",
        reason=WHY,
    )
    assert refused.status_code == 403
    assert await lines(rig, scope, "seat.add") == []
    begun_then = await browser.get(f"/en/{scope.slug}/people/new")
    assert begun_then.status_code == 403
    assert (await browser.get(f"/en/{scope.slug}/session")).status_code == 200, "the session itself goes on"


async def test_a_program_whose_roles_shrank_meanwhile_does_no_more_than_they_give(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    token = await program(rig, scope)

    async def shrinks() -> None:
        async with tenant_session(rig.ctx(scope)) as session:
            await session.execute(update(ApiToken).where(ApiToken.tenant_id == scope.id).values(roles=["auditor"]))

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = msgspec.json.encode({"name": "Eve", "language": "en", "reason": WHY})
    refused = await late(rig.browser()._client, "/api/v1/seats", body, shrinks, headers)
    assert refused.status_code == 403
    assert refused.json()["permission"] == SEAT_MANAGE
    assert await lines(rig, scope, "seat.add") == []


async def test_a_program_that_may_only_read_by_now_changes_nothing(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    token = await program(rig, scope)

    async def narrows() -> None:
        async with tenant_session(rig.ctx(scope)) as session:
            await session.execute(update(ApiToken).where(ApiToken.tenant_id == scope.id).values(reads_only=True))

    headers = {"Authorization": f"Bearer {token}", "Content-Type": "application/json"}
    body = msgspec.json.encode({"name": "Eve", "language": "en", "reason": WHY})
    assert (await late(rig.browser()._client, "/api/v1/seats", body, narrows, headers)).status_code == 403
    assert await lines(rig, scope, "seat.add") == []


@pytest.mark.parametrize(("minutes", "status", "accounts"), [(4, 303, 1), (6, 403, 0)])
async def test_a_proof_is_as_fresh_as_when_the_last_byte_comes(
    rig: Rig, minutes: int, status: int, accounts: int
) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    await ask(await manager(rig, scope), BREAK_GLASS, minutes=5)
    vouch(rig)
    browser = rig.browser()
    assert (await rig.sign_in(browser, scope)).status_code == 303

    async def passes() -> None:
        rig.platform.clock.advance(timedelta(minutes=minutes))

    path = f"/en/{scope.slug}/people/break-glass"
    answer = await send_late(browser, path, passes, custodian="Alix Roy", reason=WHY)
    assert answer.status_code == status
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        made = (await session.scalars(select(BreakGlass).where(BreakGlass.tenant_id == scope.id))).all()
    assert len(made) == accounts
    if not accounts:
        assert 'value="Alix Roy"' in answer.text, "what was entered is held while its sender proves who they are"


async def test_a_late_order_to_look_at_a_provider_is_nobodys_after_the_red_button(rig: Rig) -> None:
    wizard = await ready(rig)
    refused = await look_late(wizard, lambda: press(wizard.browser, wizard.scope))
    assert refused.status_code == 303
    assert refused.headers["location"].startswith(f"/t/{wizard.scope.slug}/auth/start")
    assert (await wizard.row()).report is None


async def test_a_late_order_to_look_at_a_provider_needs_the_role_still(rig: Rig) -> None:
    wizard = await ready(rig)
    other = await manager(rig, wizard.scope)
    assert (await look_late(wizard, lambda: taken(other, wizard.seat))).status_code == 403
    assert (await wizard.row()).report is None


async def ready(rig: Rig) -> Wizard:
    """Return an agency with a provider that nobody has looked at yet."""
    wizard = await open_wizard(rig)
    await wizard.add()
    return wizard


async def look_late(wizard: Wizard, meanwhile: Meanwhile) -> httpx2.Response:
    browser, asked = wizard.browser, len(wizard.rig.other.asked)
    page = await browser.get(f"/en/{wizard.scope.slug}/sign-in/{wizard.id}")
    sent = {"_token": form_token(page), "id": wizard.id}
    address = f"/t/{wizard.scope.slug}/auth/look?language=en"
    answer: httpx2.Response = await late(browser._client, address, sent, meanwhile, browser._headers(FORM))
    assert len(wizard.rig.other.asked) == asked, "the provider was asked all the same"
    return answer
