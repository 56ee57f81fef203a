"""Each half is shown once, to one of two people; a slip in typing one is noticed."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from secrets import token_hex

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from auth.break_glass.halves import ALPHABET, new_half, read_half
from auth.break_glass.schemas import ChangeIn, CustodianIn, DrawIn
from auth.break_glass.service import (
    add_break_glass,
    draw_half,
    list_break_glass,
    renew_break_glass,
)
from auth.linking.schemas import Unlink
from auth.linking.service import get_links, unlink
from auth.service import SEAT_MANAGE, SEAT_READ
from core.context import Scope
from core.errors import Refused
from core.use_cases.declaration import ById, Nothing
from core.use_cases.execution import execute
from tests.auth.break_glass.accounts import managing, ready, rows
from tests.auth.red_button.scene import (
    WHY,
    came_in,
    colleague,
    come,
    draw,
    drawn,
    enter,
    give_both,
    half,
    halves,
    is_in,
    send,
)
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Browser, Rig


async def test_each_half_is_shown_once_and_kept_as_a_digest_only(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await managing(rig, scope)
    (account,) = (await execute(add_break_glass, ctx, CustodianIn(custodian="Safe", reason=WHY))).accounts
    shown = await execute(draw_half, ctx, DrawIn(id=str(account.id), half="first"))
    with pytest.raises(Refused, match="shown already"):
        await execute(draw_half, ctx, DrawIn(id=str(account.id), half="first"))
    assert not await ready(rig, scope), "one half is no account"
    another = await managing(rig, scope, f"another-{token_hex(6)}")
    await execute(draw_half, another, DrawIn(id=str(account.id), half="second"))
    assert await ready(rig, scope)
    listed = await execute(list_break_glass, ctx, Nothing())
    assert shown.text not in str(listed)
    assert [line["half"] for line in await lines(rig, scope, "break_glass.show")] == ["first", "second"]
    assert shown.text not in str(await lines(rig, scope, "break_glass.show"))
    renewed = await execute(renew_break_glass, ctx, ChangeIn(id=str(account.id), reason=WHY))
    assert not renewed.accounts[0].ready
    assert (await enter(rig, scope, shown.text, shown.text)).status_code == 403


async def test_whoever_came_in_is_shown_one_new_half_and_nobody_who_was_shown_an_old_one_the_other(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    one, two, three = await come(rig, scope), await colleague(rig, scope), await colleague(rig, scope)
    browser = await came_in(rig, scope, *(await halves(rig, one, scope, other=two)))
    page = await browser.get(f"/en/{scope.slug}/people/break-glass")
    assert "Used: needs new halves" in page.text
    first = await half(browser, scope, "first")
    for who in (browser, one, two):  # Whoever came in may be either of the two, or both.
        await refused_the_second(who, scope)
    assert await is_in(await came_in(rig, scope, first, await half(three, scope, "second")), scope)


async def refused_the_second(browser: Browser, scope: Scope) -> None:
    answer = await draw(browser, scope, "second")
    assert answer.status_code == 409, answer.text
    assert "You were shown the other half" in answer.text


async def test_both_halves_are_never_shown_to_one_person(rig: Rig) -> None:
    scope = await rig.agency()
    first_account, second_account = f"first-{token_hex(6)}", f"second-{token_hex(6)}"
    for subject in (first_account, second_account):
        await rig.seat(scope, "administrator", subject=subject)
    one, twin = await come(rig, scope, first_account), await come(rig, scope, second_account)
    await give_both(rig, await rig.agency(), first_account, second_account)
    made = await send(one, scope, "/people/break-glass", custodian="Alix Roy", reason=WHY)
    assert made.status_code == 303
    first = await half(one, scope, "first")
    for who in (one, twin):
        await refused_the_second(who, scope)
        page = await who.get(f"/en/{scope.slug}/people/break-glass")
        assert "Another administrator has the missing half shown." in page.text
        assert "Show the second half" not in page.text
    assert not await ready(rig, scope)
    other = await colleague(rig, scope)
    assert "Show the second half" in (await other.get(f"/en/{scope.slug}/people/break-glass")).text
    assert await is_in(await came_in(rig, scope, first, await half(other, scope, "second")), scope)


async def test_an_account_that_left_a_seat_is_still_the_same_person(rig: Rig) -> None:
    scope = await rig.agency()
    was, ctx = await rig.seat(scope, "administrator"), await managing(rig, scope)
    one = await come(rig, scope)
    await send(one, scope, "/people/break-glass", custodian="Alix Roy", reason=WHY)
    await half(one, scope, "first")
    able = replace(ctx, actor=msgspec.structs.replace(ctx.actor, permissions=frozenset({SEAT_READ, SEAT_MANAGE})))
    (account,) = (await execute(get_links, able, ById(str(was)))).accounts
    await execute(unlink, able, Unlink(id=str(was), identity_id=str(account.id), reason=WHY))
    await rig.seat(scope, "administrator")  # The same account, now in another seat.
    await refused_the_second(await come(rig, scope), scope)


async def test_of_two_windows_of_one_person_that_ask_at_once_one_is_shown_a_half(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await managing(rig, scope)
    (account,) = (await execute(add_break_glass, ctx, CustodianIn(custodian="Safe", reason=WHY))).accounts
    asked = (execute(draw_half, ctx, DrawIn(id=str(account.id), half=one)) for one in ("first", "second"))
    done = await asyncio.gather(*asked, return_exceptions=True)
    assert sorted(type(answer).__name__ for answer in done) == ["Drawn", "Refused"]


async def test_new_halves_may_be_drawn_the_other_way_round(rig: Rig) -> None:
    scope = await rig.agency()
    await rig.seat(scope, "administrator")
    one, two = await come(rig, scope), await colleague(rig, scope)
    await halves(rig, one, scope, other=two)
    (row,) = await rows(rig, scope)
    path = f"/people/break-glass/{row.id}/renew"
    assert (await send(one, scope, "/people/break-glass", path, reason=WHY)).status_code == 303
    assert await is_in(await came_in(rig, scope, *(await drawn(rig, two, scope, other=one))), scope)


@given(st.integers(0, 24), st.sampled_from(ALPHABET))
def test_one_wrong_sign_is_noticed(place: int, sign: str) -> None:
    plain_half = read_half(new_half())
    assert plain_half is not None
    slip = plain_half[:place] + sign + plain_half[place + 1 :]
    assert (read_half(slip) is None) == (slip != plain_half)


@given(st.integers(0, 22))
def test_two_signs_that_changed_places_are_noticed(place: int) -> None:
    plain_half = read_half(new_half())
    assert plain_half is not None
    swapped = plain_half[:place] + plain_half[place + 1] + plain_half[place] + plain_half[place + 2 :]
    assert (read_half(swapped) is None) == (swapped != plain_half)
