"""Of two who change one program at the same moment the second waits, and counts with what the first did."""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from datetime import timedelta
from typing import Any

from auth.accounts.schemas import EndAccount, Made
from auth.accounts.service import add_account, end_account, rotate_token
from core.context import Ctx
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.accounts.test_programs import WHY, account, administrator, calls, rotation
from tests.auth.rig import Rig
from tests.standing_still import go_on


async def while_it_is_replaced(rig: Rig, ctx: Ctx, first: Made, then: Callable[[], asyncio.Task[Any]]) -> Made:
    """Replace the token of ``first`` in a transaction that ends once what ``then`` begins waits for it."""
    async with tenant_session(ctx) as session:
        replaced = await rotate_token(Work(ctx, session, ctx.today, ctx.clock.now()), rotation(first, 2))
        other = then()
        await go_on(ctx, other)
    await other
    return replaced


async def test_a_program_shut_out_while_its_token_is_replaced_has_no_token_left(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, other = await administrator(rig, scope), await administrator(rig, scope, "person-2")
    first = await execute(add_account, ctx, account())
    ending = EndAccount(id=str(first.account.id), reason=WHY)
    second = await while_it_is_replaced(
        rig, ctx, first, lambda: asyncio.create_task(execute(end_account, other, ending))
    )
    assert [await calls(rig, one.text) for one in (first, second)] == [401, 401]


async def test_of_two_tokens_made_at_once_the_older_ends_with_the_overlap(rig: Rig) -> None:
    scope = await rig.agency()
    ctx, other = await administrator(rig, scope), await administrator(rig, scope, "person-2")
    first = await execute(add_account, ctx, account())
    made: list[asyncio.Task[Made]] = []

    def again() -> asyncio.Task[Made]:
        made.append(asyncio.create_task(execute(rotate_token, other, rotation(first, 2))))
        return made[0]

    second = await while_it_is_replaced(rig, ctx, first, again)
    third = made[0].result()
    assert [await calls(rig, one.text) for one in (first, second, third)] == [200, 200, 200]
    rig.platform.clock.advance(timedelta(hours=2))
    assert [await calls(rig, one.text) for one in (first, second, third)] == [401, 401, 200]
