"""Somebody is shut out while they let others in: whichever is first, nothing they made is left to come in by."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Coroutine
from dataclasses import dataclass, replace
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.accounts.schemas import AccountIn, Rotate
from auth.accounts.service import TOKEN_MANAGE, add_account, rotate_token
from auth.approval_links.models import ApprovalLink
from auth.approval_links.schemas import MessageTo
from auth.approval_links.service import hand_out_message
from auth.leaving import end_all_of
from auth.linking.models import SeatInvitation
from auth.linking.schemas import Invite
from auth.linking.service import invite
from auth.models import ApiToken
from auth.schemas import SwitchSeat
from auth.service import SEAT_MANAGE, SEAT_READ, switch_seat
from core.approvals.lifecycle import APPROVAL_MANAGE
from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session
from core.errors import Refused, Unauthenticated
from core.use_cases.execution import execute
from core.use_cases.work import Still, Work
from core.web.callers import Caller, StillIn
from tests.auth.approval_links.desk import make_desk, work_off
from tests.auth.linking.test_invitations import come_by, confirm, empty_seat, link_for, links
from tests.auth.rig import Rig
from tests.auth.test_people import WHY, link, manager, officer
from tests.standing_still import go_on

PROGRAM = AccountIn(name="Payroll export", kind="api", role="administrator", days=90, reason=WHY)


Make = Callable[[Work], Awaitable[object]]


@dataclass
class Scene:
    """An administrator who is signed in, and somebody whom they may invite."""

    rig: Rig
    scope: Scope
    maker: UUID
    invited: UUID
    ctx: Ctx
    still: Still

    async def left(self) -> int:
        """Return how many tokens and invitations are good for something."""
        tokens = select(func.count()).where(ApiToken.tenant_id == self.scope.id, ApiToken.revoked_at.is_(None))
        invitations = select(func.count()).where(
            SeatInvitation.tenant_id == self.scope.id, SeatInvitation.withdrawn_at.is_(None)
        )
        async with tenant_session(self.rig.ctx(self.scope), read_only=True) as session:
            return (await session.scalar(tokens) or 0) + (await session.scalar(invitations) or 0)


@pytest.fixture
async def scene(rig: Rig) -> Scene:
    scope = await rig.agency()
    await rig.seat(scope, "administrator", subject="another")
    maker, browser = await rig.seat(scope, "administrator"), rig.browser()
    await rig.sign_in(browser, scope)
    callers = rig.parts.callers
    credential = callers.credential({}, browser.cookies, scope.slug)
    assert credential is not None
    ctx = rig.platform.ctx(scope, TOKEN_MANAGE, SEAT_MANAGE, SEAT_READ)
    ctx = replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=maker))
    still = StillIn(callers, scope, credential, Caller(ctx.actor))
    return Scene(rig, scope, maker, await empty_seat(rig, scope), ctx, still)


async def let_a_program_in(scene: Scene) -> Make:
    return lambda work: add_account(work, PROGRAM)


async def replace_a_token(scene: Scene) -> Make:
    made = await execute(add_account, scene.ctx, PROGRAM)
    data = Rotate(id=str(made.account.id), overlap_hours=1, days=90, reason=WHY)
    return lambda work: rotate_token(work, data)


async def invite_somebody(scene: Scene) -> Make:
    return lambda work: invite(work, Invite(id=str(scene.invited), days=7, reason=WHY))


async def by_an_administrator(scene: Scene, seat: UUID) -> None:
    data = SwitchSeat(id=str(seat), active=False, reason=WHY)
    await execute(switch_seat, manager(scene.rig, scene.scope), data)


async def by_the_worker_file(scene: Scene, seat: UUID) -> None:
    ctx = manager(scene.rig, scene.scope)
    file = await officer(scene.rig, scene.scope, "E-1", status="left")
    await link(scene.rig, scene.scope, seat, file)
    async with tenant_session(ctx) as session:
        await work_of(ctx, session).emit("officer_changed", ("officer", file))
    await work_off(scene.rig, scene.scope)


MAKING = pytest.mark.parametrize("making", [let_a_program_in, replace_a_token, invite_somebody])
Making = Callable[[Scene], Awaitable[Make]]
Cause = Callable[[Scene, UUID], Coroutine[Any, Any, None]]


def work_of(ctx: Ctx, session: AsyncSession) -> Work:
    return Work(ctx, session, ctx.today, ctx.clock.now())


@MAKING
@pytest.mark.parametrize("cause", [by_an_administrator, by_the_worker_file])
async def test_what_is_made_first_is_ended(scene: Scene, making: Making, cause: Cause) -> None:
    make = await making(scene)
    async with tenant_session(scene.ctx) as session:
        await make(work_of(scene.ctx, session))
        shutting = asyncio.create_task(cause(scene, scene.maker))
        await go_on(scene.ctx, shutting)
    await shutting
    assert await scene.left() == 0


@pytest.mark.parametrize("cause", [by_an_administrator, by_the_worker_file])
async def test_what_is_made_first_for_somebody_is_ended_with_them(scene: Scene, cause: Cause) -> None:
    make = await invite_somebody(scene)
    async with tenant_session(scene.ctx) as session:
        await make(work_of(scene.ctx, session))
        shutting = asyncio.create_task(cause(scene, scene.invited))
        await go_on(scene.ctx, shutting)
    await shutting
    assert await scene.left() == 0


@MAKING
async def test_whoever_is_shut_out_first_makes_nothing(scene: Scene, making: Making) -> None:
    make, other = await making(scene), manager(scene.rig, scene.scope)

    async def made() -> object:
        async with tenant_session(scene.ctx) as session:
            work = work_of(scene.ctx, session)
            await scene.still(session)
            return await make(replace(work, still=scene.still))

    async with tenant_session(other) as session:
        await end_all_of(work_of(other, session), scene.maker)
        task = asyncio.create_task(made())
        await go_on(other, task)
    with pytest.raises(Unauthenticated):
        await task
    assert await scene.left() == 0


async def test_a_request_asks_again_by_whom_it_was_sent(scene: Scene) -> None:
    await execute(add_account, scene.ctx, PROGRAM, still=scene.still)
    asked = 0

    async def ended(session: object) -> Actor:
        nonlocal asked
        asked += 1
        if asked > 1:
            raise Unauthenticated
        return scene.ctx.actor

    with pytest.raises(Unauthenticated):
        await execute(add_account, scene.ctx, PROGRAM, still=ended)
    assert asked == 2


@pytest.mark.parametrize("whom", ["maker", "invited"])
async def test_nobody_is_linked_by_an_invitation_that_ends_at_that_moment(scene: Scene, whom: str) -> None:
    rig, browser, other = scene.rig, scene.rig.browser(), manager(scene.rig, scene.scope)
    page = await come_by(rig, browser, scene.scope, await link_for(scene.ctx, scene.invited))
    async with tenant_session(other) as session:
        await end_all_of(work_of(other, session), getattr(scene, whom))
        task = asyncio.create_task(confirm(browser, scene.scope, page))
        await go_on(other, task)
    assert (await task).status_code == 403
    assert await links(rig, scene.scope) == []


async def test_no_link_to_a_case_outlasts_its_person(rig: Rig) -> None:
    desk = await make_desk(rig)
    ctx, other = desk.ctx(APPROVAL_MANAGE), manager(rig, desk.scope)
    asked = MessageTo(id=desk.case, seat=str(desk.seat))
    shut = SwitchSeat(id=str(desk.seat), active=False, reason=WHY)
    async with tenant_session(other) as session:
        # What the case has already would be ended anyway.
        await end_all_of(work_of(other, session), desk.seat)
    assert await open_links(rig, desk.scope) == 0
    async with tenant_session(ctx) as session:
        await hand_out_message(work_of(ctx, session), asked)
        shutting = asyncio.create_task(execute(switch_seat, other, shut))
        await go_on(ctx, shutting)
    await shutting
    assert await open_links(rig, desk.scope) == 0


async def test_whoever_is_shut_out_first_gets_no_link_to_a_case(rig: Rig) -> None:
    desk = await make_desk(rig)
    ctx, other = desk.ctx(APPROVAL_MANAGE), manager(rig, desk.scope)
    asked = MessageTo(id=desk.case, seat=str(desk.seat))
    async with tenant_session(other) as session:
        await switch_seat(work_of(other, session), SwitchSeat(id=str(desk.seat), active=False, reason=WHY))
        handing = asyncio.create_task(execute(hand_out_message, ctx, asked))
        await go_on(other, handing)
    with pytest.raises(Refused, match="does not wait"):
        await handing
    assert await open_links(rig, desk.scope) == 0


async def open_links(rig: Rig, scope: Scope) -> int:
    chosen = select(func.count()).where(
        ApprovalLink.tenant_id == scope.id, ApprovalLink.ended_at.is_(None), ApprovalLink.used_at.is_(None)
    )
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return await session.scalar(chosen) or 0
