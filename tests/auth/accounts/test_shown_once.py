"""Tokens, halves, codes and links that are shown once: the same form sent again shows nothing."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import msgspec
import pytest
from sqlalchemy import select

from auth.accounts.schemas import AccountIn, Rotate
from auth.accounts.service import TOKEN_MANAGE, add_account, rotate_token
from auth.break_glass.schemas import CustodianIn, DrawIn
from auth.break_glass.service import BREAK_GLASS_MANAGE, add_break_glass, draw_half
from auth.linking.schemas import Invite
from auth.linking.service import invite
from auth.member.service import print_codes
from auth.service import SEAT_MANAGE, SEAT_READ
from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.use_cases.declaration import DECLARED, Nothing, UseCase
from core.use_cases.execution import execute
from core.use_cases.idempotency import IdempotencyRow
from tests.auth.member.officers import selected
from tests.auth.rig import Rig
from tests.auth.test_people import WHY

ALL = (TOKEN_MANAGE, BREAK_GLASS_MANAGE, SEAT_MANAGE, SEAT_READ)
PROGRAM = AccountIn(name="Export", kind="api", role="administrator", days=30, reason=WHY)
Asked = tuple[UseCase[Any, Any], Ctx, Any]


async def administrator(rig: Rig) -> Ctx:
    scope = await rig.agency()
    ctx = rig.platform.ctx(scope, *ALL)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=await rig.seat(scope, "administrator")))


async def a_token(rig: Rig) -> Asked:
    return add_account, await administrator(rig), PROGRAM


async def another_token(rig: Rig) -> Asked:
    ctx = await administrator(rig)
    made = await execute(add_account, ctx, PROGRAM)
    return rotate_token, ctx, Rotate(id=str(made.account.id), overlap_hours=1, days=30, reason=WHY)


async def a_half(rig: Rig) -> Asked:
    ctx = await administrator(rig)
    (account,) = (await execute(add_break_glass, ctx, CustodianIn(custodian="Safe", reason=WHY))).accounts
    return draw_half, ctx, DrawIn(id=str(account.id), half="first")


async def a_link(rig: Rig) -> Asked:
    ctx = await administrator(rig)
    seat = await rig.seat(ctx.scope, issuer="https://elsewhere.example.org", name="Nour Haddad", subject="nobody yet")
    return invite, ctx, Invite(id=str(seat), days=7, reason=WHY)


async def codes(rig: Rig) -> Asked:
    return print_codes, (await selected(rig)).ctx, Nothing()


MAKING: tuple[Callable[[Rig], Awaitable[Asked]], ...] = (a_token, another_token, a_half, a_link, codes)


@pytest.mark.parametrize("making", MAKING, ids=lambda making: making.__name__)
async def test_the_same_call_again_shows_nothing_and_says_what_to_do(
    rig: Rig, making: Callable[[Rig], Awaitable[Asked]]
) -> None:
    case, ctx, data = await making(rig)
    await execute(case, ctx, data, key="the same form")
    again = (execute(case, ctx, data, key="the same form") for _ in range(2))
    done = await asyncio.gather(*again, return_exceptions=True)
    for refused in done:
        assert isinstance(refused, Refused)
        assert refused.remedy == case.shown_once
    async with tenant_session(ctx, read_only=True) as session:
        kept = select(IdempotencyRow.answer).where(IdempotencyRow.tenant_id == ctx.scope.id)
        assert (await session.scalars(kept)).all() == [None]


def test_these_are_all_that_show_something_once() -> None:
    made = {"accounts.add_account", "accounts.rotate_token", "break_glass.draw_half", "linking.invite"}
    made |= {"calendars.make_mission_address", "calendars.make_own_address"}
    assert {key for key, case in DECLARED.items() if case.shown_once} == made | {"member.print_codes"}
