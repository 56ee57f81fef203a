"""Switching plugins on and off for a scope, and what its page shows of them.

Plain functions on an open ``Writing``: the use cases with their permissions and audit lines
are declared above this room. Each change keeps who made it and the difference, and raises
the scope's generation number, so that every process makes a new plan.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import msgspec
from sqlalchemy import Select, exists, select
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.attributes import flag_modified

from core.context import Ctx, Scope
from core.database.directory import ScopeRow
from core.database.writing import Writing
from core.errors import NotFound
from core.hooks.allowing import offer_of
from core.hooks.answers import Cause
from core.hooks.consent import Asks, read_asks
from core.hooks.data import Words
from core.hooks.database_figures import runs_of
from core.hooks.database_secrets import keep_secrets
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
from core.hooks.records import SuspensionCause
from core.hooks.registry import BrokenPlugin, Plugin, Registry
from core.hooks.settings_values import stored, without_secrets
from core.hooks.stops import raise_generations, stops_of
from core.ids import new_id
from core.secret import Secret


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


async def find(writing: Writing, plugin: str) -> PluginEnablement:
    """Return the scope's row of the plugin, locked; raise ``NotFound`` if it never had it."""
    row = await _row(writing, plugin)
    if row is None:
        raise NotFound
    return row


async def look_up(session: AsyncSession, scope: Scope, plugin: str) -> PluginEnablement | None:
    """Return the scope's row of the plugin as it is now, if it ever had it."""
    found: PluginEnablement | None = await session.scalar(_of(scope, plugin))
    return found


async def enable(
    writing: Writing,
    plugin: Plugin,
    settings: msgspec.Struct | None = None,
    *,
    consented: Asks | None = None,
    profile: Words | None = None,
) -> PluginEnablement:
    """Switch the plugin on, with its former settings, the given ones or its defaults. Twice is once.

    ``consented``: what whoever does it consents to for the scope. Without, what was consented to stays. ``profile``:
    what the profile is called by which it is done; the history keeps it.
    """
    before = await _row(writing, plugin.name)
    again = before is not None and before.state == "enabled" and read_asks(before.consented) == consented
    row = await _enabled(writing, plugin, settings, profile)
    if consented is not None and not again and (consented or row.consented):
        await consent(writing, plugin, consented, profile=profile)
    return row


async def consent(writing: Writing, plugin: Plugin, asks: Asks, *, profile: Words | None = None) -> PluginEnablement:
    """Keep that whoever acts has consented to this for the scope, in place of what was consented to before."""
    row = await find(writing, plugin.name)
    before, row.consented, row.told = row.consented, asks.stored(), None
    row.consented_version, row.consented_at = plugin.manifest.version, writing.now
    row.consented_by, row.consented_by_name = writing.ctx.actor.id, writing.ctx.actor.name
    row.plugin_version = plugin.manifest.version
    await _changed(writing, row, "consent", _difference(before, row.consented), profile=profile)
    return row


async def await_consent(writing: Writing, plugin: str, asks: Asks) -> bool:
    """Keep that the scope's administrators are told what the plugin asks for; return whether they are to be told."""
    row = await _row(writing, plugin)
    if row is None or row.state != "enabled" or asks.within(read_asks(row.consented)) or row.told == asks.stored():
        return False
    row.told = asks.stored()
    return True


async def _enabled(
    writing: Writing, plugin: Plugin, settings: msgspec.Struct | None, profile: Words | None
) -> PluginEnablement:
    row = await _row(writing, plugin.name)
    given = stored(settings) if settings is not None else None
    if row is None:
        defaults = plugin.manifest.settings
        first = given if given is not None else stored(defaults()) if defaults else {}
        row = PluginEnablement(
            tenant_id=writing.ctx.scope.id,
            id=new_id(writing.ctx.clock),
            plugin=plugin.name,
            state="enabled",
            settings=first,
            plugin_version=plugin.manifest.version,
            since=writing.now,
            consented={},
            created_at=writing.now,
        )
        writing.session.add(row)
        await _changed(writing, row, "enable", _difference({}, first), profile=profile)
        return row
    if row.state == "removed" and given is None and plugin.manifest.settings is not None:
        given = stored(plugin.manifest.settings())
    before = without_secrets(plugin.manifest.settings, row.settings)
    difference = _difference(before, given) if given is not None else {}
    if (
        row.state == "enabled"
        and not difference
        and given in (None, row.settings)
        and row.plugin_version == plugin.manifest.version
    ):
        return row
    if given is not None:
        row.settings = given
    row.plugin_version = plugin.manifest.version
    await _move(writing, row, "enabled", "enable", difference, profile=profile)
    return row


