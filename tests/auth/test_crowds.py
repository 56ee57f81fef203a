"""Many at once in one process: who signs in and who works there do not wait for each other's connections."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select

from auth.models import Identity
from auth.relying_party.identities import identity_of, sitting
from core.context import Ctx
from core.database.engines import Database
from core.database.sessions import identity_session, tenant_session
from tests.auth.hostile import ISSUER
from tests.auth.rig import Rig

CONNECTIONS = 2


async def signs_in(ctx: Ctx, identity: UUID, seat: UUID) -> bool:
    async with sitting(ctx, identity, seat), tenant_session(ctx):
        return True


async def works(ctx: Ctx, at_work: asyncio.Semaphore, go: asyncio.Event) -> bool:
    """Do what an act on a case does: ask or note, within the scope's transaction, who is one person."""
    async with tenant_session(ctx):
        at_work.release()
        await go.wait()
        async with identity_session(ctx.database) as session:
            await session.execute(select(Identity.id).limit(1))
    return True


async def test_whoever_signs_in_leaves_a_connection_to_those_who_are_at_work(rig: Rig) -> None:
    scope, given = await rig.agency(), rig.platform.database
    seat = await rig.seat(scope)
    async with identity_session(given) as session:
        identity = await identity_of(session, rig.platform.clock, ISSUER, "person-1")
    small = Database(given.target, replace(given.settings, pool_size=CONNECTIONS))
    ctx, go = replace(rig.ctx(scope), database=small), asyncio.Event()
    at_work = asyncio.Semaphore(0)
    working = [asyncio.create_task(works(ctx, at_work, go)) for _ in range(CONNECTIONS)]
    for _ in working:
        await at_work.acquire()
    coming = [asyncio.create_task(signs_in(ctx, identity, seat)) for _ in range(CONNECTIONS)]
    # Nobody says how far they come; were it not far, the test would ask less and pass.
    await asyncio.wait(coming, timeout=0.3)
    go.set()
    assert all(await asyncio.gather(*working, *coming))
    await small.close()
