"""A directory's token whose maker is shut out goes on, and those who answer for access are told to replace it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from html import unescape
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from auth.accounts.schemas import AccountIn, AccountOut, Rotate
from auth.accounts.service import TOKEN_MANAGE, add_account, list_accounts, rotate_token
from auth.models import Seat
from auth.schemas import SwitchSeat
from auth.service import switch_seat
from core.audit.models import AuditLine
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.personnel.models import Officer
from core.use_cases.declaration import Nothing
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.approval_links.desk import work_off
from tests.auth.rig import Rig
from tests.auth.scim.directory import ENTERPRISE, USER, directory_of
from tests.auth.test_people import WHY, link, manager, officer

NUMBER = "E-1"
DIRECTORY = AccountIn(name="Entra ID", kind="scim", days=90, reason=WHY)


async def by_an_administrator(rig: Rig, scope: Scope, seat: UUID, _: UUID) -> None:
    await execute(switch_seat, manager(rig, scope), SwitchSeat(id=str(seat), active=False, reason=WHY))


async def by_the_worker_file(rig: Rig, scope: Scope, _: UUID, file: UUID) -> None:
    """Let two loads in turn say that they have left."""
    ctx = manager(rig, scope)
    for _time in range(2):
        async with tenant_session(ctx) as session:
            gone = update(Officer).where(Officer.tenant_id == scope.id, Officer.id == file)
            await session.execute(gone.values(status="left"))
            await Work(ctx, session, ctx.today, ctx.clock.now()).emit("workers_changed", ("hr_run", file))
        await work_off(rig, scope)


async def by_the_directory(rig: Rig, scope: Scope, *_: UUID) -> None:
    directory = await directory_of(rig, scope)
    told: dict[str, Any] = {"schemas": [USER, ENTERPRISE], ENTERPRISE: {"employeeNumber": NUMBER}}
    account = await directory.add("uriel", **told)
    closed = await directory.patch(account, {"op": "Replace", "path": "active", "value": "False"})
    assert closed.status_code == 200


async def told(rig: Rig, scope: Scope) -> list[tuple[UUID, str]]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(NotificationRow.seat_id, NotificationRow.params["program"].astext).where(
            NotificationRow.tenant_id == scope.id, NotificationRow.link == "/programs"
        )
        return [tuple(row) for row in await session.execute(chosen)]


async def lines(rig: Rig, scope: Scope) -> list[AuditLine]:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(AuditLine).where(AuditLine.tenant_id == scope.id, AuditLine.action == "api_token.outlive")
        return list(await session.scalars(chosen))


def acting(rig: Rig, scope: Scope, seat: UUID) -> Ctx:
    ctx = rig.platform.ctx(scope, TOKEN_MANAGE)
    return replace(ctx, actor=msgspec.structs.replace(ctx.actor, id=seat))


async def listed(ctx: Ctx, name: str) -> AccountOut:
    found = (await execute(list_accounts, ctx, Nothing())).accounts
    return next(one for one in found if one.name == name)


@pytest.mark.parametrize("cause", [by_an_administrator, by_the_worker_file, by_the_directory])
async def test_those_who_answer_for_access_are_told_once_until_the_token_is_replaced(
    rig: Rig, cause: Callable[[Rig, Scope, UUID, UUID], Awaitable[None]]
) -> None:
    scope = await rig.agency()
    other = await rig.seat(scope, "administrator")
    maker = await rig.seat(scope, "administrator", subject="uriel", name="Uriel Labonté")
    file = await officer(rig, scope, NUMBER)
    await link(rig, scope, maker, file)
    made = await execute(add_account, acting(rig, scope, maker), DIRECTORY)
    others = await execute(add_account, acting(rig, scope, other), msgspec.structs.replace(DIRECTORY, name="Okta"))
    ctx, browser = acting(rig, scope, other), rig.browser()
    assert not (await listed(ctx, "Entra ID")).outlived
    await cause(rig, scope, maker, file)
    assert [(line.subject_id, line.after) for line in await lines(rig, scope)] == [
        (made.account.id, {"name": "Entra ID", "seat_id": str(maker)})
    ]
    assert await told(rig, scope) == [(other, "Entra ID")]
    one = await listed(ctx, "Entra ID")
    assert (one.outlived, len(one.tokens)) == (True, 1)
    assert not (await listed(ctx, "Okta")).outlived
    await rig.sign_in(browser, scope)
    for language, words in (
        ("en", "comes in no more, but has seen this token"),
        ("fr", "n’a plus accès, mais a vu ce"),
    ):
        page = await browser.get(f"/{language}/{scope.slug}/programs")
        assert unescape(page.text).count(f"Uriel Labonté {words}") == 1
    for kept in (made, others):
        data = Rotate(id=str(kept.account.id), overlap_hours=1, days=90, reason=WHY)
        await execute(rotate_token, ctx, data)
    assert not (await listed(ctx, "Entra ID")).outlived
    assert "comes in no more" not in (await browser.get(f"/en/{scope.slug}/programs")).text


async def test_whoever_is_shut_out_after_another_replaced_their_token_is_no_reason_to_do_it_again(rig: Rig) -> None:
    scope = await rig.agency()
    other = await rig.seat(scope, "administrator")
    maker = await rig.seat(scope, "administrator", subject="uriel")
    made = await execute(add_account, acting(rig, scope, maker), DIRECTORY)
    data = Rotate(id=str(made.account.id), overlap_hours=24, days=90, reason=WHY)
    await execute(rotate_token, acting(rig, scope, other), data)
    await by_an_administrator(rig, scope, maker, maker)
    async with tenant_session(rig.ctx(scope)) as session:
        assert not (await session.get_one(Seat, (scope.id, maker))).active
    assert (await told(rig, scope), await lines(rig, scope)) == ([], [])
