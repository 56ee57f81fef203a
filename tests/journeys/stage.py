"""One whole system that listens: pages, API, sign-in provider and worker on a database of its own, and its time."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import time
from collections.abc import AsyncIterator, Iterable
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta

import uvicorn
from sqlalchemy import select

from auth.parts import make_parts
from contingent.assembly import Assembly
from contingent.demo.acting import Cast
from contingent.demo.issuers import library, places
from contingent.demo.seats import seat_people
from contingent.demo.world import load_missions, open_missions
from core.clock import SystemClock
from core.database.embedded import Server
from core.database.engines import Database
from core.database.sessions import worker_session
from core.database.target import Target
from core.documents.service import PluginFiles
from core.events.models import JobRow, PeriodicRow
from core.events.subscribers import PERIODIC
from core.events.worker import run_worker
from core.extensions.announcing import announce
from core.hooks.database_records import DatabaseRecords
from core.hooks.host import PluginHost
from core.hooks.registry import Registry
from core.settings import Settings
from tenants.answers import TenantAnswers
from tenants.opening import Opener
from tenants.resolving import resolve
from tests.platform import NOW

PATIENCE = 120
"""Seconds within which the worker has done what was left to it, on a machine that has much else to do."""


class TravelClock(SystemClock):
    """A clock that runs from a fixed day, and can be put forward: an officer's way takes two years."""

    def __init__(self, start: datetime) -> None:
        self._start = start.astimezone(UTC)
        self._from = time.monotonic()

    def now(self) -> datetime:
        return self._start + timedelta(seconds=time.monotonic() - self._from)

    def put_forward(self, to: date) -> None:
        """Go to the afternoon of a later day."""
        ahead = datetime(to.year, to.month, to.day, 15, tzinfo=UTC) - self.now()
        self._start += max(ahead, timedelta())


@dataclass(frozen=True, slots=True)
class Stage:
    """Where a journey takes place."""

    address: str
    clock: TravelClock
    cast: Cast

    async def go_to(self, day: date) -> None:
        """Let time pass until ``day``, and what comes round each day be done."""
        self.clock.put_forward(day)
        await self.settle()

    async def settle(self) -> None:
        """Wait until the worker has nothing left to do; nothing may have failed for good."""
        async with asyncio.timeout(PATIENCE):
            while not await self._quiet():  # noqa: ASYNC110 - the queue is a table and has no event
                await asyncio.sleep(0.05)  # on purpose: the worker is a task of its own, on the real clock

    async def _quiet(self) -> bool:
        now = self.clock.now()
        async with worker_session(self.cast.assembly.database) as session:
            jobs = (await session.execute(select(JobRow.state, JobRow.due_at, JobRow.subscriber, JobRow.failure))).all()
            queued = {row.name: row.queued_at for row in await session.scalars(select(PeriodicRow))}
        assert [job for job in jobs if job.state == "dead" or job.failure] == []
        late = [
            task.name
            for task in PERIODIC.values()
            if task.name not in queued or queued[task.name] <= now - timedelta(seconds=task.seconds)
        ]
        return not late and not [job for job in jobs if job.due_at <= now]


@contextlib.asynccontextmanager
async def performing(target: Target, server: Server, agencies: Iterable[str]) -> AsyncIterator[Stage]:
    """Open the scopes with their people and the missions since 1989, and serve them."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    settings = replace(Settings(data_folder=server.folder, demonstration=True), port=port)
    clock = TravelClock(NOW)
    database = Database(target, settings)
    host = PluginHost(Registry().load(), DatabaseRecords(announce), effects={"files": PluginFiles})
    assembly = Assembly(settings, clock, database, host, make_parts(settings, clock), TenantAnswers())
    cast = Cast(assembly)
    try:
        await _open(cast, agencies)
        async with _running(assembly):
            yield Stage(settings.address, clock, cast)
    finally:
        await host.close()
        await database.close()


async def _open(cast: Cast, agencies: Iterable[str]) -> None:
    assembly, known = cast.assembly, library()
    opener = Opener(assembly.database, assembly.clock, assembly.host.registry)
    await opener.open_scopes(known.scopes.values())
    for slug in agencies:
        await opener.open_agency(resolve(known.agencies[slug], known, assembly.host.registry))
    for slug in (*agencies, *known.scopes):
        await seat_people(assembly.database, places(assembly.settings), assembly.clock, await cast.scope(slug))
    await load_missions(cast)
    await open_missions(assembly)


@contextlib.asynccontextmanager
async def _running(assembly: Assembly) -> AsyncIterator[None]:
    """Run the pages and the worker beside the test, in its loop, until the block ends."""
    config = uvicorn.Config(
        assembly.application(), host="127.0.0.1", port=assembly.settings.port, log_level="error", lifespan="on"
    )
    server, stop = uvicorn.Server(config), asyncio.Event()
    assembly.load_rooms()
    async with asyncio.TaskGroup() as group:
        group.create_task(server.serve())
        group.create_task(
            run_worker(assembly.database, assembly.context, assembly.clock, beats=assembly.beats, stop=stop)
        )
        while not server.started:  # noqa: ASYNC110 - uvicorn has no event to wait for
            await asyncio.sleep(0)
        try:
            yield
        finally:
            stop.set()
            server.should_exit = True
