"""What becomes of programs when the provider no longer stands behind whoever let them in: as the agency wants."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from uuid import UUID

import pytest
from sqlalchemy import select, update

from auth.models import ApiToken, Session
from auth.tokens import Kind, create_token
from core.context import Scope
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from tests.auth.cases.faulty_refreshes import saying
from tests.auth.refreshing.asked import ask
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Browser, Rig
from tests.auth.test_backchannel import come, honest, is_in, send, signed

Cause = Callable[[Rig, Scope], Awaitable[None]]


@pytest.fixture(autouse=True)
def _apart(rig: Rig) -> None:
    rig.stand_apart()


async def logged_out(rig: Rig, scope: Scope) -> None:
    assert (await send(rig, scope, signed(rig, honest(rig)))).status_code == 200


async def refused(rig: Rig, scope: Scope) -> None:
    saying("invalid_grant")(rig.hostile)
    assert await ask(rig, scope) == 1


async def let_in(rig: Rig, scope: Scope, seat: UUID, name: str, kind: Kind = "api") -> None:
    async with tenant_session(rig.ctx(scope)) as session:
        roles = ["auditor"] if kind == "api" else []
        await create_token(
            session, rig.platform.clock, scope, name=name, roles=roles, days=30, kind=kind, created_by=seat
        )


async def let_in_still(rig: Rig, scope: Scope) -> list[str]:
    chosen = select(ApiToken.name).where(ApiToken.tenant_id == scope.id, ApiToken.revoked_at.is_(None))
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return sorted(await session.scalars(chosen))


async def told(rig: Rig, scope: Scope) -> list[tuple[UUID, str, str]]:
    """Return who was told of programs, which, and where that leads."""
    chosen = select(NotificationRow).where(NotificationRow.tenant_id == scope.id).order_by(NotificationRow.id)
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        rows = [row for row in await session.scalars(chosen) if "programs" in row.params]
    return [(row.seat_id, row.params["programs"], row.link) for row in rows]


async def scene(rig: Rig, **provider: str) -> tuple[Scope, UUID, Browser]:
    """Return an agency with an administrator, and one who is signed in and let programs in; another did so too."""
    scope = await rig.agency(**{"refresh": "given", **provider})
    answers = await rig.seat(scope, "administrator", subject="person-2", name="Ilse Roy")
    seat = await rig.seat(scope, "coordinator")
    await let_in(rig, scope, seat, "Roster")
    await let_in(rig, scope, seat, "Archive")
    await let_in(rig, scope, seat, "Directory", "scim")
    await let_in(rig, scope, answers, "Payroll")
    return scope, answers, await come(rig, scope)


@pytest.mark.parametrize("cause", [logged_out, refused])
async def test_where_the_agency_wants_it_their_programs_end_and_the_administrators_are_told_which(
    rig: Rig, cause: Cause
) -> None:
    scope, answers, browser = await scene(rig, programs="end")
    await cause(rig, scope)
    assert not await is_in(browser, scope)
    assert await let_in_still(rig, scope) == ["Directory", "Payroll"]
    assert await told(rig, scope) == [(answers, "Archive, Roster", "/programs")]
    ended = await lines(rig, scope, "api_token.revoke")
    assert sorted(line["name"] for line in ended) == ["Archive", "Roster"]
    assert {line["cause"] for line in ended} == {"unvouched"}


@pytest.mark.parametrize("cause", [logged_out, refused])
async def test_else_they_go_on_and_nobody_is_told(rig: Rig, cause: Cause) -> None:
    scope, _, browser = await scene(rig)
    await cause(rig, scope)
    assert not await is_in(browser, scope)
    assert await let_in_still(rig, scope) == ["Archive", "Directory", "Payroll", "Roster"]
    assert (await told(rig, scope), await lines(rig, scope, "api_token.revoke")) == ([], [])


async def test_a_provider_that_is_only_out_of_order_ends_none(rig: Rig) -> None:
    scope, _, browser = await scene(rig, programs="end")
    saying("server_error", 500)(rig.hostile)
    await ask(rig, scope)
    assert await is_in(browser, scope)
    assert len(await let_in_still(rig, scope)) == 4


@pytest.mark.parametrize("named", [{"sub": None}, {"sid": None}, {}])
async def test_whoever_has_signed_out_here_before_is_meant_too_and_a_token_counts_once(
    rig: Rig, named: dict[str, None]
) -> None:
    scope, _, browser = await scene(rig, programs="end")
    async with tenant_session(rig.ctx(scope)) as session:
        await session.execute(update(Session).values(ended_at=rig.platform.clock.now()))
    assert not await is_in(browser, scope)
    assert len(await let_in_still(rig, scope)) == 4
    token = signed(rig, honest(rig, **named))
    assert (await send(rig, scope, token)).status_code == 200
    assert (await send(rig, scope, token)).status_code == 400
    assert await let_in_still(rig, scope) == ["Directory", "Payroll"]
    assert len(await told(rig, scope)) == 1


async def test_somebody_else_s_sign_out_and_another_service_s_end_none(rig: Rig) -> None:
    scope, _, _ = await scene(rig, programs="end")
    other = await rig.agency(programs="end", client_id="contingent-other")
    await rig.seat(other)
    assert (await send(rig, other, signed(rig, honest(rig, aud="contingent-other")))).status_code == 200
    assert len(await let_in_still(rig, scope)) == 4
    await send(rig, scope, signed(rig, honest(rig, sub="person-2", sid="session-9")))
    assert await let_in_still(rig, scope) == ["Archive", "Directory", "Roster"]