async def disable(writing: Writing, plugin: str, reason: str | None = None) -> PluginEnablement:
    """Switch the plugin off; its settings and documents are kept. Twice is once."""
    row = await find(writing, plugin)
    if row.state not in ("disabled", "removed"):
        await _move(writing, row, "disabled", "disable", {}, reason=reason)
    return row


async def configure(
    writing: Writing, plugin: Plugin, settings: msgspec.Struct, secrets: Mapping[str, Secret | None] | None = None
) -> dict[str, Any]:
    """Set the plugin's settings (its own struct, already checked), whether it is on or off; return the difference.

    ``secrets``, by path, are those that change: to a new one, or to none. The others stay.
    """
    row = await find(writing, plugin.name)
    if row.state == "removed":
        raise NotFound
    kept, before = stored(settings), without_secrets(type(settings), row.settings)
    difference = _difference(before, kept) | await keep_secrets(writing, plugin.name, secrets or {})
    if difference or kept != row.settings:
        row.settings, row.plugin_version = kept, plugin.manifest.version
        flag_modified(row, "settings")  # a new secret alone is a new version of them, too
        await _changed(writing, row, "configure", difference)
    return difference


async def suspend(
    writing: Writing, plugin: str, *, cause: SuspensionCause | None = None, reason: str | None = None
) -> bool:
    """Stop the plugin until somebody resumes it; return whether that changed anything.

    ``cause`` where the host does it, ``reason`` where a person does.
    """
    row = await _row(writing, plugin)
    if row is None or row.state != "enabled":
        return False
    await _move(writing, row, "suspended", "suspend", {}, cause=cause, reason=reason)
    return True


async def resume(writing: Writing, plugin: str, reason: str | None = None) -> PluginEnablement:
    """Let a suspended plugin run again."""
    row = await find(writing, plugin)
    if row.state == "suspended":
        await _move(writing, row, "enabled", "resume", {}, reason=reason)
    return row


async def mark_removed(writing: Writing, row: PluginEnablement) -> None:
    """Say of a plugin that is switched off that it keeps nothing any more: its settings neither, nor any consent."""
    row.settings, row.consented, row.told = {}, {}, None
    row.consented_version = row.consented_by = row.consented_by_name = row.consented_at = None
    await _move(writing, row, "removed", "remove", {})


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


async def _row(writing: Writing, plugin: str) -> PluginEnablement | None:
    chosen = _of(writing.ctx.scope, plugin).with_for_update()
    found: PluginEnablement | None = await writing.session.scalar(chosen)
    return found


def _of(scope: Scope, plugin: str) -> Select[PluginEnablement]:
    return select(PluginEnablement).where(PluginEnablement.tenant_id == scope.id, PluginEnablement.plugin == plugin)


async def _move(
    writing: Writing,
    row: PluginEnablement,
    state: str,
    action: str,
    difference: Mapping[str, Any],
    *,
    cause: str | None = None,
    reason: str | None = None,
    profile: Words | None = None,
) -> None:
    if row.state != state:
        row.since = writing.now
    row.state, row.cause, row.reason = state, cause, reason
    await _changed(writing, row, action, difference, reason=reason, profile=profile)


async def _changed(
    writing: Writing,
    row: PluginEnablement,
    action: str,
    difference: Mapping[str, Any],
    *,
    reason: str | None = None,
    profile: Words | None = None,
) -> None:
    change = PluginChange(
        tenant_id=row.tenant_id,
        id=new_id(writing.ctx.clock),
        plugin=row.plugin,
        plugin_version=row.plugin_version,
        action=action,
        actor_id=writing.ctx.actor.id,
        actor_name=writing.ctx.actor.name,
        reason=reason,
        profile=profile,
        at=writing.now,
    )
    writing.session.add(change)
    await writing.session.flush()
    if difference:
        of_it = {"tenant_id": row.tenant_id, "change_id": change.id, "plugin": row.plugin}
        writing.session.add(PluginDifference(**of_it, difference=dict(difference)))
        await writing.session.flush()
    stands = {
        name: getattr(row, name)
        for name in ("state", "cause", "since", "consented", "consented_version", "consented_at")
    }
    standing = insert(PluginStanding).values(scope_id=row.tenant_id, enablement_id=row.id, plugin=row.plugin, **stands)
    await writing.session.execute(
        standing.on_conflict_do_update(index_elements=["scope_id", "enablement_id"], set_=stands)
    )
    await raise_generation(writing)


async def raise_generation(writing: Writing) -> None:
    """Have every process make a new plan for the scope.

    The last statement of a change: everybody who changes plugins of this scope waits here for the other's end.
    """
    await raise_generations(writing, writing.ctx.scope.id)


def _difference(before: Mapping[str, Any], after: Mapping[str, Any]) -> dict[str, Any]:
    return {
        name: [before.get(name), after.get(name)]
        for name in sorted(before.keys() | after.keys())
        if before.get(name) != after.get(name) or (name in before) != (name in after)
    }
