"""A token whose maker may let nobody in goes on, and those who answer for access are told to replace it."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from html import unescape
from typing import Any, Literal
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select, update

from auth.accounts.schemas import AccountIn, AccountOut, Rotate
from auth.accounts.service import TOKEN_MANAGE, add_account, list_accounts, rotate_token
from auth.accounts.subscribers import look_at_programs
from auth.claim_rules.models import ClaimRule
from auth.claim_rules.schemas import EndRule
from auth.claim_rules.service import end_rule
from auth.claim_rules.settling import settle
from auth.models import IdentityProvider, RoleGrant, Seat
from auth.roles import MANAGES, ROLES
from auth.schemas import EndGrant, GrantIn, SwitchSeat
from auth.service import end_grant, grant_role, switch_seat
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
    assert (await listed(ctx, "Entra ID")).outlived is None
    await cause(rig, scope, maker, file)
    assert [(line.subject_id, line.after) for line in await lines(rig, scope)] == [
        (made.account.id, {"name": "Entra ID", "seat_id": str(maker), "cause": "gone"})
    ]
    assert await told(rig, scope) == [(other, "Entra ID")]
    one = await listed(ctx, "Entra ID")
    assert (one.outlived, len(one.tokens)) == ("gone", 1)
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


async def give_back(rig: Rig, scope: Scope, seat: UUID, **dates: Any) -> None:
    """Give somebody the role of an administrator again, a minute later."""
    rig.platform.clock.advance(timedelta(minutes=1))
    role = GrantIn(id=str(seat), role="administrator", reason=WHY, **dates)
    await execute(grant_role, manager(rig, scope), role)


async def taken_back(rig: Rig, scope: Scope, seat: UUID) -> None:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        held = RoleGrant.origin == "manual", RoleGrant.role == "administrator", RoleGrant.ends_on.is_(None)
        grant = (await session.scalars(select(RoleGrant.id).where(RoleGrant.seat_id == seat, *held))).one()
    await execute(end_grant, manager(rig, scope), EndGrant(id=str(seat), grant_id=str(grant), reason=WHY))


async def given_by_a_rule(rig: Rig, scope: Scope, seat: UUID) -> ClaimRule:
    """Let a rule alone give them the role."""
    ctx = rig.ctx(scope)
    async with tenant_session(ctx) as session:
        provider = (await session.scalars(select(IdentityProvider.id))).one()
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        source: dict[str, Any] = {"provider_id": provider, "claim": "groups", "value": "admins"}
        about: dict[str, Any] = {"role": "administrator", "reason": WHY, "made_by": seat, "created_at": work.now}
        rule = ClaimRule(tenant_id=scope.id, id=work.new_id(), **source, **about)
        session.add(rule)
        await session.flush()
        await settle(work, seat, provider, {"groups": ["admins"]})
    await taken_back(rig, scope, seat)
    await work_off(rig, scope)
    assert await told(rig, scope) == [], "they have it still, by the rule"
    return rule


async def lost_by_a_claim(rig: Rig, scope: Scope, seat: UUID) -> None:
    """Let a provider say no more what gave them the role."""
    rule, ctx = await given_by_a_rule(rig, scope, seat), rig.ctx(scope)
    assert rule.provider_id is not None
    async with tenant_session(ctx) as session:
        await settle(Work(ctx, session, ctx.today, ctx.clock.now()), seat, rule.provider_id, {})


async def lost_with_its_rule(rig: Rig, scope: Scope, seat: UUID) -> None:
    rule = await given_by_a_rule(rig, scope, seat)
    await execute(end_rule, manager(rig, scope), EndRule(id=str(rule.id), reason=WHY))


@pytest.mark.parametrize("cause", [taken_back, lost_by_a_claim, lost_with_its_rule])
@pytest.mark.parametrize("kind", ["api", "scim"])
async def test_the_others_are_told_of_the_programs_of_whoever_lost_the_role(
    rig: Rig, kind: Literal["api", "scim"], cause: Callable[[Rig, Scope, UUID], Awaitable[None]]
) -> None:
    scope = await rig.agency()
    other = await rig.seat(scope, "administrator")
    maker = await rig.seat(scope, "administrator", "coordinator", subject="uriel", name="Uriel Labonté")
    program = msgspec.structs.replace(DIRECTORY, kind=kind, role="auditor" if kind == "api" else None)
    made = await execute(add_account, acting(rig, scope, maker), program)
    ctx, browser = acting(rig, scope, other), rig.browser()
    await cause(rig, scope, maker)
    await work_off(rig, scope)
    assert await told(rig, scope) == [(other, "Entra ID")]
    after = {"name": "Entra ID", "seat_id": str(maker), "cause": "role"}
    assert [(line.subject_id, line.after) for line in await lines(rig, scope)] == [(made.account.id, after)]
    await look_at_programs(rig.platform.ctx(scope))
    assert len(await told(rig, scope)) == 1
    assert (await listed(ctx, "Entra ID")).outlived == "role"
    await rig.sign_in(browser, scope)
    for language, words in (
        ("en", "may let programs in no more, but has seen this token"),
        ("fr", "ne peut plus donner accès à des programmes, mais a vu ce"),
    ):
        page = await browser.get(f"/{language}/{scope.slug}/programs")
        assert unescape(page.text).count(f"Uriel Labonté {words}") == 1
    await give_back(rig, scope, maker)
    assert (await listed(ctx, "Entra ID")).outlived is None
    rig.platform.clock.advance(timedelta(minutes=1))
    await taken_back(rig, scope, maker)
    await work_off(rig, scope)
    assert len(await told(rig, scope)) == 2, "who had it again and lost it again is told of again"


async def test_who_came_in_again_and_is_gone_again_is_told_of_again(rig: Rig) -> None:
    scope = await rig.agency()
    other = await rig.seat(scope, "administrator", subject="person-2")
    maker = await rig.seat(scope, "administrator", name="Uriel Labonté")
    await execute(add_account, acting(rig, scope, maker), DIRECTORY)
    await by_an_administrator(rig, scope, maker, maker)
    for active in (True, False):
        assert len(await told(rig, scope)) == 1
        await execute(switch_seat, manager(rig, scope), SwitchSeat(id=str(maker), active=active, reason=WHY))
        if active:
            rig.platform.clock.advance(timedelta(minutes=1))
            assert (await rig.sign_in(rig.browser(), scope)).status_code == 303
    assert await told(rig, scope) == [(other, "Entra ID")] * 2


async def test_a_role_that_ends_on_its_day_is_told_of_the_same(rig: Rig) -> None:
    scope = await rig.agency()
    other = await rig.seat(scope, "administrator")
    maker = await rig.seat(scope, subject="uriel")
    await give_back(rig, scope, maker, ends_on=rig.ctx(scope).today + timedelta(days=2))
    await execute(add_account, acting(rig, scope, maker), DIRECTORY)
    rig.platform.clock.advance(timedelta(days=1))
    await look_at_programs(rig.platform.ctx(scope))
    assert await told(rig, scope) == []
    rig.platform.clock.advance(timedelta(days=1))
    for _time in range(2):
        await look_at_programs(rig.platform.ctx(scope))
    assert await told(rig, scope) == [(other, "Entra ID")]


def test_programs_are_let_in_by_the_role_that_answers_for_access_alone() -> None:
    letting = {
        (kind, key) for kind, roles in ROLES.items() for key, role in roles.items() if TOKEN_MANAGE in role.permissions
    }
    assert letting == set(MANAGES.items())
