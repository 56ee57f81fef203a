"""A worker in a process of its own, made to be killed in the middle of a job.

The test that starts it imports the same subscriber, so that the job that was lost is done by
another worker. ``CONTINGENT_VICTIM`` says where to stand still.
"""

from __future__ import annotations

import asyncio
import json
import os
import sys
from pathlib import Path
from uuid import UUID

import msgspec

from core.clock import ManualClock
from core.context import Actor, Ctx, Scope
from core.database.engines import Database
from core.database.target import Target
from core.events.subscribers import Event, subscriber
from core.events.worker import run_worker
from core.settings import Settings
from core.use_cases.declaration import DECLARED, ById, Nothing, use_case
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.platform import NOW

PLACES = ("before", "inside", "after")


@use_case(permission="victim.act", input=ById, output=Nothing)
async def act(work: Work, data: ById) -> Nothing:
    """Leave one line in the log."""
    await work.audit("victim.act", ("victim", UUID(data.id)))
    await stand_still("inside")
    return Nothing()


del DECLARED[act.key]  # it is nobody's use case: the matrix of permissions must not find it


@subscriber("victim_changed", permissions={"victim.act"}, deadline=600)
async def fall(ctx: Ctx, event: Event) -> None:
    """Do it once, whatever happens on the way."""
    await stand_still("before")
    await execute(act, ctx, ById(str(event.subject_id)), key=event.key)
    await stand_still("after")


async def stand_still(place: str) -> None:
    if os.environ.get("CONTINGENT_VICTIM") == place:
        sys.stdout.write(f"{place}\n")
        sys.stdout.flush()
        await asyncio.Event().wait()


def spelled(database: Database) -> str:
    """Return what ``serve`` needs to reach the database of the test."""
    target, folder = database.target, str(database.settings.data_folder)
    return msgspec.json.encode([target.host, target.port, target.database, target.passwords, folder]).decode()


async def serve() -> None:
    host, port, name, passwords, folder = json.loads(os.environ["CONTINGENT_VICTIM_TARGET"])
    database = Database(Target(host, port, name, {}, passwords), Settings(data_folder=Path(folder)))
    clock = ManualClock(NOW)

    def wire(scope: Scope, actor: Actor, request_id: str) -> Ctx:
        return Ctx(scope=scope, actor=actor, clock=clock, request_id=request_id, database=database)

    await run_worker(database, wire, clock, slots=1)
