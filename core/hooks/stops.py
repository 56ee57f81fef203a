"""Where plugins are stopped, whatever a scope enabled: by the operator, or all of them in safe mode.

Each change raises the generation number of the scopes that it holds for, so that every process makes new plans.
"""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Scope
from core.database.directory import ScopeRow
from core.database.writing import Writing
from core.hooks.models import PluginStop
from core.hooks.plans import Stops
from core.ids import new_id


async def open_stops(session: AsyncSession, scope: Scope | None = None) -> list[PluginStop]:
    """Return the stops that hold for the scope, the latest first; without one, all that whoever asks may see."""
    found = select(PluginStop).where(PluginStop.lifted_at.is_(None))
    if scope is not None:
        found = found.where(or_(PluginStop.scope_id.is_(None), PluginStop.scope_id == scope.id))
    return list(await session.scalars(found.order_by(PluginStop.began_at.desc(), PluginStop.id.desc())))


def summed(rows: list[PluginStop]) -> Stops:
    """Return what the stops of a scope come to."""
    return Stops(
        any(row.plugin is None for row in rows), frozenset(row.plugin for row in rows if row.plugin is not None)
    )


async def stops_of(session: AsyncSession, scope: Scope) -> Stops:
    """Return what does not run for the scope, whatever it enabled."""
    return summed(await open_stops(session, scope))


async def stop(writing: Writing, scope_id: UUID | None, plugin: str | None, reason: str) -> PluginStop:
    """Stop the plugin (all, if ``None``) in the scope (all, if ``None``). Who may is the database's to refuse."""
    ctx = writing.ctx
    row = PluginStop(
        id=new_id(ctx.clock),
        scope_id=scope_id,
        plugin=plugin,
        reason=reason,
        by_scope=ctx.scope.id,
        by_name=ctx.actor.name,
        began_at=writing.now,
    )
    writing.session.add(row)
    await raise_generations(writing, scope_id)
    return row


async def lift(writing: Writing, row: PluginStop, reason: str | None) -> None:
    """End a stop."""
    row.lifted_at, row.lifted_by, row.lift_reason = writing.now, writing.ctx.actor.name, reason
    await raise_generations(writing, row.scope_id)


async def raise_generations(writing: Writing, scope_id: UUID | None) -> None:
    """Let every process make a new plan for the scope (for every one, if ``None``)."""
    await writing.session.flush()
    raised = update(ScopeRow).values(generation=ScopeRow.generation + 1)
    if scope_id is not None:
        raised = raised.where(ScopeRow.id == scope_id)
    await writing.session.execute(raised.execution_options(synchronize_session=False))
