"""Whoever may let nobody in any more gets that back by no program: it says of nobody who they are."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from auth.accounts.service import add_account
from auth.matrix.deriving import declared
from auth.models import RoleGrant
from auth.roles import MANAGES
from auth.schemas import EndGrant, SwitchSeat
from auth.service import end_grant, switch_seat
from core.context import Scope
from core.database.sessions import tenant_session
from core.errors import Refused
from core.use_cases.declaration import DECLARED
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.auth.accounts.test_programs import WHY, account, administrator
from tests.auth.rig import Rig
from tests.auth.test_people import manager
from tests.platform import Platform

IN_PERSON = {
    "accounts.add_account",
    "accounts.rotate_token",
    "approvals.approve_several",
    "approvals.choose_chain",
    "approvals.confirm_paper",
    "approvals.decide",
    "approvals.decide_on_paper",
    "approvals.delegate",
    "approvals.end_delegation",
    "approvals.recall",
    "approvals.release_decisions",
    "auth.link_officer",
    "break_glass.add_break_glass",
    "break_glass.draw_half",
    "break_glass.end_break_glass",
    "break_glass.renew_break_glass",
    "bundles.add_plugin_key",
    "bundles.choose_bundle",
    "calendars.make_mission_address",
    "calendars.make_own_address",
    "claim_rules.add_group_rule",
    "claim_rules.add_rule",
    "extensions.allow_plugin",
    "extensions.consent_to_plugin",
    "extensions.erase_plugin_data",
    "extensions.leave_safe_mode",
    "extensions.lift_stop",
    "extensions.resume_plugin",
    "extensions.use_profile",
    "linking.invite",
    "linking.link_account",
    "linking.link_seat_account",
    "linking.set_linking",
    "member.switch_member_access",
    "red_button.resume_service",
    "red_button.resume_sign_in",
    "relinking.move_relink",
    "relinking.preview_relink",
    "setup.move_provider",
    "step_up.end_step_up",
    "step_up.set_step_up",
}
"""What opens a way in or out, gives a role by what it says of somebody, or is a word that somebody stands behind; and
what lets more of other people's code run, or decide, or erases."""


@pytest.fixture(autouse=True)
def _rooms() -> None:
    """Load every room: each declares what it does as it is loaded."""
    declared()


async def posts(rig: Rig, text: str, path: str, **sent: Any) -> tuple[int, str]:
    answer = await rig.browser()._client.post(path, json=sent, headers={"Authorization": f"Bearer {text}"})
    return answer.status_code, answer.text


async def grant_of(rig: Rig, scope: Scope, seat: UUID) -> UUID:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(RoleGrant.id).where(RoleGrant.tenant_id == scope.id, RoleGrant.seat_id == seat)
        return (await session.scalars(chosen)).one()


async def test_whoever_lost_the_role_of_an_administrator_does_not_give_it_to_themselves_by_a_program(rig: Rig) -> None:
    scope = await rig.agency()
    ctx = await administrator(rig, scope)
    await rig.seat(scope, "administrator", subject="person-2")
    made = await execute(add_account, ctx, account(reads_only=False))
    grant = await grant_of(rig, scope, ctx.actor.id)
    await execute(end_grant, manager(rig, scope), EndGrant(id=str(ctx.actor.id), grant_id=str(grant), reason=WHY))
    roles = f"/api/v1/seats/{ctx.actor.id}/roles"
    status, said = await posts(rig, made.text, roles, role="administrator", reason=WHY)
    assert (status, "A person gives this role" in said) == (409, True), said
    assert (await posts(rig, made.text, roles, role="coordinator", reason=WHY))[0] == 201


@pytest.mark.parametrize("starts_in", [0, 9])
async def test_a_program_lets_in_again_who_was_shut_out_but_nobody_who_may_give_roles(rig: Rig, starts_in: int) -> None:
    scope = await rig.agency()
    made = await execute(add_account, await administrator(rig, scope), account(reads_only=False))
    manages = await rig.seat(scope, "administrator", subject="person-2")
    decides = await rig.seat(scope, "approver", subject="person-3")
    async with tenant_session(rig.ctx(scope)) as session:
        for row in await session.scalars(select(RoleGrant).where(RoleGrant.seat_id == manages)):
            row.starts_on += timedelta(days=starts_in)
    for seat in (manages, decides):
        await execute(switch_seat, manager(rig, scope), SwitchSeat(id=str(seat), active=False, reason=WHY))
    status, said = await posts(rig, made.text, f"/api/v1/seats/{manages}/switch", active=True, reason=WHY)
    assert (status, "A person lets them in" in said) == (409, True), said
    assert (await posts(rig, made.text, f"/api/v1/seats/{decides}/switch", active=True, reason=WHY))[0] == 200


def test_it_is_said_which_use_cases_no_program_does() -> None:
    assert {key for key, case in DECLARED.items() if case.in_person is not None} == IN_PERSON


@pytest.mark.parametrize("key", sorted(IN_PERSON))
async def test_no_program_does_what_opens_a_way_in(platform: Platform, key: str) -> None:
    case = DECLARED[key]
    kind = next(one for one in ("agency", "platform") if one in case.scopes)
    scope = await platform.agency() if kind == "agency" else platform.operator
    ctx = platform.ctx(scope, case.permission)
    token = replace(ctx, actor=msgspec.structs.replace(ctx.actor, kind="token", roles=frozenset({MANAGES[kind]})))
    async with tenant_session(token) as session:
        with pytest.raises(Refused, match="A person does this, signed in"):
            await case(Work(token, session, token.today, token.clock.now()), None)
