"""Seeing what runs here, and switching it on and off.

The settings it has are looked at with no transaction open (``before``): whoever relies on the plugin's
answers may object, and the plugin itself may have to be asked. Changing them: ``settings``.
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

import msgspec

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Refused
from core.events.notifications import read_for_all
from core.extensions.allowing import whom_of_all
from core.extensions.announcing import AWAITS
from core.extensions.consenting import (
    ON_ITS_PAGE,
    asked,
    require_consent,
    require_consenter,
    require_person,
    waits,
)
from core.extensions.installed_schemas import BrokenOut, Installation, InstalledOut, MeansOut, Uses
from core.extensions.known import installed, known, titled
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.reading import file_of, listed, own_bundles, own_stops, stop_out, summary_of, uses_of_all
from core.extensions.schemas import ByName, ConsentToPlugin, EnablePlugin, PluginFile, PluginList, WithReason
from core.extensions.settings_checks import objections
from core.hooks import service, standing
from core.hooks.consent import Asks
from core.hooks.data import Words
from core.hooks.database_secrets import secrets_of
from core.hooks.plans import read_settings
from core.hooks.registry import Plugin
from core.hooks.sandbox.confinement import WORDS
from core.hooks.stops import open_stops, summed
from core.secret import Secret
from core.text import Text, t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work


@use_case(permission=PLUGIN_READ, input=Nothing, output=PluginList, reads=True)
async def list_plugins(work: Work, data: Nothing) -> PluginList:
    """List the plugins that are installed or that this service runs, with how they fare."""
    return await plugin_list(work)


async def plugin_list(work: Work) -> PluginList:
    """Return the scope's plugins, and why none of them runs where it is in safe mode."""
    rows = await open_stops(work.session, work.ctx.scope)
    stops = summed(rows)
    plugins = [summary_of(work.ctx, one, stops) for one in await listed(work)]
    return PluginList(plugins, [stop_out(work, row) for row in rows if row.plugin is None])


@use_case(permission=PLUGIN_READ, input=ByName, output=PluginFile, reads=True)
async def get_plugin(work: Work, data: ByName) -> PluginFile:
    """Show one plugin with its settings, failures and history."""
    return await file_of(work, data.name)


async def _first_settings(ctx: Ctx, data: EnablePlugin | ConsentToPlugin | WithReason) -> Any:
    """Return the settings to begin with, for a plugin that has none yet; look at those it has.

    None of its code is run before all that it asks for is consented to.
    """
    plugin, row = await known(ctx, data.name)
    if not isinstance(data, WithReason):
        require_person(ctx, plugin, row)
        require_consent(plugin, data.consent)
    elif row is not None and waits(plugin, row):
        return None
    struct = plugin.manifest.settings
    if struct is None:
        return None
    if row is not None and row.state == "removed":
        row = None
    if row is None:
        return await _made_by(ctx, plugin, struct)
    try:
        settings = read_settings(plugin, row.settings, await _secrets(ctx, plugin))
    except Exception:  # noqa: BLE001 - a check of the plugin's own may raise anything
        return None  # It stays switched on without an effect until somebody sets it: its page says so.
    found = await objections(ctx, plugin, settings)
    if found:
        faults = Text("%(faults)s", {"faults": [fault.text for fault in found]})
        raise Refused(faults, t("Change its settings first; then switch it on."))
    return None


async def _made_by(ctx: Ctx, plugin: Plugin, struct: type[msgspec.Struct]) -> Any:
    """Return the settings that the plugin makes itself. Raises ``Refused`` where it cannot."""
    settings = None
    with suppress(Exception):  # A default or a check of the plugin's own may raise anything.
        settings = struct()
    if settings is None or not await ctx.hooks.takes(plugin.name, settings):
        raise Refused(
            t("“%(plugin)s” cannot make its own first settings.", plugin=titled(ctx, plugin)),
            t("Tell the operator, who can install another version of it."),
        )
    return settings


async def _secrets(ctx: Ctx, plugin: Plugin) -> Mapping[str, Secret]:
    async with tenant_session(ctx, read_only=True) as session:
        return (await secrets_of(session, ctx)).get(plugin.name, {})


@use_case(
    permission=PLUGIN_MANAGE,
    input=EnablePlugin,
    output=PluginFile,
    before=_first_settings,
    backdated=NOW,
    step_up=PLUGIN,
)
async def enable_plugin(work: Work, data: EnablePlugin) -> PluginFile:
    """Switch a plugin on, with the settings it had, or its defaults, and consent to what it asks for.

    A program switches on again what a person has switched on before, as long as it asks for no more.
    """
    plugin = installed(work.ctx, data.name)
    require_person(work.ctx, plugin, await standing.look_up(work.session, work.ctx.scope, data.name))
    await switch_on(work, plugin, work.decided, require_consent(plugin, data.consent))
    return await file_of(work, data.name)


