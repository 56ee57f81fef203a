"""Which plugins a tenant runs and how they fared, in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Actor, Ctx
from core.database.directory import ScopeRow
from core.database.engines import Database
from core.database.sessions import tenant_session
from core.database.writing import Writing
from core.hooks.answers import Failure
from core.hooks.database_secrets import secrets_of
from core.hooks.database_store import DatabaseStore
from core.hooks.manifest import Manifest
from core.hooks.models import PluginEnablement, PluginFailure
from core.hooks.plans import Enablement
from core.hooks.records import State, Suspension
from core.hooks.service import suspend
from core.ids import new_id

Announce = Callable[[Writing, Suspension], Awaitable[None]]
"""Audits a suspension and tells the tenant's administrator, in the suspension's own transaction."""

SYSTEM = Actor(id=UUID(int=0), name="Contingent", kind="system")


@dataclass(frozen=True, slots=True)
class SystemWriting:
    """A unit of work that nobody asked for: the host's own."""

    ctx: Ctx
    session: AsyncSession
    on: date
    now: datetime


class DatabaseRecords:
    """``Records`` on the tenant's own rows. ``announce`` is given by whoever starts the process."""

    def __init__(self, announce: Announce | None = None) -> None:
        self._announce = announce

    async def state(self, ctx: Ctx, known: int | None) -> State | None:
        async with tenant_session(ctx, read_only=True) as session:
            # The number is read first: a change in between is then seen as a newer number next time.
            generation = await session.scalar(select(ScopeRow.generation).where(ScopeRow.id == ctx.scope.id))
            if generation == known:
                return None
            rows = await session.execute(
                select(PluginEnablement.plugin, PluginEnablement.state, PluginEnablement.settings).where(
                    PluginEnablement.tenant_id == ctx.scope.id
                )
            )
            secrets = await secrets_of(session, ctx)
            return State(
                generation or 0,
                [Enablement(plugin, state, kept, secrets.get(plugin, {})) for plugin, state, kept in rows],
            )

    async def failed(self, ctx: Ctx, failures: Sequence[tuple[Failure, int]]) -> None:
        now = ctx.clock.now()
        async with tenant_session(ctx) as session:
            for failure, count in failures:
                await _add(session, ctx, failure, count, now)

    async def suspend(self, ctx: Ctx, suspension: Suspension) -> None:
        ctx = replace(ctx, actor=SYSTEM)
        now = ctx.clock.now()
        async with tenant_session(ctx) as session:
            writing = SystemWriting(ctx, session, ctx.today, now)
            changed = await suspend(writing, suspension.plugin, cause=suspension.cause)
            if suspension.cause == "blocked":
                await _add(session, ctx, Failure(ctx.scope.id, suspension.plugin, suspension.hook, "blocked"), 1, now)
            if changed and self._announce is not None:
                await self._announce(writing, suspension)

    def suspend_now(self, ctx: Ctx, suspension: Suspension) -> None:
        async def write() -> None:
            # The process's connections belong to the loop that is held: this one is our own.
            database = Database(ctx.database.target, ctx.database.settings)
            try:
                await self.suspend(replace(ctx, database=database), suspension)
            finally:
                await database.close()

        asyncio.run(write())

    def store(self, ctx: Ctx, manifest: Manifest, *, writable: bool) -> DatabaseStore:
        return DatabaseStore(ctx, manifest, writable=writable)


async def _add(session: AsyncSession, ctx: Ctx, failure: Failure, count: int, now: datetime) -> None:
    row = insert(PluginFailure).values(
        tenant_id=ctx.scope.id,
        id=new_id(ctx.clock),
        plugin=failure.plugin,
        hook=failure.hook,
        cause=failure.cause,
        detail=failure.error[:500],
        count=count,
        first_at=now,
        last_at=now,
    )
    await session.execute(
        row.on_conflict_do_update(
            index_elements=["tenant_id", "plugin", "hook", "cause"],
            set_={
                "count": PluginFailure.count + row.excluded.count,
                "last_at": row.excluded.last_at,
                "detail": row.excluded.detail,
            },
        )
    )
