"""What is slow runs beside everything else: of each scope one at a time, and nobody's holds up another's."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import pytest
from sqlalchemy import text

import core.database.locks
import core.events.beside
import core.events.worker
from core.context import Scope
from core.database.engines import Database
from core.database.locks import own_locks
from core.database.sessions import worker_session
from core.events.beside import hold_job
from core.events.queue import Turns, claim, lock_of
from core.events.subscribers import TASKS
from core.events.worker import run_worker
from tests.core.events.running import HEARD, jobs_of, tell, wiring
from tests.platform import Platform

LONG = "worker_took_long"
MORE_THAN_SLOTS = 8


@asynccontextmanager
async def serving(platform: Platform, *scopes: Scope) -> AsyncIterator[None]:
    """Run a worker as ``contingent serve`` does, for these scopes alone, and end it with every task done."""
    stop, only = asyncio.Event(), [scope.id for scope in scopes]
    async with asyncio.timeout(60), asyncio.TaskGroup() as group:
        group.create_task(run_worker(platform.database, wiring(platform), platform.clock, stop=stop, only=only))
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


async def test_however_many_scopes_calls_hang_what_another_scope_sends_goes_on(platform: Platform) -> None:
    hanging = [await platform.agency() for _ in range(MORE_THAN_SLOTS)]
    other = await platform.agency()
    for scope in hanging:
        await tell(platform, scope, event="worker_called")
    async with serving(platform, *hanging, other):
        for scope in hanging:
            await HEARD[scope.id].begun.wait()
        await tell(platform, other, event="worker_sent")
        await HEARD[other.id].sent.wait()
        await tell(platform, hanging[0])
        await HEARD[hanging[0].id].heard.wait()
    for scope in (*hanging, other):
        assert await jobs_of(platform, scope) == []


async def test_of_one_scope_no_two_tasks_run_at_once_in_whichever_worker(platform: Platform) -> None:
    scope = await platform.agency()
    HEARD[scope.id].go_on.set()  # whichever worker of a later test finds them
    await tell(platform, scope, event=LONG)
    await tell(platform, scope, event=LONG)
    only, now = [scope.id], platform.clock.now()
    async with own_locks(platform.database) as here, own_locks(platform.database) as there:
        held = await hold_job(platform.database, here, now, Turns(), TASKS, only=only)
        assert held is not None
        assert await hold_job(platform.database, here, now, Turns(), TASKS, only=only) is None
        assert await hold_job(platform.database, there, now, Turns(), TASKS, only=only) is None
        async with claim(platform.database, now, Turns(), only=only, lanes=[TASKS]) as claimed:
            assert claimed is None, "nor as any other job"
        await here.give_back(held.lock)
        again = await hold_job(platform.database, there, now, Turns(), TASKS, only=only)
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
            broken.setattr(core.events.beside, "count_attempt", fail)
            with pytest.raises(ConnectionResetError):
                await hold_job(platform.database, here, now, Turns(), TASKS, only=only)
        assert await hold_job(platform.database, there, now, Turns(), TASKS, only=only) is not None


async def test_a_task_whose_worker_ended_is_there_for_the_next(platform: Platform) -> None:
    scope = await platform.agency()
    await tell(platform, scope, event=LONG)
    async with own_locks(platform.database) as lost:
        assert (
            await hold_job(platform.database, lost, platform.clock.now(), Turns(), TASKS, only=[scope.id]) is not None
        )
    async with asyncio.timeout(60), own_locks(platform.database) as locks:
        while not await locks.take(lock_of(scope.id, TASKS)):  # the server notices a closed connection a moment later
            pass
        await locks.give_back(lock_of(scope.id, TASKS))
        held = await hold_job(platform.database, locks, platform.clock.now(), Turns(), TASKS, only=[scope.id])
    assert held is not None
    HEARD[scope.id].go_on.set()
    async with serving(platform, scope):
        await HEARD[scope.id].begun.wait()
    assert await jobs_of(platform, scope) == []
    assert len(HEARD[scope.id].events) == 1


HELD_BY = text(
    "SELECT pid FROM pg_locks WHERE locktype = 'advisory' AND granted"
    " AND (classid::bigint << 32) | objid::bigint = hashtextextended(:lock, 0)"
)
END = text("SELECT pg_terminate_backend(:pid)")


async def holder(platform: Platform, lock: str) -> int | None:
    """Return which of the server's processes holds the lock."""
    async with worker_session(platform.database) as session:
        pid: int | None = await session.scalar(HELD_BY, {"lock": lock})
        return pid


