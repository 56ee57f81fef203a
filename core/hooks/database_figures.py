"""How plugins fare for a tenant, in PostgreSQL: written in batches, and added up for its page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx, Scope
from core.hooks.measuring import Measured
from core.hooks.models import PluginDocument, PluginEnablement, PluginLine, PluginOpening, PluginRun, PluginTiming
from core.hooks.records import Notes
from core.ids import new_id

KEPT = timedelta(days=2)
"""How long quarters of an hour are kept."""
OPENINGS_KEPT = timedelta(days=30)
LINES_KEPT = timedelta(days=30)
HOUR, DAY = timedelta(hours=1), timedelta(days=1)


async def keep_notes(session: AsyncSession, ctx: Ctx, notes: Notes) -> None:
    """Add a batch to the tenant's rows, but for plugins that were removed since."""
    now, gone = ctx.clock.now(), await removed(session, ctx.scope)
    if measured := [one for one in notes.measured if one.of.plugin not in gone]:
        await _count(session, measured, now)
    for one in notes.openings:
        if one.plugin not in gone:
            session.add(PluginOpening(tenant_id=ctx.scope.id, id=new_id(ctx.clock), **one._asdict()))
    for line in notes.lines:
        if line.plugin not in gone:
            session.add(PluginLine(tenant_id=ctx.scope.id, id=new_id(ctx.clock), **line._asdict()))


async def removed(session: AsyncSession, scope: Scope) -> frozenset[str]:
    """Return the plugins of which the scope keeps nothing; no other is removed until the transaction ends.

    How a plugin fared is written some seconds late: what came after its erasure would stay.
    """
    known = select(PluginEnablement.plugin, PluginEnablement.state).where(PluginEnablement.tenant_id == scope.id)
    rows = await session.execute(known.order_by(PluginEnablement.plugin).with_for_update(key_share=True, read=True))
    return frozenset(plugin for plugin, state in rows if state == "removed")


async def _count(session: AsyncSession, measured: Sequence[Measured], now: datetime) -> None:
    # In the order of the keys, in which every process locks them.
    runs, timings = [], []
    for one in measured:
        of, calls, failures = one.of, one.calls, one.failures
        key = {"tenant_id": of.tenant, "plugin": of.plugin, "hook": of.hook}
        runs.append(
            {
                **key,
                "plugin_version": of.version,
                "calls": calls,
                "failures": failures,
                "first_at": now,
                "last_at": now,
                "answered_at": now if calls > failures else None,
            }
        )
        quarter = quarter_of(now)
        timings += [
            {**key, "quarter": quarter, "bucket": bucket, "calls": number}
            for bucket, number in sorted(one.buckets.items())
        ]
    run = insert(PluginRun).values(runs)
    await session.execute(
        run.on_conflict_do_update(
            index_elements=["tenant_id", "plugin", "hook", "plugin_version"],
            set_={
                "calls": PluginRun.calls + run.excluded.calls,
                "failures": PluginRun.failures + run.excluded.failures,
                "last_at": run.excluded.last_at,
                "answered_at": func.coalesce(run.excluded.answered_at, PluginRun.answered_at),
            },
        )
    )
    timing = insert(PluginTiming).values(timings)
    await session.execute(
        timing.on_conflict_do_update(
            index_elements=["tenant_id", "plugin", "hook", "quarter", "bucket"],
            set_={"calls": PluginTiming.calls + timing.excluded.calls},
        )
    )


def quarter_of(instant: datetime) -> datetime:
    """Return when the quarter of an hour began that the instant is in."""
    return instant.replace(minute=instant.minute - instant.minute % 15, second=0, microsecond=0)


async def runs_of(session: AsyncSession, scope: Scope, plugin: str | None = None) -> list[PluginRun]:
    """Return how often each version of the plugin was called at each hook, the one called last first."""
    chosen = select(PluginRun).where(PluginRun.tenant_id == scope.id)
    if plugin is not None:
        chosen = chosen.where(PluginRun.plugin == plugin)
    return list(await session.scalars(chosen.order_by(PluginRun.last_at.desc(), PluginRun.hook)))


async def timings_of(
    session: AsyncSession, scope: Scope, plugin: str, now: datetime, span: timedelta
) -> dict[str, Counter[int]]:
    """Return by hook how often each bucket was hit in the last ``span``, counted from the quarter it began in."""
    found = await session.execute(
        select(PluginTiming.hook, PluginTiming.bucket, func.sum(PluginTiming.calls))
        .where(
            PluginTiming.tenant_id == scope.id,
            PluginTiming.plugin == plugin,
            PluginTiming.quarter >= quarter_of(now - span),
        )
        .group_by(PluginTiming.hook, PluginTiming.bucket)
    )
    counts: dict[str, Counter[int]] = {}
    for hook, bucket, calls in found:
        counts.setdefault(hook, Counter())[bucket] = int(calls)
    return counts


async def openings_of(session: AsyncSession, scope: Scope, plugin: str, most: int = 50) -> list[PluginOpening]:
    """Return when the plugin's breaker opened, the latest first."""
    chosen = select(PluginOpening).where(PluginOpening.tenant_id == scope.id, PluginOpening.plugin == plugin)
    return list(await session.scalars(chosen.order_by(PluginOpening.at.desc(), PluginOpening.id.desc()).limit(most)))


async def documents_of(session: AsyncSession, scope: Scope, plugin: str) -> int:
    """Return how many documents the plugin keeps."""
    owner: dict[str, Any] = {"tenant_id": scope.id, "plugin": plugin}
    return await session.scalar(select(func.count()).select_from(PluginDocument).filter_by(**owner)) or 0


async def forget_old(session: AsyncSession, scope: Scope, now: datetime) -> None:
    """Delete what is kept no longer."""
    for table, instant, kept in (
        (PluginTiming, PluginTiming.quarter, KEPT),
        (PluginOpening, PluginOpening.at, OPENINGS_KEPT),
        (PluginLine, PluginLine.at, LINES_KEPT),
    ):
        await session.execute(delete(table).where(table.tenant_id == scope.id, instant < now - kept))
