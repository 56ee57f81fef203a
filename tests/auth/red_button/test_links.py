"""A link to a seat that was made before a press links nobody after it, nor once sign-in goes on."""

from __future__ import annotations

from datetime import timedelta

import pytest
from sqlalchemy import select, update

from auth.linking.models import SeatInvitation
from auth.linking.service import get_links
from auth.red_button.schemas import PressIn, ResumeIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button, resume_sign_in
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.auth.linking.test_invitations import administrator, come_by, confirm, empty_seat, link_for, links
from tests.auth.red_button.scene import WHY
from tests.auth.red_button.test_pressing import acting
from tests.auth.rig import Rig


async def scene(rig: Rig) -> tuple[Scope, Ctx, Ctx]:
    """Return a service, whoever presses there, and the administrator whose account somebody else has."""
    scope = await rig.agency()
    return scope, await acting(rig, scope, RED_BUTTON_PRESS), await administrator(rig, scope)


@pytest.mark.parametrize("known", [True, False])
async def test_what_a_stopped_account_has_handed_out_opens_no_seat(rig: Rig, known: bool) -> None:
    """``known``: the press has found the link; else a request that was under way has committed it afterwards."""
    scope, presser, taken = await scene(rig)
    seat, browser = await empty_seat(rig, scope), rig.browser()
    link, shown = await link_for(taken, seat), await empty_seat(rig, scope)
    page = await come_by(rig, browser, scope, await link_for(taken, shown), "new-2")
    assert page.status_code == 200
    pressed = await execute(press_red_button, presser, PressIn(seat=str(taken.actor.id), reason=WHY, understood=True))
    assert (await execute(get_links, taken, ById(str(seat)))).invitation is None
    if not known:
        async with tenant_session(rig.ctx(scope)) as session:
            everything = update(SeatInvitation).where(SeatInvitation.tenant_id == scope.id)
            await session.execute(everything.values(withdrawn_at=None))
    assert (await come_by(rig, rig.browser(), scope, link)).status_code == 403
    assert (await confirm(browser, scope, page)).status_code == 403
    rig.platform.clock.advance(timedelta(minutes=1))
    await execute(resume_sign_in, presser, ResumeIn(id=str(pressed.stop.id), reason=WHY))
    assert (await come_by(rig, rig.browser(), scope, link)).status_code == 403
    assert await links(rig, scope) == []
    rig.platform.clock.advance(timedelta(minutes=1))
    assert (await come_by(rig, rig.browser(), scope, await link_for(taken, seat))).status_code == 200


async def test_a_link_to_a_stopped_account_ends_and_that_of_somebody_else_stays(rig: Rig) -> None:
    scope, presser, other = await scene(rig)
    stopped, free = await empty_seat(rig, scope), await empty_seat(rig, scope)
    ended, lasting = await link_for(other, stopped), await link_for(other, free)
    await execute(press_red_button, presser, PressIn(seat=str(stopped), reason=WHY, understood=True))
    assert (await come_by(rig, rig.browser(), scope, ended)).status_code == 403
    assert (await come_by(rig, rig.browser(), scope, lasting)).status_code == 200


async def test_a_press_for_all_ends_every_link(rig: Rig) -> None:
    scope, presser, other = await scene(rig)
    for _ in range(2):
        await link_for(other, await empty_seat(rig, scope))
    await execute(press_red_button, presser, PressIn(reason=WHY, understood=True))
    async with tenant_session(rig.ctx(scope)) as session:
        chosen = select(SeatInvitation).where(SeatInvitation.tenant_id == scope.id)
        assert [row.withdrawn_at is None for row in await session.scalars(chosen)] == [False, False]
