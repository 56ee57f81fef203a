"""What stands of a scope's plugins: their states, why one does not run, what was changed, and where each stands.

Nothing here writes: ``service`` switches on and off.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, exists, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Ctx, Scope
from core.database.directory import ScopeRow
from core.hooks.allowing import offer_of
from core.hooks.answers import Cause
from core.hooks.consent import read_asks
from core.hooks.database_figures import runs_of
from core.hooks.models import (
    BundleStanding,
    PluginChange,
    PluginDifference,
    PluginEnablement,
    PluginFailure,
    PluginStanding,
)
from core.hooks.offering import EVERYTHING, Offer
from core.hooks.plans import Enablement, why_off
from core.hooks.registry import BrokenPlugin, Plugin, Registry
from core.hooks.stops import stops_of


class PluginState(msgspec.Struct, frozen=True):
    """One plugin on a scope's page."""

    name: str
    state: str
    """``enabled``, ``disabled``, ``suspended``, ``removed``, or ``available``: never switched on here."""
    plugin: Plugin | None
    """``None``: it is not installed any more, or broken."""
    broken: BrokenPlugin | None
    row: PluginEnablement | None
    failures: Sequence[PluginFailure] = ()
    """The latest first."""
    answered_at: datetime | None = None
    """The last success."""
    allowed: bool = True
    """It is there for the scope: the operator allows it, or nobody can say, for it is not installed."""


def row_of(scope: Scope, plugin: str) -> Select[PluginEnablement]:
    return select(PluginEnablement).where(PluginEnablement.tenant_id == scope.id, PluginEnablement.plugin == plugin)


async def look_up(session: AsyncSession, scope: Scope, plugin: str) -> PluginEnablement | None:
    """Return the scope's row of the plugin as it is now, if it ever had it."""
    found: PluginEnablement | None = await session.scalar(row_of(scope, plugin))
    return found


async def states(
    session: AsyncSession, scope: Scope, registry: Registry, offer: Offer = EVERYTHING
) -> list[PluginState]:
    """Return every plugin that is there for the scope, or broken, or known to it, by name, with its failures."""
    rows = await session.scalars(select(PluginEnablement).where(PluginEnablement.tenant_id == scope.id))
    known = {row.plugin: row for row in rows}
    failures: dict[str, list[PluginFailure]] = {}
    for failure in await session.scalars(
        select(PluginFailure).where(PluginFailure.tenant_id == scope.id).order_by(PluginFailure.last_at.desc())
    ):
        failures.setdefault(failure.plugin, []).append(failure)
    answered: dict[str, datetime] = {}
    for run in await runs_of(session, scope):
        if run.answered_at is not None:
            answered[run.plugin] = max(answered.get(run.plugin, run.answered_at), run.answered_at)
    there = {name for name, plugin in registry.plugins.items() if offer.holds(plugin)}
    return [
        PluginState(
            name=name,
            state=known[name].state if name in known else "available",
            plugin=registry.plugins.get(name),
            broken=registry.broken.get(name),
            row=known.get(name),
            failures=failures.get(name, ()),
            answered_at=answered.get(name),
            allowed=name in there or name not in registry.plugins,
        )
        for name in sorted(there | registry.broken.keys() | known.keys())
    ]


async def causes(session: AsyncSession, ctx: Ctx, registry: Registry) -> dict[str, Cause | None]:
    """Return, of each plugin that the scope has, why it does not run there by now, if so.

    Settings are not looked at, and no plugin's code is run. ``registry``: what there is for the scope.
    """
    columns = (PluginEnablement.plugin, PluginEnablement.state, PluginEnablement.consented)
    rows = await session.execute(select(*columns).where(PluginEnablement.tenant_id == ctx.scope.id))
    stops, offer = await stops_of(session, ctx.scope), await offer_of(session, ctx)
    held = [Enablement(plugin, state, consented=read_asks(consented)) for plugin, state, consented in rows]
    return {one.plugin: why_off(one, registry, stops, offer) for one in held}


async def running(session: AsyncSession, ctx: Ctx, registry: Registry, hook: str) -> list[str]:
    """Return who runs for the scope by now and answers ``hook``, by name (``causes``)."""
    off = await causes(session, ctx, registry)
    return sorted(name for name, cause in off.items() if cause is None and hook in registry.plugins[name].hooks)


class Changed(NamedTuple):
    """A change, and by setting the value before and after, unless that was erased with the plugin's data."""

    row: PluginChange
    difference: Mapping[str, Any]


async def history(session: AsyncSession, scope: Scope, plugin: str, limit: int | None = 50) -> list[Changed]:
    """Return the changes of the plugin in the scope (all, without ``limit``), the latest first."""
    found = await session.execute(_changes(scope).where(PluginChange.plugin == plugin).limit(limit))
    return [Changed(row, difference or {}) for row, difference in found]


async def histories(session: AsyncSession, scope: Scope, plugins: Collection[str]) -> dict[str, list[Changed]]:
    """Return all changes of these plugins in the scope, by plugin, the latest first."""
    made: dict[str, list[Changed]] = {name: [] for name in plugins}
    if made:
        for row, difference in await session.execute(_changes(scope).where(PluginChange.plugin.in_(made))):
            made[row.plugin].append(Changed(row, difference or {}))
    return made


def _changes(scope: Scope) -> Select[PluginChange, Mapping[str, Any]]:
    beside = (PluginDifference.tenant_id == PluginChange.tenant_id) & (PluginDifference.change_id == PluginChange.id)
    return (
        select(PluginChange, PluginDifference.difference)
        .outerjoin(PluginDifference, beside)
        .where(PluginChange.tenant_id == scope.id)
        .order_by(PluginChange.at.desc(), PluginChange.id.desc())
    )


async def standings(session: AsyncSession, *, own: bool = True) -> list[tuple[PluginStanding, Scope]]:
    """Return where each plugin stands, by plugin and scope. For the operator: others see their own alone.

    ``own``: those, too, that are a scope's own, which may be called as one that is not there for it.
    """
    chosen = select(PluginStanding, ScopeRow).join(ScopeRow, ScopeRow.id == PluginStanding.scope_id)
    if not own:
        of_it = (BundleStanding.scope_id == PluginStanding.scope_id) & (BundleStanding.plugin == PluginStanding.plugin)
        chosen = chosen.where(~exists().where(of_it, BundleStanding.state == "chosen"))
    found = await session.execute(chosen.order_by(PluginStanding.plugin, ScopeRow.slug))
    return [(standing, scope.scope()) for standing, scope in found]


async def bundle_standings(session: AsyncSession) -> list[tuple[BundleStanding, Scope]]:
    """Return which plugins scopes have of their own, by scope. For the operator: others see their own alone."""
    found = await session.execute(
        select(BundleStanding, ScopeRow)
        .join(ScopeRow, ScopeRow.id == BundleStanding.scope_id)
        .order_by(ScopeRow.slug, BundleStanding.plugin, BundleStanding.since.desc())
    )
    return [(standing, scope.scope()) for standing, scope in found]