async def switch_on(
    work: Work, plugin: Plugin, settings: Any, consented: Asks, *, profile: tuple[str, Words] | None = None
) -> None:
    """Switch the plugin on with these settings (or those it has), and keep what is consented to.

    ``profile``: the key and title of the profile by which it is done.
    """
    await require_consenter(work, plugin)
    key, title = profile or (None, None)
    row = await service.enable(work, plugin, settings, consented=consented, profile=title)
    after = {"plugin": plugin.name, "state": row.state, **row.consented} | ({"profile": key} if key else {})
    await work.audit("plugin.enable", ("plugin", row.id), after=after)
    await _answered(work, plugin.name)


@use_case(
    permission=PLUGIN_MANAGE,
    input=ConsentToPlugin,
    output=PluginFile,
    before=_first_settings,
    backdated=NOW,
    step_up=PLUGIN,
    in_person=ON_ITS_PAGE,
)
async def consent_to_plugin(work: Work, data: ConsentToPlugin) -> PluginFile:
    """Consent to what a plugin asks for that was switched on when it asked for less."""
    plugin, row = installed(work.ctx, data.name), await service.find(work, data.name)
    if row.state != "enabled" or not waits(plugin, row):
        raise Refused(t("It does not wait for consent."), t("A plugin that is switched off can be switched on."))
    await require_consenter(work, plugin)
    before = row.consented
    row = await service.consent(work, plugin, require_consent(plugin, data.consent))
    after = {"plugin": data.name, **row.consented}
    await work.audit("plugin.consent", ("plugin", row.id), before=before, after=after)
    await _answered(work, data.name)
    return await file_of(work, data.name)


async def _answered(work: Work, name: str) -> None:
    """Nobody is asked any more whether the plugin may have what it asks for."""
    await read_for_all(work, AWAITS.id, link=f"/plugins/{name}")


@use_case(permission=PLUGIN_MANAGE, input=WithReason, output=PluginFile, backdated=NOW, step_up=PLUGIN)
async def disable_plugin(work: Work, data: WithReason) -> PluginFile:
    """Switch a plugin off; its settings and documents are kept."""
    row = await service.disable(work, data.name, data.reason)
    after = {"plugin": data.name, "state": row.state}
    await work.audit("plugin.disable", ("plugin", row.id), after=after, reason=data.reason)
    await _answered(work, data.name)
    return await file_of(work, data.name)


@use_case(
    permission=PLUGIN_MANAGE,
    input=WithReason,
    output=PluginFile,
    before=_first_settings,
    backdated=NOW,
    step_up=PLUGIN,
    in_person=ON_ITS_PAGE,
)
async def resume_plugin(work: Work, data: WithReason) -> PluginFile:
    """Let a suspended plugin run again."""
    row = await service.find(work, data.name)
    if row.state != "suspended":
        raise Refused(t("It is not suspended."), t("A plugin that is switched off can be switched on."))
    await service.resume(work, data.name, data.reason)
    after = {"plugin": data.name, "state": row.state}
    await work.audit("plugin.resume", ("plugin", row.id), after=after, reason=data.reason)
    return await file_of(work, data.name)


@use_case(permission=PLUGIN_READ, input=Nothing, output=Installation, scopes={"platform"}, reads=True)
async def list_installed(work: Work, data: Nothing) -> Installation:
    """List the plugins that are installed and those that cannot be used, with the services that count on them."""
    return await installation(work)


async def installation(work: Work) -> Installation:
    """Return what is installed, broken, counted on and stopped."""
    registry, uses, own = work.ctx.hooks.registry, await uses_of_all(work), await own_bundles(work)
    whom = await whom_of_all(work)
    plugins = [
        InstalledOut(
            name=name,
            title=one.manifest.title,
            plugin_version=one.manifest.version,
            requires=one.manifest.requires,
            hooks=sorted(one.hooks),
            tier=one.manifest.tier,
            quality=one.manifest.quality,
            asks=asked(one.manifest.asks),
            whom=whom[name][0],
            chosen=whom[name][1],
            uses=uses.get(name, Uses()),
            warned=list(one.warned),
        )
        for name, one in sorted(registry.plugins.items())
    ]
    broken = [BrokenOut(name, one.stage, one.error, uses.get(name, Uses())) for name, one in registry.broken.items()]
    missing = [
        BrokenOut(name, "missing", "", one)
        for name, one in uses.items()
        if name not in {one.plugin for one in own}
        and name not in registry.plugins
        and name not in registry.broken
        and (one.enabled or one.stopped)
    ]
    return Installation(
        plugins=plugins,
        broken=sorted(broken + missing, key=lambda one: one.name),
        stops=await own_stops(work),
        sandbox=await _sandbox(work.ctx),
        own=own,
    )


async def _sandbox(ctx: Ctx) -> list[MeansOut]:
    hosts = ctx.hooks.hosts
    lacking = await hosts.lacking()
    if lacking is None:
        return []
    return [MeansOut(words, lacking.get(means), means in hosts.needs) for means, words in WORDS.items()]
