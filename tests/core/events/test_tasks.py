"""What takes minutes runs beside everything else: of each scope one at a time, and nobody's holds up another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

import core.events.tasks
from core.context import Scope
from core.database.locks import own_locks
from core.events.queue import Turns, claim, lock_of
from core.events.subscribers import TASKS
from core.events.tasks import hold_task
from core.events.worker import run_worker
from tests.core.events.running import HEARD, jobs_of, tell, wiring
from tests.platform import Platform

LONG = "worker_took_long"
MORE_THAN_SLOTS = 8


@asynccontextmanager
async def serving(platform: Platform, *scopes: Scope) -> AsyncIterator[None]:
    """Run a worker as ``contingent serve`` does, and end it with every task done."""
    stop = asyncio.Event()
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(run_worker(platform.database, wiring(platform), platform.clock, stop=stop))
        yield
        stop.set()
        for scope in scopes:
            HEARD[scope.id].go_on.set()


async def test_however_many_tasks_hang_those_of_another_scope_and_what_is_sent_go_on(platform: Platform) -> None:
    hanging = [await platform.agency() for _ in range(MORE_THAN_SLOTS)]
    other = await platform.agency()
    for scope in hanging:
        await tell(platform, scope, event=LONG)
    async with serving(platform, *hanging, other):
        for scope in hanging:
            await HEARD[scope.id].begun.wait()
        await tell(platform, other, event=LONG)
        await HEARD[other.id].begun.wait()
        for scope in (hanging[0], other):
            await tell(platform, scope, event="worker_sent")
            await HEARD[scope.id].sent.wait()
    for scope in (*hanging, other):
        assert await jobs_of(platform, scope) == [], "a task that has begun is finished before the worker ends"


async def test_of_one_scope_no_two_tasks_run_at_once_in_whichever_worker(platform: Platform) -> None:
    scope = await platform.agency()
    HEARD[scope.id].go_on.set()  # whichever worker of a later test finds them
    await tell(platform, scope, event=LONG)
    await tell(platform, scope, event=LONG)
    only, now = [scope.id], platform.clock.now()
    async with own_locks(platform.database) as here, own_locks(platform.database) as there:
        held = await hold_task(platform.database, here, now, Turns(), only=only)
        assert held is not None
        assert await hold_task(platform.database, here, now, Turns(), only=only) is None
        assert await hold_task(platform.database, there, now, Turns(), only=only) is None
        async with claim(platform.database, now, Turns(), only=only, lanes=[TASKS]) as claimed:
            assert claimed is None, "nor as any other job"
        await here.give_back(held.lock)
        again = await hold_task(platform.database, there, now, Turns(), only=only)
        assert again is not None
        assert (again.job.id, again.job.attempts) == (held.job.id, 1), (
            "the attempt is counted though nothing came of it"
        )


async def test_a_task_whose_attempt_could_not_be_counted_holds_up_nothing(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    scope = await platform.agency()
    HEARD[scope.id].go_on.set()  # whichever worker of a later test finds it
    await tell(platform, scope, event=LONG)
    only, now = [scope.id], platform.clock.now()

    async def fail(*_: object) -> None:
        raise ConnectionResetError

    async with own_locks(platform.database) as here, own_locks(platform.database) as there:
        with monkeypatch.context() as broken:
            broken.setattr(core.events.tasks, "count_attempt", fail)
            with pytest.raises(ConnectionResetError):
                await hold_task(platform.database, here, now, Turns(), only=only)
        assert await hold_task(platform.database, there, now, Turns(), only=only) is not None


async def test_a_task_whose_worker_ended_is_there_for_the_next(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope, event=LONG)
    async with own_locks(platform.database) as lost:
        assert await hold_task(platform.database, lost, platform.clock.now(), Turns(), only=[scope.id]) is not None
    async with asyncio.timeout(60), own_locks(platform.database) as locks:
        while not await locks.take(lock_of(scope.id, TASKS)):  # the server notices a closed connection a moment later
            pass
        await locks.give_back(lock_of(scope.id, TASKS))
        held = await hold_task(platform.database, locks, platform.clock.now(), Turns(), only=[scope.id])
    assert held is not None
    HEARD[scope.id].go_on.set()
    async with serving(platform, scope):
        await HEARD[scope.id].begun.wait()
    assert await jobs_of(platform, scope) == []
    assert len(HEARD[scope.id].events) == 1
