from __future__ import annotations

import asyncio
from datetime import timedelta
from uuid import UUID

from core.clock import Clock
from core.context import Ctx
from core.database.engines import Database
from core.events.periodic import Beat, queue_periodic
from core.events.subscribers import every
from core.events.worker import drain, run_worker
from tests.core.events.running import jobs_of, wiring
from tests.platform import Platform

REMIND = "events.remind"
RAN: list[UUID] = []


@every(3600, kinds={"agency"}, permissions={"reminder.send"})
async def remind(ctx: Ctx) -> None:
    assert ctx.actor.permissions == {"reminder.send"}
    RAN.append(ctx.scope.id)


async def test_a_task_is_queued_once_for_each_scope_however_many_workers_ask(platform: Platform) -> None:
    platform.clock.advance(timedelta(days=10))
    agency, department = await platform.agency(), await platform.scope("department")
    await asyncio.gather(*(queue_periodic(platform.database, platform.clock) for _ in range(3)))
    assert [job.subscriber for job in await jobs_of(platform, agency, task=REMIND)] == [REMIND]
    assert await jobs_of(platform, department, task=REMIND) == []
    await drain(platform.database, wiring(platform), platform.clock, only=[agency.id])
    assert RAN.count(agency.id) == 1


async def test_a_task_comes_round_when_its_time_has_come_and_never_piles_up(platform: Platform) -> None:
    platform.clock.advance(timedelta(days=20))
    agency = await platform.agency()
    await queue_periodic(platform.database, platform.clock)
    await queue_periodic(platform.database, platform.clock)
    assert len(await jobs_of(platform, agency, task=REMIND)) == 1
    platform.clock.advance(timedelta(hours=1))
    await queue_periodic(platform.database, platform.clock)
    assert len(await jobs_of(platform, agency, task=REMIND)) == 1, "the last one has not run yet"
    await drain(platform.database, wiring(platform), platform.clock, only=[agency.id])
    platform.clock.advance(timedelta(hours=1))
    await queue_periodic(platform.database, platform.clock)
    assert len(await jobs_of(platform, agency, task=REMIND)) == 1


async def test_a_beat_that_fails_is_beaten_again(platform: Platform) -> None:
    stop, beats = asyncio.Event(), []

    async def stumble(database: Database, clock: Clock) -> None:
        beats.append(1)
        if len(beats) == 3:
            stop.set()
        raise LookupError

    beat = Beat("stumble", 0.01, stumble)
    async with asyncio.timeout(20):
        await run_worker(platform.database, wiring(platform), platform.clock, slots=0, beats=[beat], stop=stop)
    assert len(beats) == 3
