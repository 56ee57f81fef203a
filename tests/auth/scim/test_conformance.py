"""The protocol as its own tester sees it: three agencies at once, over real connections, and none sees another's."""

from __future__ import annotations

import asyncio
from collections import Counter

import httpx2
import pytest
import uvicorn
from scim2_client.engines.httpx2 import SyncSCIMClient
from scim2_tester import CheckResult, Status, check_server
from sqlalchemy import select

from auth.scim.models import ScimResource
from core.context import Scope
from core.database.sessions import tenant_session
from tests.auth.rig import Rig
from tests.auth.scim.directory import directory_of, token_of

pytestmark = pytest.mark.http
FAILED = {Status.ERROR, Status.CRITICAL, Status.DEVIATION}
FEWEST = 75
"""Checks that a run has at least: a tester that found nothing to check has not tested."""


def check(address: str, token: str) -> list[CheckResult]:
    headers = {"Authorization": f"Bearer {token}"}
    with httpx2.Client(base_url=address, headers=headers, trust_env=False, timeout=60) as client:
        return check_server(SyncSCIMClient(client))


async def kept(rig: Rig, scope: Scope) -> int:
    async with tenant_session(rig.ctx(scope), read_only=True) as session:
        return len(list(await session.scalars(select(ScimResource.id))))


async def test_the_tester_finds_no_failure_for_three_agencies_at_once(
    rig: Rig, capsys: pytest.CaptureFixture[str]
) -> None:
    agencies = [await rig.platform.agency() for _ in range(3)]
    for place, scope in enumerate(agencies):
        await (await directory_of(rig, scope)).add(f"kept-by-{place}")
    tokens = [await token_of(rig, scope) for scope in agencies]
    config = uvicorn.Config(rig.app, host="127.0.0.1", port=0, log_level="error", lifespan="on")
    server = uvicorn.Server(config)
    serving = asyncio.create_task(server.serve())
    while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
        await asyncio.sleep(0)
    try:
        port = server.servers[0].sockets[0].getsockname()[1]
        addresses = [f"http://localhost:{port}/t/{scope.slug}/scim/v2" for scope in agencies]
        runs = await asyncio.gather(*map(asyncio.to_thread, [check] * 3, addresses, tokens))
    finally:
        server.should_exit = True
        await serving
    for scope, results in zip(agencies, runs, strict=True):
        said = Counter(one.status.name for one in results)
        with capsys.disabled():
            print(f"\nscim2-tester, {scope.slug}: {len(results)} checks, {dict(said)}")  # noqa: T201 - the count is shown
        wrong = [
            f"{one.status.name} {one.title} {one.resource_type}: {one.reason}"
            for one in results
            if one.status in FAILED
        ]
        assert not wrong, "\n".join(wrong)
        assert len(results) >= FEWEST
    for place, scope in enumerate(agencies):
        directory = await directory_of(rig, scope)
        assert await directory.names() == [f"kept-by-{place}"]
        assert await kept(rig, scope) == 1
