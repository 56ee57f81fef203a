"""Switching plugins on and off for a scope; ``standing`` reads what came of it.

Plain functions on an open ``Writing``: the use cases with their permissions and audit lines
are declared above this room. Each change keeps who made it and the difference, and raises
the scope's generation number, so that every process makes a new plan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import flag_modified

from core.database.writing import Writing
from core.errors import NotFound
from core.hooks.consent import Asks, read_asks
from core.hooks.data import Words
from core.hooks.database_secrets import keep_secrets
from core.hooks.models import PluginChange, PluginDifference, PluginEnablement, PluginStanding
from core.hooks.records import SuspensionCause
from core.hooks.registry import Plugin
from core.hooks.settings_values import stored, without_secrets
from core.hooks.standing import row_of
from core.hooks.stops import raise_generations
from core.ids import new_id
from core.secret import Secret


async def find(writing: Writing, plugin: str) -> PluginEnablement:
    """Return the scope's row of the plugin, locked; raise ``NotFound`` if it never had it."""
    row = await _row(writing, plugin)
    if row is None:
        raise NotFound
    return row


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


async def _row(writing: Writing, plugin: str) -> PluginEnablement | None:
    chosen = row_of(writing.ctx.scope, plugin).with_for_update()
    found: PluginEnablement | None = await writing.session.scalar(chosen)
    return found


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
