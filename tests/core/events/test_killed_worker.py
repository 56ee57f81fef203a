"""``kill -9`` in the middle of a job: nothing is lost, and its effect happens once."""

from __future__ import annotations

import asyncio
import os
import sys
from pathlib import Path
from uuid import uuid4

import pytest
from sqlalchemy import select

from core.audit.models import AuditLine
from core.context import Scope
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.events.worker import drain
from core.use_cases.work import Work
from tests.core.events.running import jobs_of, wiring
from tests.core.events.victim import PLACES, spelled
from tests.platform import Platform

ROOT = Path(__file__).parents[3]


async def kill_at(place: str, database: Database) -> None:
    """Start a worker, wait until it stands still at ``place`` and kill it."""
    given = {"CONTINGENT_VICTIM": place, "CONTINGENT_VICTIM_TARGET": spelled(database)}
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-c",
        "import asyncio; from tests.core.events.victim import serve; asyncio.run(serve())",
        cwd=ROOT,
        env=os.environ | given,
        stdout=asyncio.subprocess.PIPE,
    )
    assert process.stdout is not None
    try:
        async with asyncio.timeout(60):
            assert (await process.stdout.readline()).decode().strip() == place
    finally:
        process.kill()
        await process.wait()


async def lines_of(platform: Platform, scope: Scope) -> list[AuditLine]:
    async with tenant_session(platform.ctx(scope), read_only=True) as session:
        return list((await session.scalars(select(AuditLine).where(AuditLine.action == "victim.act"))).all())


@pytest.mark.parametrize("place", PLACES)
async def test_a_job_whose_worker_was_killed_is_done_by_another_once(platform: Platform, place: str) -> None:
    scope = await platform.agency()
    ctx = platform.ctx(scope)
    async with tenant_session(ctx) as session:
        await Work(ctx, session, ctx.today, ctx.clock.now()).emit("victim_changed", ("victim", uuid4()))
    await kill_at(place, platform.database)
    assert len(await lines_of(platform, scope)) == (1 if place == "after" else 0)
    (job,) = await jobs_of(platform, scope)
    assert (job.state, job.attempts) == ("waiting", 1)
    async with asyncio.timeout(60):
        while await jobs_of(platform, scope):  # the server notices a closed connection a moment later
            await drain(platform.database, wiring(platform), platform.clock, only=[scope.id])
    assert len(await lines_of(platform, scope)) == 1
