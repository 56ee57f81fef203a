"""Whoever has an account that is stopped does not come back by halves that were shown to it."""

from __future__ import annotations

from secrets import token_hex

from auth.red_button.schemas import PressIn
from auth.red_button.service import RED_BUTTON_PRESS, press_red_button
from core.use_cases.execution import execute
from tests.auth.red_button.scene import WHY, came_in, come, enter, give_both, halves, is_in, send
from tests.auth.red_button.test_pressing import acting
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig


async def test_halves_that_were_both_shown_to_a_stopped_account_open_nothing_and_others_stay(rig: Rig) -> None:
    scope = await rig.agency()
    # Accounts of this test alone: whose they are is known at every scope.
    first, second = f"first-{token_hex(6)}", f"second-{token_hex(6)}"
    taken = await rig.seat(scope, "administrator", subject=first)
    await rig.seat(scope, "administrator", subject=second)
    presser = await acting(rig, scope, RED_BUTTON_PRESS, subject="person-2")
    thief, other = await come(rig, scope, first), await come(rig, scope, "person-2")
    beside = await come(rig, scope, second)
    known = await halves(rig, thief, scope, "Safe A", other=beside)
    inside = await came_in(rig, scope, *await halves(rig, thief, scope, "Safe B", other=beside))
    kept = await halves(rig, other, scope, "Safe C", other=beside)
    # Only now is it known that the two seats are one person's: at another service both accounts open one seat.
    await give_both(rig, await rig.agency(), first, second)
    await execute(press_red_button, presser, PressIn(seat=str(taken), reason=WHY, understood=True))
    assert (await enter(rig, scope, *known)).status_code == 403
    assert not await is_in(inside, scope)
    assert await lines(rig, scope, "break_glass.renew") == [{"custodian": "Safe A"}, {"custodian": "Safe B"}]
    assert await is_in(await came_in(rig, scope, *kept), scope)


async def test_whoever_stops_their_own_account_comes_back_by_the_halves_they_know(rig: Rig) -> None:
    scope = await rig.agency()
    seat = await rig.seat(scope, "administrator")
    browser = await come(rig, scope)
    first, second = await halves(rig, browser, scope, "Safe A"), await halves(rig, browser, scope, "Safe B")
    broken = await came_in(rig, scope, *first)
    pressed = await send(browser, scope, f"/emergency/accounts/{seat}/stop", reason=WHY, understood="true")
    assert pressed.status_code == 200
    assert await is_in(await came_in(rig, scope, *second), scope)
    assert await is_in(broken, scope)
