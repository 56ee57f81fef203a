"""The worker: claims jobs as ``contingent_worker`` and runs each in its scope's ordinary session."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.locks import Locks, own_locks
from core.database.sessions import worker_session
from core.events.models import JobRow
from core.events.periodic import PERIODIC_BEAT, Beat
from core.events.queue import ATTEMPTS, LOST, Claim, Turns, claim, finish, postpone
from core.events.subscribers import ASIDE, LANES, OWN, SUBSCRIBERS, Event, Lane
from core.events.tasks import AT_ONCE, Held, hold_task

Wiring = Callable[[Scope, Actor, str], Ctx]
"""Makes the context of an actor in a scope for a request id, with database, hooks, people and clock in it."""

IDLE = 0.25
"""Seconds between two looks into an empty queue."""

_log = logging.getLogger("contingent.job")


async def run_worker(
    database: Database,
    wiring: Wiring,
    clock: Clock,
    *,
    slots: int = 2,
    beats: Iterable[Beat] = (),
    stop: asyncio.Event | None = None,
) -> None:
    """Run jobs until ``stop`` is set, ``slots`` at a time, finishing those that have begun.

    One of several slots is kept for scopes' own work, so that others' slow machines never take them all. Tasks, which
    may take minutes, run in none of them: beside, of each scope one at a time.

    ``beats`` run besides, each in its own rhythm; the one that queues periodic tasks is always
    among them.

    Any number of workers may run side by side, on any number of machines. A database that is
    away is waited for.
    """
    stop = stop or asyncio.Event()
    turns = Turns()
    async with asyncio.TaskGroup() as group:
        for slot in range(slots):
            lanes = (OWN,) if slots > 1 and slot == 0 else (OWN, ASIDE)
            group.create_task(_serve(database, wiring, clock, turns, stop, lanes=lanes))
        if slots:
            group.create_task(_serve_tasks(database, wiring, clock, stop))
        for beat in (PERIODIC_BEAT, *beats):
            group.create_task(_beat(database, clock, beat, stop))


async def _beat(database: Database, clock: Clock, beat: Beat, stop: asyncio.Event) -> None:
    try:
        while not stop.is_set():
            try:
                await beat.run(database, clock)
            except Exception as error:  # noqa: BLE001 - whatever it was, the next beat has to come
                _log.warning("a beat failed", extra=_line(event=beat.name, outcome="interrupted", error=_where(error)))
            await _pause(stop, beat.seconds)
    finally:
        await beat.end()


async def _serve(
    database: Database, wiring: Wiring, clock: Clock, turns: Turns, stop: asyncio.Event, *, lanes: Sequence[Lane]
) -> None:
    while not stop.is_set():
        ran = False
        with _noted():
            ran = await run_next(database, wiring, clock, turns, lanes=lanes)
        if not ran:
            await _pause(stop, IDLE)


async def _serve_tasks(database: Database, wiring: Wiring, clock: Clock, stop: asyncio.Event) -> None:
    """Run tasks until ``stop`` is set, and finish those that have begun."""
    while not stop.is_set():
        with _noted():
            async with own_locks(database) as locks, asyncio.TaskGroup() as group:
                await _begin_tasks(database, locks, wiring, clock, stop, group)
        await _pause(stop, IDLE)


async def _begin_tasks(  # noqa: PLR0917 - what a worker has, and where its tasks run
    database: Database, locks: Locks, wiring: Wiring, clock: Clock, stop: asyncio.Event, group: asyncio.TaskGroup
) -> None:
    """Begin tasks until ``stop`` is set or the locks are lost: then those that run are waited for, not ended."""
    turns, running = Turns(), set[asyncio.Task[None]]()
    with _noted():
        while not stop.is_set():
            held = await hold_task(database, locks, clock.now(), turns) if len(running) < AT_ONCE else None
            if held is None:
                await _pause(stop, IDLE)
                continue
            task = group.create_task(_run_task(database, locks, held, wiring, clock))
            running.add(task)
            task.add_done_callback(running.discard)


async def _run_task(database: Database, locks: Locks, held: Held, wiring: Wiring, clock: Clock) -> None:
    begun = clock.monotonic()
    failure = await _attempt(held.job, held.scope, wiring)
    with _noted():
        async with worker_session(database) as session:
            await _end(Claim(session, held.job, held.scope), failure, begun, clock)
    with _noted():
        await locks.give_back(held.lock)


@contextmanager
def _noted() -> Iterator[None]:
    """Let what fails here stop nothing else: the worker has to go on, and a job that was not ended runs again."""
    try:
        yield
    except Exception as error:  # noqa: BLE001 - see above
        _log.warning("a look failed", extra=_line(event="worker", outcome="interrupted", error=_where(error)))


async def _pause(stop: asyncio.Event, seconds: float) -> None:
    try:
        await asyncio.wait_for(stop.wait(), seconds)
    except TimeoutError:
        return


async def drain(
    database: Database,
    wiring: Wiring,
    clock: Clock,
    *,
    only: Collection[UUID] | None = None,
    each: Callable[[int], object] | None = None,
) -> int:
    """Run every job that is due (of the scopes ``only``) and those that follow; return how many ran.

    ``each`` is told after every job how many it makes.
    """
    turns, ran = Turns(), 0
    while await run_next(database, wiring, clock, turns, only=only):
        ran += 1
        if each is not None:
            each(ran)
    return ran


async def run_next(
    database: Database,
    wiring: Wiring,
    clock: Clock,
    turns: Turns,
    *,
    only: Collection[UUID] | None = None,
    lanes: Sequence[Lane] = LANES,
) -> bool:
    """Run the next job that is due and say whether there was one."""
    async with claim(database, clock.now(), turns, only=only, lanes=lanes) as claimed:
        if claimed is None:
            return False
        begun = clock.monotonic()
        failure = await _attempt(claimed.job, claimed.scope, wiring)
        await _end(claimed, failure, begun, clock)
        return True


async def _end(claimed: Claim, failure: str | None, begun: float, clock: Clock) -> None:
    """Take the job out of the queue, or put it back, and say so in the log."""
    if failure is None:
        outcome = "done"
        await finish(claimed)
    else:
        outcome = "dead" if await postpone(claimed, failure, clock.now()) else "again"
    milliseconds = round((clock.monotonic() - begun) * 1000, 1)
    level = logging.INFO if failure is None else logging.WARNING
    _log.log(level, "a job ran", extra=_job_line(claimed.job, outcome, milliseconds, failure))


async def _attempt(job: JobRow, scope: Scope, wiring: Wiring) -> str | None:
    """Run the job and return what failed, or ``None``."""
    known = SUBSCRIBERS.get(job.subscriber)
    if known is None:
        return "no such subscriber: it was removed or its plugin is not installed"
    if job.attempts >= ATTEMPTS:
        return LOST
    event = Event(
        id=job.event_id,
        name=job.event,
        subject_kind=job.subject_kind,
        subject_id=job.subject_id,
        owner_id=job.owner_id,
        writer_id=job.writer_id,
        on=job.on_day,
        key=f"job:{job.id}",
    )
    try:
        ctx = wiring(scope, known.actor, job.request_id)
        async with asyncio.timeout(known.deadline):
            await known.handler(ctx, event)
    except Exception as error:  # noqa: BLE001 - the failure of one job is that job's alone
        return _where(error)
    return None


def _where(error: BaseException) -> str:
    """Say what kind of error it was and where; its message stays out, it may name a person."""
    frames = traceback.extract_tb(error.__traceback__)
    place = f" at {frames[-1].filename.rsplit('/', 1)[-1]}:{frames[-1].lineno}" if frames else ""
    return f"{type(error).__module__}.{type(error).__qualname__}{place}"


def _job_line(job: JobRow, outcome: str, milliseconds: float, failure: str | None) -> dict[str, Any]:
    return _line(
        event=job.event,
        job=str(job.id),
        subscriber=job.subscriber,
        scope=str(job.scope_id),
        request=job.request_id,
        attempt=job.attempts + 1,
        outcome=outcome,
        ms=milliseconds,
        error=failure,
    )


def _line(**values: object) -> dict[str, Any]:
    """Return what the log's formatter writes as members of the line."""
    return {"line": {name: value for name, value in values.items() if value is not None}}
