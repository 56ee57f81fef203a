"""The worker: claims jobs as ``contingent_worker`` and runs each in its scope's ordinary session."""

from __future__ import annotations

import asyncio
import logging
import traceback
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import partial
from typing import Any
from uuid import UUID

from core.clock import Clock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.locks import Locks
from core.database.sessions import worker_session
from core.events.beside import AT_ONCE, BESIDE, Held, hold_job, hold_next, is_still
from core.events.models import JobRow
from core.events.periodic import PERIODIC_BEAT, Beat
from core.events.queue import ATTEMPTS, LOST, Claim, Turns, claim, finish, postpone
from core.events.subscribers import LANES, OWN, SUBSCRIBERS, Event, Lane

Wiring = Callable[[Scope, Actor, str], Ctx]
"""Makes the context of an actor in a scope for a request id, with database, hooks, people and clock in it."""

IDLE = 0.25
"""Seconds between two looks into an empty queue."""
RENEWED_WITHIN = 1.0
"""Seconds in which lost locks are had again, or what they were for ends."""
SETTLED = 2.0
"""Seconds after which a worker that lost a lock runs nothing under it: it looks every ``IDLE``."""

_log = logging.getLogger("contingent.job")


async def run_worker(
    database: Database,
    wiring: Wiring,
    clock: Clock,
    *,
    slots: int = 2,
    beats: Iterable[Beat] = (),
    stop: asyncio.Event | None = None,
    only: Collection[UUID] | None = None,
) -> None:
    """Run jobs until ``stop`` is set, ``slots`` at a time, finishing those that have begun.

    The slots are for scopes' own work alone. What waits for others' machines, and what may take minutes, runs in none
    of them but beside, of each scope one at a time: however slow one scope's calls are, no other's wait for them.

    ``beats`` run besides, each in its own rhythm; the one that queues periodic tasks is always
    among them. ``only``: jobs of these scopes alone.

    Any number of workers may run side by side, on any number of machines. A database that is
    away is waited for.
    """
    stop = stop or asyncio.Event()
    turns = Turns()
    async with asyncio.TaskGroup() as group:
        for _ in range(slots):
            group.create_task(_serve(database, wiring, clock, turns, stop, only))
        if slots:
            group.create_task(_serve_beside(database, wiring, clock, stop, only))
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


async def _serve(  # noqa: PLR0917 - what a worker has
    database: Database,
    wiring: Wiring,
    clock: Clock,
    turns: Turns,
    stop: asyncio.Event,
    only: Collection[UUID] | None,
) -> None:
    while not stop.is_set():
        ran = False
        with _noted():
            ran = await run_next(database, wiring, clock, turns, lanes=(OWN,), only=only)
        if not ran:
            await _pause(stop, IDLE)


async def _serve_beside(
    database: Database, wiring: Wiring, clock: Clock, stop: asyncio.Event, only: Collection[UUID] | None
) -> None:
    """Run what is beside scopes' own work until ``stop`` is set, and finish what has begun.

    What runs goes on while the locks' connection is lost, if its lock can be had again at once. What somebody else
    locked meanwhile is theirs, and ends here.
    """
    turns, running = {lane: Turns() for lane in BESIDE}, dict[str, asyncio.Task[None]]()
    locks = Locks(database)
    try:
        async with asyncio.TaskGroup() as group:
            while not stop.is_set():
                began = False
                with _noted():
                    await _keep(locks, running)
                    for lane in BESIDE:
                        if len(running) >= AT_ONCE:
                            break
                        mine, now = turns[lane], clock.now()
                        held = await hold_job(database, locks, now, mine, lane, only=only, busy=running)
                        if held is not None:
                            began = True
                            work = group.create_task(_run_lane(database, locks, held, wiring, clock, stop))
                            running[held.lock] = work
                            work.add_done_callback(partial(_forget, running, held.lock))
                if not began:
                    await _pause(stop, IDLE)
            while running:
                # What has begun may take minutes more, and is not to be run by another meanwhile.
                with _noted():
                    await _keep(locks, running)
                await asyncio.wait(running.values(), timeout=IDLE)
    finally:
        locks.close()


def _forget(running: dict[str, asyncio.Task[None]], lock: str, _: asyncio.Task[None]) -> None:
    del running[lock]


async def _keep(locks: Locks, running: Mapping[str, asyncio.Task[None]]) -> None:
    """Connect again where the locks were lost, and end what runs without one from then on."""
    if not locks.lost:
        return
    gone = set(running)
    try:
        async with asyncio.timeout(RENEWED_WITHIN):
            gone = await locks.renew()
    finally:
        for lock in gone & running.keys():
            running[lock].cancel()


async def _run_lane(  # noqa: PLR0917 - what a worker has, and what it runs
    database: Database, locks: Locks, held: Held, wiring: Wiring, clock: Clock, stop: asyncio.Event
) -> None:
    """Run the job, and after it those of its lane that are due, one after the other."""
    locked_at = clock.monotonic()
    following: Held | None = held
    with _noted():
        while following is not None:
            if following.job.attempts and not await _is_ours(database, following, locked_at, clock, stop):
                break
            await _run_held(database, following, wiring, clock)
            following = None if stop.is_set() else await hold_next(database, held.scope, held.lane, clock.now())
    with _noted():
        await locks.give_back(held.lock)


async def _is_ours(database: Database, held: Held, locked_at: float, clock: Clock, stop: asyncio.Event) -> bool:
    """Say whether a job that was begun before may be begun again.

    Perhaps another worker has just lost the lock and still runs it: until ``SETTLED`` that one has noticed.
    """
    rest = locked_at + SETTLED - clock.monotonic()
    if rest > 0:
        await _pause(stop, rest)
    return not stop.is_set() and await is_still(database, held)


async def _run_held(database: Database, held: Held, wiring: Wiring, clock: Clock) -> None:
    begun = clock.monotonic()
    failure = await _attempt(held.job, held.scope, wiring)
    async with worker_session(database) as session:
        await _end(Claim(session, held.job, held.scope), failure, begun, clock)


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