async def end(platform: Platform, pid: int) -> None:
    """End the connection, as a firewall or an operator may."""
    async with worker_session(platform.database) as session:
        await session.execute(END, {"pid": pid})


async def test_a_worker_whose_locks_connection_was_lost_goes_on_at_once_and_so_does_what_runs(
    platform: Platform,
) -> None:
    one, other = await platform.agency(), await platform.agency()
    lock = lock_of(one.id, TASKS)
    await tell(platform, one, event=LONG)
    async with serving(platform, one, other):
        await HEARD[one.id].begun.wait()
        before = await holder(platform, lock)
        assert before is not None
        await end(platform, before)
        await tell(platform, other, event=LONG)
        await HEARD[other.id].begun.wait()
        assert HEARD[one.id].running == 1, "it has gone on meanwhile"
        assert await holder(platform, lock) not in {None, before}, "and its lane is locked again"
    assert await jobs_of(platform, one) == await jobs_of(platform, other) == []
    assert len(HEARD[one.id].events) == 1


async def test_what_another_locked_while_the_connection_was_lost_ends_here_and_is_run_by_no_two(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(core.events.worker, "SETTLED", 0.1)
    scope = await platform.agency()
    heard, lock = HEARD[scope.id], lock_of(scope.id, TASKS)
    await tell(platform, scope, event=LONG)
    async with serving(platform, scope):
        await heard.begun.wait()
        before = await holder(platform, lock)
        assert before is not None
        async with worker_session(platform.database, patience=60) as session:
            # Whoever waits for a lock has it at the moment it is free.
            waiting = text("SELECT pg_advisory_xact_lock(hashtextextended(:lock, 0))")
            taking = asyncio.create_task(session.execute(waiting, {"lock": lock}))
            while not await waits(platform, lock):
                pass
            await end(platform, before)
            await taking
            await heard.over.wait()
            assert (heard.running, len(heard.events)) == (0, 1), "who has no lock any more runs nothing"
            (job,) = await jobs_of(platform, scope)
            assert job.attempts == 1
            heard.begun.clear()
        await heard.begun.wait()
        assert len(heard.events) == 2, "free again, it is run anew"
    assert heard.most == 1
    assert await jobs_of(platform, scope) == []


async def test_a_worker_that_is_to_end_looks_after_its_locks_until_what_has_begun_is_finished(
    platform: Platform,
) -> None:
    scope, stop = await platform.agency(), asyncio.Event()
    heard, lock = HEARD[scope.id], lock_of(scope.id, TASKS)
    await tell(platform, scope, event=LONG)
    async with asyncio.timeout(20), asyncio.TaskGroup() as group:
        made = wiring(platform)
        group.create_task(run_worker(platform.database, made, platform.clock, stop=stop, only=[scope.id]))
        await heard.begun.wait()
        stop.set()
        before = await holder(platform, lock)
        assert before is not None
        await end(platform, before)
        while await holder(platform, lock) in {None, before}:
            pass
        assert heard.running == 1
        heard.go_on.set()
    assert await jobs_of(platform, scope) == []
    assert len(heard.events) == 1


class Cut:
    """A connection that is lost as soon as one lock was taken on it."""

    def __init__(self, driver: Any) -> None:
        self._driver, self._taken = driver, 0

    def __getattr__(self, name: str) -> Any:
        return getattr(self._driver, name)

    async def fetchval(self, *asked: Any) -> Any:
        if self._taken:
            raise ConnectionResetError
        self._taken += 1
        return await self._driver.fetchval(*asked)


async def test_locks_that_were_had_again_only_in_part_are_free_for_others(
    platform: Platform, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [f"{(await platform.agency()).id}:{one}" for one in range(2)]
    connect = core.database.locks._connect

    async def cut(database: Database) -> Cut:
        return Cut(await connect(database))

    async with asyncio.timeout(20), own_locks(platform.database) as here, own_locks(platform.database) as there:
        for name in names:
            assert await here.take(name)
        here._driver.terminate()
        with monkeypatch.context() as broken:
            broken.setattr(core.database.locks, "_connect", cut)
            with pytest.raises(ConnectionResetError):
                await here.renew()
        assert here.lost
        for name in names:
            while not await there.take(name):  # the server notices a closed connection a moment later
                pass


async def waits(platform: Platform, lock: str) -> bool:
    """Say whether somebody waits for the lock."""
    async with worker_session(platform.database) as session:
        return await session.scalar(text(str(HELD_BY).replace("granted", "NOT granted")), {"lock": lock}) is not None
