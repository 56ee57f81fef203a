"""Beginning the tasks that plugins ask for, each in its own rhythm."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from sqlalchemy import delete, exists, func, select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.queue import events_to_run
from core.extensions.models import Delivery, PluginTask
from core.extensions.telling import RUN_DUE, delivers, put
from core.hooks import types
from core.hooks.specs import run_task, scheduled_tasks
from core.ids import new_id
from core.use_cases.work import Work

TASK = "plugin_task"
KEPT = timedelta(days=30)
"""For how long what is done or dropped stays to be seen."""
DEAD_KEPT = timedelta(days=180)
LOST_AFTER = timedelta(days=1)
"""From the last attempt; pauses are an hour at most."""


async def begin_due(ctx: Ctx) -> None:
    """Ask the tenant's plugins for their tasks and put those that are due into the outbox."""
    answers = await ctx.hooks.all(scheduled_tasks)
    asked = [
        (origin.plugin, task) for origin, tasks in zip(answers.origins, answers.results, strict=True) for task in tasks
    ]
    if not asked:
        return
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        rows = await session.scalars(select(PluginTask).where(PluginTask.tenant_id == ctx.scope.id).with_for_update())
        known = {(row.plugin, row.key): row for row in rows}
        for plugin, task in asked:
            row = known.get((plugin, task.key))
            if row is None:
                row = known[plugin, task.key] = _first_seen(work, plugin, task)
            row.title_en, row.title_fr = task.title["en"], task.title["fr"]
            await session.flush()
            if is_due(task, row.begun_at, row.seen_at, work.now, ctx.scope.zone) and not await _under_way(work, row):
                row.begun_at = work.now
                await put(work, plugin, run_task.__name__, TASK, (TASK, row.id), event_id=work.new_id())


def is_due(task: types.Task, begun: datetime | None, seen: datetime, now: datetime, zone: str) -> bool:
    """Say whether the task is to be begun ``now``; ``seen``: when it was first asked for.

    A daily one is due once its latest time has passed; what was missed is made up for once. A time of day that the
    clocks skip is the same moment after the change; one that comes twice is its first.
    """
    if task.every is not None:
        return begun is None or begun + timedelta(minutes=task.every) <= now
    assert task.daily_at is not None
    day = now.astimezone(ZoneInfo(zone)).date()
    times = (_moment(day, task.daily_at, zone), _moment(day - timedelta(days=1), task.daily_at, zone))
    latest = next(one for one in times if one <= now)
    return (begun or seen) < latest


def _moment(day: date, at: time, zone: str) -> datetime:
    return datetime.combine(day, at.replace(tzinfo=None), ZoneInfo(zone)).astimezone(UTC)


def _first_seen(work: Work, plugin: str, task: types.Task) -> PluginTask:
    row = PluginTask(
        tenant_id=work.ctx.scope.id,
        id=new_id(work.ctx.clock),
        plugin=plugin,
        key=task.key,
        title_en=task.title["en"],
        title_fr=task.title["fr"],
        seen_at=work.now,
    )
    work.session.add(row)
    return row


async def _under_way(work: Work, row: PluginTask) -> bool:
    of_it = exists().where(
        Delivery.tenant_id == row.tenant_id, Delivery.subject_id == row.id, Delivery.state == "waiting"
    )
    return bool(await work.session.scalar(select(of_it)))


async def forget_old(ctx: Ctx) -> None:
    """Forget deliveries that ended long ago, and give up those whose job ended with its worker.

    One that has a job waits, however long no worker ran.
    """
    now = ctx.clock.now()
    lost = func.coalesce(Delivery.tried_at, Delivery.created_at) < now - LOST_AFTER
    old = (Delivery.state.in_(("done", "dropped")) & (Delivery.ended_at < now - KEPT)) | (
        (Delivery.state == "dead") & (Delivery.ended_at < now - DEAD_KEPT)
    )
    async with tenant_session(ctx) as session:
        await session.execute(delete(Delivery).where(Delivery.tenant_id == ctx.scope.id, old))
        silent = select(Delivery).where(Delivery.tenant_id == ctx.scope.id, Delivery.state == "waiting", lost)
        rows = (await session.scalars(silent.with_for_update())).all()
        # Asked once they are locked: a job that is put into the queue from now on is of none of these.
        to_run = await events_to_run(ctx.database, ctx.scope.id, [row.sending_id for row in rows])
        for row in rows:
            if row.sending_id not in to_run:
                row.state, row.cause, row.reason, row.failure, row.ended_at = "dead", "lost", None, None, now


async def _read_run(work: Work, delivery: Delivery) -> Mapping[str, Any] | None:
    row = await work.session.get(PluginTask, (work.ctx.scope.id, delivery.subject_id))
    if row is None:
        return None
    return {"run": types.Run(id=delivery.event_id, key=row.key, due=delivery.created_at)}


delivers(run_task, TASK, _read_run, due=RUN_DUE)
