"""What is proved: a person to a certified provider, the application to it by a key, and that a session has ended."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import parse_qsl

import pytest
from joserfc.jwk import ECKey
from sqlalchemy import select

from auth.client_keys import add_key
from auth.models import IdentityProvider, Session
from auth.relying_party.assurance import AssuranceRule, keep_rule
from auth.relying_party.client_auth import PRIVATE_KEY
from contingent.demo.issuers import issuer_name
from core.database.sessions import tenant_session
from core.use_cases.work import Work
from tests.auth.peers.joining import joined, refusals, register
from tests.auth.peers.node import Peers
from tests.auth.peers.person import Person
from tests.auth.rig import Rig

pytestmark = pytest.mark.peers

RCMP = issuer_name("ca-rcmp")
PATIENCE = 20.0


@asynccontextmanager
async def reachable(rig: Rig, answers: asyncio.Queue[int]) -> AsyncIterator[str]:
    """Let a provider reach the application at the address that this gives; ``answers`` is what it was told."""

    async def carry(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        length = next(int(line.partition(":")[2]) for line in head if line.lower().startswith("content-length:"))
        form = dict(parse_qsl((await reader.readexactly(length)).decode()))
        answer = await rig.browser().post(head[0].split()[1], form)
        writer.write(b"HTTP/1.1 %d X\r\nContent-Length: 0\r\nConnection: close\r\n\r\n" % answer.status_code)
        await writer.drain()
        writer.close()
        answers.put_nowait(answer.status_code)

    async with await asyncio.start_server(carry, "127.0.0.1", 0) as server:
        yield f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}"


async def test_a_session_that_ends_at_the_provider_ends_here_in_every_service(rig: Rig, peers: Peers) -> None:
    answers: asyncio.Queue[int] = asyncio.Queue()
    issuer = peers.issuer(RCMP)
    async with reachable(rig, answers) as here:
        scopes = [await joined(rig, peers, RCMP, reached_at=here) for _ in range(2)]
        other = f"other-{scopes[0].slug}"
        async with Person(rig) as leaving, Person(rig, other) as staying:
            for scope in scopes:
                await rig.seat(scope, "coordinator", issuer=issuer, name="One who leaves")
                await rig.seat(scope, "coordinator", issuer=issuer, subject=other, name="One who stays")
                assert (await leaving.sign_in(scope)).status_code == 303
                assert (await staying.sign_in(scope)).status_code == 303
                assert "One who leaves" in await leaving.page(scope)
            await leaving.leave(f"{issuer}/session/end")
            async with asyncio.timeout(PATIENCE):
                assert [await answers.get() for _ in scopes] == [200, 200]
            for scope in scopes:
                assert "One who leaves" not in await leaving.page(scope)
                assert "One who stays" in await staying.page(scope)


@pytest.mark.parametrize("rule", [AssuranceRule(acr=("urn:high",), amr_all=("mfa",), max_age=60), AssuranceRule()])
async def test_a_proof_that_is_enough_is_kept_with_the_session(rig: Rig, peers: Peers, rule: AssuranceRule) -> None:
    scope = await joined(rig, peers, RCMP, assurance=keep_rule(rule))
    await rig.seat(scope, "coordinator", issuer=peers.issuer(RCMP))
    async with Person(rig) as person:
        assert (await person.sign_in(scope)).status_code == 303
    async with tenant_session(rig.ctx(scope)) as session:
        row = (await session.scalars(select(Session).where(Session.tenant_id == scope.id))).one()
    assert (row.acr, row.amr) == ("urn:high", ["pwd", "mfa"])


async def test_a_proof_that_is_too_little_is_refused(rig: Rig, peers: Peers) -> None:
    scope = await joined(rig, peers, RCMP, assurance=keep_rule(AssuranceRule(amr_all=("hwk",))))
    await rig.seat(scope, "coordinator", issuer=peers.issuer(RCMP))
    async with Person(rig) as person:
        assert "use your second factor" in (await person.sign_in(scope)).text
    assert await refusals(rig, scope) == ["assurance"]


@pytest.mark.parametrize("audience", ["issuer", "token_endpoint"])
async def test_the_application_proves_itself_by_its_published_key(rig: Rig, peers: Peers, audience: str) -> None:
    scope = await joined(rig, peers, RCMP, client_auth=PRIVATE_KEY, assertion_audience=audience)
    await rig.seat(scope, "coordinator", issuer=peers.issuer(RCMP))
    ctx = rig.ctx(scope)
    async with tenant_session(ctx) as session:
        (row,) = await session.scalars(select(IdentityProvider.id).where(IdentityProvider.tenant_id == scope.id))
        await add_key(Work(ctx, session, ctx.today, ctx.clock.now()), row, "ES256")
    async with Person(rig) as person:
        published = (await person.browser.get(f"/t/{scope.slug}/auth/jwks.json")).json()
        stranger = ECKey.generate_key("P-256", {"kid": published["keys"][0]["kid"]}).as_dict(private=False)
        for keys, status in (({"keys": [stranger]}, 403), (published, 303)):
            register(peers, RCMP, scope, PRIVATE_KEY, token_endpoint_auth_signing_alg="ES256", jwks=keys)
            assert (await person.sign_in(scope)).status_code == status
    assert await refusals(rig, scope) == ["token_refused"]
