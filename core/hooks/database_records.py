"""Which plugins a tenant runs and how they fared, in PostgreSQL."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from contextlib import asynccontextmanager
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
from core.hooks.allowing import offer_of
from core.hooks.answers import Failure
from core.hooks.consent import read_asks
from core.hooks.database_figures import keep_notes, removed
from core.hooks.database_secrets import secrets_of
from core.hooks.database_store import DatabaseStore
from core.hooks.granting import Overreach
from core.hooks.manifest import Manifest
from core.hooks.models import PluginEnablement, PluginFailure
from core.hooks.plans import Enablement
from core.hooks.records import Awaiting, Notes, State, Suspension
from core.hooks.registry import NOTHING_HELD, Held
from core.hooks.service import await_consent, suspend
from core.hooks.stops import stops_of
from core.ids import new_id

Announce = Callable[[Writing, Suspension | Overreach | Awaiting], Awaitable[None]]
"""Audits what the host did to a plugin and tells the tenant's administrators, in that deed's own transaction."""

Bundles = Callable[[Ctx, AsyncSession], Awaitable[Held]]
"""Reads the bundles that are the tenant's own."""

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

    def __init__(self, announce: Announce | None = None, bundles: Bundles | None = None) -> None:
        self._announce = announce
        self._bundles = bundles

    async def state(self, ctx: Ctx, known: int | None) -> State | None:
        async with tenant_session(ctx, read_only=True) as session:
            # The number is read first: a change in between is then seen as a newer number next time.
            generation = await session.scalar(select(ScopeRow.generation).where(ScopeRow.id == ctx.scope.id))
            if generation == known:
                return None
            rows = await session.execute(
                select(
                    PluginEnablement.plugin,
                    PluginEnablement.state,
                    PluginEnablement.settings,
                    PluginEnablement.consented,
                    PluginEnablement.version,
                ).where(PluginEnablement.tenant_id == ctx.scope.id)
            )
            secrets = await secrets_of(session, ctx)
            return State(
                generation or 0,
                [
                    Enablement(plugin, state, kept, secrets.get(plugin, {}), read_asks(consented), version)
                    for plugin, state, kept, consented, version in rows
                ],
                await stops_of(session, ctx.scope),
                await offer_of(session, ctx),
                await self.own(ctx, session),
            )

    async def own(self, ctx: Ctx, session: AsyncSession) -> Held:
        return NOTHING_HELD if self._bundles is None else await self._bundles(ctx, session)

    async def failed(self, ctx: Ctx, failures: Sequence[tuple[Failure, int]]) -> None:
        now = ctx.clock.now()
        async with tenant_session(ctx) as session:
            gone = await removed(session, ctx.scope)
            for failure, count in failures:
                if failure.plugin not in gone:
                    await _add(session, ctx, failure, count, now)

    async def noted(self, ctx: Ctx, notes: Notes) -> None:
        async with tenant_session(ctx) as session:
            await keep_notes(session, ctx, notes)

    async def suspend(self, ctx: Ctx, suspension: Suspension) -> None:
        async with _system_writing(ctx) as writing:
            changed = await suspend(writing, suspension.plugin, cause=suspension.cause)
            if suspension.cause == "blocked":
                failure = Failure(ctx.scope.id, suspension.plugin, suspension.hook, "blocked")
                await _add(writing.session, ctx, failure, 1, writing.now)
            if changed and self._announce is not None:
                await self._announce(writing, suspension)

    async def overreached(self, ctx: Ctx, overreach: Overreach) -> None:
        if self._announce is not None:
            async with _system_writing(ctx) as writing:
                await self._announce(writing, overreach)

    async def await_consent(self, ctx: Ctx, awaiting: Awaiting) -> None:
        async with _system_writing(ctx) as writing:
            if await await_consent(writing, awaiting.plugin, awaiting.asks) and self._announce is not None:
                await self._announce(writing, awaiting)

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


@asynccontextmanager
async def _system_writing(ctx: Ctx) -> AsyncIterator[SystemWriting]:
    ctx = replace(ctx, actor=SYSTEM)
    async with tenant_session(ctx) as session:
        yield SystemWriting(ctx, session, ctx.today, ctx.clock.now())


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
