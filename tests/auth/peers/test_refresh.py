"""A certified provider takes each refresh token once: a session goes on, or ends with the account or a theft."""

from __future__ import annotations

import asyncio
from typing import Any
from uuid import UUID

import httpx2
import msgspec
import pytest
from sqlalchemy import select, update

from auth.claim_rules.service import add_rule
from auth.models import RefreshGrant, RoleGrant
from auth.refresh_grants import Kept
from contingent.demo.issuers import issuer_name
from core.context import Scope
from core.database.sealing import unseal
from core.database.sessions import tenant_session
from core.use_cases.execution import execute
from tests.auth.claim_rules.test_sign_in_by_claims import administrator, rule
from tests.auth.peers.joining import joined
from tests.auth.peers.node import Peers
from tests.auth.peers.person import Person
from tests.auth.refreshing.asked import grants
from tests.auth.relying_party.kept import lines
from tests.auth.rig import Rig

pytestmark = pytest.mark.peers

RCMP = issuer_name("ca-rcmp")
NAME = "One who stays"


async def registered(rig: Rig, peers: Peers, person: str, **provider: Any) -> Scope:
    scope = await joined(rig, peers, RCMP, **{"refresh": "given"} | provider)
    await rig.seat(scope, subject=person, issuer=peers.issuer(RCMP), name=NAME)
    return scope


async def ask(rig: Rig, scope: Scope, processes: int = 1) -> int:
    """Let the time have come, which at a real provider cannot be moved, and ask; return how many were asked about."""
    async with tenant_session(rig.ctx(scope)) as session:
        due = update(RefreshGrant).where(RefreshGrant.tenant_id == scope.id)
        await session.execute(due.values(due_at=rig.platform.clock.now()))
    database, clock = rig.platform.database, rig.platform.clock
    return sum(
        await asyncio.gather(*(rig.parts.refreshing.run(database, clock, only={scope.id}) for _ in range(processes)))
    )


async def token_of(rig: Rig, scope: Scope) -> str:
    """Return the refresh token that is kept."""
    (row,) = await grants(rig, scope)
    sealed = unseal(rig.ctx(scope), RefreshGrant, row.id, row.sealed)
    return msgspec.json.decode(sealed, type=Kept).token


@pytest.mark.parametrize("refresh", ["given", "offline"])
async def test_a_session_goes_on_over_many_tokens(rig: Rig, peers: Peers, refresh: str) -> None:
    scope = await registered(rig, peers, f"goes-on-{refresh}", refresh=refresh)
    async with Person(rig, f"goes-on-{refresh}") as person:
        assert (await person.sign_in(scope)).status_code == 303
        tokens = {await token_of(rig, scope)}
        for _ in range(4):
            assert await ask(rig, scope) == 1
            tokens.add(await token_of(rig, scope))
        assert len(tokens) == 5, "each is taken once, and there is another"
        assert NAME in await person.page(scope)
    assert await lines(rig, scope, "session.end") == []


async def test_several_that_ask_at_once_do_not_lose_the_session(rig: Rig, peers: Peers) -> None:
    scope = await registered(rig, peers, "raced")
    async with Person(rig, "raced") as person:
        assert (await person.sign_in(scope)).status_code == 303
        for _ in range(5):
            assert await ask(rig, scope, processes=4) == 1
        assert NAME in await person.page(scope)
    assert await lines(rig, scope, "session.end") == []


async def test_a_token_that_a_thief_has_used_ends_the_session(rig: Rig, peers: Peers) -> None:
    scope = await registered(rig, peers, "robbed")
    async with Person(rig, "robbed") as person:
        assert (await person.sign_in(scope)).status_code == 303
        stolen = await token_of(rig, scope)
        form = {"grant_type": "refresh_token", "refresh_token": stolen, "client_id": f"contingent-{scope.slug}"}
        async with httpx2.AsyncClient(trust_env=False) as thief:
            assert (await thief.post(f"{peers.issuer(RCMP)}/token", data=form)).status_code == 200
            assert await ask(rig, scope) == 1
            assert NAME not in await person.page(scope)
            again = await thief.post(f"{peers.issuer(RCMP)}/token", data=form)
            assert (again.status_code, again.json()["error"]) == (400, "invalid_grant")
    assert [(line["cause"], line["why"]) for line in await lines(rig, scope, "session.end")] == [
        ("refresh", "token_refused")
    ]
    assert await grants(rig, scope) == []


async def test_a_closed_account_s_session_ends(rig: Rig, peers: Peers) -> None:
    scope = await registered(rig, peers, "dismissed")
    async with Person(rig, "dismissed") as person:
        assert (await person.sign_in(scope)).status_code == 303
        assert await ask(rig, scope) == 1
        assert NAME in await person.page(scope)
        peers.control(RCMP, person="dismissed", closed=True)
        assert await ask(rig, scope) == 1
        assert NAME not in await person.page(scope)
    assert [line["cause"] for line in await lines(rig, scope, "session.end")] == ["refresh"]


async def test_another_organization_or_none_takes_the_rights_along(rig: Rig, peers: Peers) -> None:
    peers.control(RCMP, person="moves", claims={"organization": "peace"})
    scope = await registered(rig, peers, "moves")
    await execute(add_rule, await administrator(rig, scope), rule("peace", "coordinator", "organization"))
    async with Person(rig, "moves") as person:
        assert (await person.sign_in(scope)).status_code == 303
        assert len(await given(rig, scope)) == 1
        await ask(rig, scope)
        assert len(await given(rig, scope)) == 1
        peers.control(RCMP, person="moves", claims={"organization": "golf"})
        await ask(rig, scope)
        assert await given(rig, scope) == []
        assert NAME in await person.page(scope)


async def given(rig: Rig, scope: Scope) -> list[UUID]:
    """Return the roles that claims give now."""
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        chosen = select(RoleGrant.id).where(
            RoleGrant.tenant_id == scope.id, RoleGrant.origin == "claim", RoleGrant.ends_on.is_(None)
        )
        return list(await session.scalars(chosen))
