"""What the tests of the worker share: a subscriber that keeps what it hears and does as it is told."""

from __future__ import annotations

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from uuid import UUID, uuid4

from sqlalchemy import select

from core.context import Actor, Ctx, Scope
from core.database.sessions import tenant_session, worker_session
from core.events.models import JobRow
from core.events.outbox import emit
from core.events.subscribers import ASIDE, TASK, TASKS, Event, subscriber
from core.events.worker import Wiring
from core.use_cases.work import Work
from tests.platform import Platform

Doing = Callable[[Ctx, Event], Awaitable[None]]


@dataclass
class Heard:
    """What one scope's subscriber heard, in order, and how many ran at the same time at most."""

    events: list[Event] = field(default_factory=list)
    actors: list[Actor] = field(default_factory=list)
    running: int = 0
    most: int = 0
    doing: Doing | None = None
    begun: asyncio.Event = field(default_factory=asyncio.Event)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    heard: asyncio.Event = field(default_factory=asyncio.Event)
    sent: asyncio.Event = field(default_factory=asyncio.Event)
    over: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def subjects(self) -> list[UUID]:
        return [event.subject_id for event in self.events]


HEARD: dict[UUID, Heard] = defaultdict(Heard)


@subscriber("worker_hurried", deadline=0.05)
async def hear_too_long(ctx: Ctx, event: Event) -> None:
    await asyncio.Event().wait()


@subscriber("worker_took_long", lane=TASKS)
async def take_long(ctx: Ctx, event: Event) -> None:
    await _wait(HEARD[ctx.scope.id], event)


@subscriber("worker_called", lane=ASIDE)
async def call(ctx: Ctx, event: Event) -> None:
    await _wait(HEARD[ctx.scope.id], event)


async def _wait(heard: Heard, event: Event) -> None:
    """Run until the test says that it goes on."""
    heard.running += 1
    heard.most = max(heard.most, heard.running)
    heard.events.append(event)
    heard.begun.set()
    try:
        await heard.go_on.wait()
    finally:
        heard.running -= 1
        heard.over.set()


@subscriber("worker_sent", lane=ASIDE)
async def send(ctx: Ctx, event: Event) -> None:
    HEARD[ctx.scope.id].sent.set()


@subscriber("worker_tested", permissions={"tested.do"})
async def hear(ctx: Ctx, event: Event) -> None:
    heard = HEARD[ctx.scope.id]
    heard.running += 1
    heard.most = max(heard.most, heard.running)
    heard.events.append(event)
    heard.actors.append(ctx.actor)
    heard.heard.set()
    try:
        if heard.doing is not None:
            await heard.doing(ctx, event)
        await asyncio.sleep(0)
    finally:
        heard.running -= 1


def wiring(platform: Platform) -> Wiring:
    """Make contexts as the composition root does."""

    def wire(scope: Scope, actor: Actor, request_id: str) -> Ctx:
        return Ctx(scope=scope, actor=actor, clock=platform.clock, request_id=request_id, database=platform.database)

    return wire


async def tell(platform: Platform, scope: Scope, *subjects: UUID, event: str = "worker_tested") -> list[UUID]:
    """Emit one event for each subject in one transaction, and return the subjects (one made up if none)."""
    wanted = list(subjects) or [uuid4()]
    ctx = platform.ctx(scope)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        for subject in wanted:
            await emit(work, event, ("tour", subject))
    return wanted


async def jobs_of(platform: Platform, scope: Scope, *, task: str | None = None) -> list[JobRow]:
    """Return the scope's jobs in their order: those of events, or those of the periodic ``task``."""
    which = JobRow.event != TASK if task is None else JobRow.subscriber == task
    async with worker_session(platform.database) as session:
        wanted = select(JobRow).where(JobRow.scope_id == scope.id, which).order_by(JobRow.position)
        return list((await session.scalars(wanted)).all())
