"""Seeing what runs here, and switching it on and off.

Settings are looked at with no transaction open (``before``): whoever relies on the plugin's
answers may object, and the plugin itself may have to be asked.
"""

from __future__ import annotations

from typing import Any

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault, Invalid, NotFound, Refused
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_READ
from core.extensions.reading import file_of, plugins_of, summary_of, uses_of_all
from core.extensions.saving import objections
from core.extensions.schemas import (
    BrokenOut,
    ByName,
    ConfigurePlugin,
    Installation,
    InstalledOut,
    MeansOut,
    PluginFile,
    PluginList,
    Uses,
    WithReason,
)
from core.hooks import service
from core.hooks.models import PluginEnablement
from core.hooks.plans import read_settings
from core.hooks.registry import Plugin
from core.hooks.sandbox.confinement import WORDS
from core.text import Text, t
from core.use_cases import intake
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.step_up import PLUGIN
from core.use_cases.work import Work


@use_case(permission=PLUGIN_READ, input=Nothing, output=PluginList, reads=True)
async def list_plugins(work: Work, data: Nothing) -> PluginList:
    """List the plugins that are installed or that this service runs, with how they fare."""
    return PluginList([summary_of(work.ctx, one) for one in await plugins_of(work)])


@use_case(permission=PLUGIN_READ, input=ByName, output=PluginFile, reads=True)
async def get_plugin(work: Work, data: ByName) -> PluginFile:
    """Show one plugin with its settings, failures and history."""
    return await file_of(work, data.name)


async def _read_settings(ctx: Ctx, data: ConfigurePlugin) -> Any:
    """Return the settings as the plugin's own struct. Raises ``Invalid`` with all that is wrong with them."""
    plugin, row = await _known(ctx, data.name)
    struct = plugin.manifest.settings
    if row is None:
        raise Refused(
            t("“%(plugin)s” was never switched on here.", plugin=_title(ctx, plugin)),
            t("Switch it on first: it then has settings to change."),
        )
    if struct is None:
        raise Refused(
            t("“%(plugin)s” has no settings.", plugin=_title(ctx, plugin)), t("Switch it on or off as it is.")
        )
    try:
        settings = intake.read(struct, data.settings)
    except Invalid as invalid:
        raise Invalid(_within(invalid.faults)) from None
    except Exception:  # noqa: BLE001 - the struct's own check may raise anything
        raise Invalid([Fault("/settings", t("The plugin’s own check of its settings failed."))]) from None
    if row.state == "enabled":
        _object(await objections(ctx, plugin, settings))
    return settings


@use_case(
    permission=PLUGIN_MANAGE,
    input=ConfigurePlugin,
    output=PluginFile,
    before=_read_settings,
    backdated=NOW,
    step_up=PLUGIN,
)
async def configure_plugin(work: Work, data: ConfigurePlugin) -> PluginFile:
    """Change a plugin's settings."""
    row = await service.find(work, data.name)
    work.check_version(row)
    before = dict(row.settings)
    await service.configure(work, _installed(work.ctx, data.name), work.decided)
    changed = [name for name in before.keys() | row.settings.keys() if before.get(name) != row.settings.get(name)]
    await work.audit(
        "plugin.configure",
        ("plugin", row.id),
        before={name: before.get(name) for name in sorted(changed)},
        after={"plugin": data.name, **{name: row.settings.get(name) for name in sorted(changed)}},
    )
    return await file_of(work, data.name)


async def _first_settings(ctx: Ctx, data: ByName | WithReason) -> Any:
    """Return the settings to begin with, for a plugin that has none yet; look at those it has."""
    plugin, row = await _known(ctx, data.name)
    struct = plugin.manifest.settings
    if struct is None:
        return None
    try:
        settings = struct() if row is None else read_settings(plugin, row.settings)
    except Exception:  # noqa: BLE001 - a default or a check of the plugin's own may raise anything
        if row is not None:
            return None  # It stays switched on without an effect until somebody sets it: its page says so.
        raise Refused(
            t("“%(plugin)s” cannot make its own first settings.", plugin=_title(ctx, plugin)),
            t("Tell the operator, who can install another version of it."),
        ) from None
    if row is None:
        return settings
    found = await objections(ctx, plugin, settings)
    if found:
        faults = Text("%(faults)s", {"faults": [fault.text for fault in found]})
        raise Refused(faults, t("Change its settings first; then switch it on."))
    return None


@use_case(
    permission=PLUGIN_MANAGE, input=ByName, output=PluginFile, before=_first_settings, backdated=NOW, step_up=PLUGIN
)
async def enable_plugin(work: Work, data: ByName) -> PluginFile:
    """Switch a plugin on, with the settings it had, or its defaults."""
    row = await service.enable(work, _installed(work.ctx, data.name), work.decided)
    await work.audit("plugin.enable", ("plugin", row.id), after={"plugin": data.name, "state": row.state})
    return await file_of(work, data.name)


@use_case(permission=PLUGIN_MANAGE, input=WithReason, output=PluginFile, backdated=NOW, step_up=PLUGIN)
async def disable_plugin(work: Work, data: WithReason) -> PluginFile:
    """Switch a plugin off; its settings and documents are kept."""
    row = await service.disable(work, data.name, data.reason)
    after = {"plugin": data.name, "state": row.state}
    await work.audit("plugin.disable", ("plugin", row.id), after=after, reason=data.reason)
    return await file_of(work, data.name)


@use_case(
    permission=PLUGIN_MANAGE, input=WithReason, output=PluginFile, before=_first_settings, backdated=NOW, step_up=PLUGIN
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
    registry, uses = work.ctx.hooks.registry, await uses_of_all(work)
    plugins = [
        InstalledOut(
            name=name,
            title=one.manifest.title,
            plugin_version=one.manifest.version,
            requires=one.manifest.requires,
            hooks=sorted(one.hooks),
            tier=one.manifest.tier,
            quality=one.manifest.quality,
            uses=uses.get(name, Uses()),
        )
        for name, one in sorted(registry.plugins.items())
    ]
    broken = [BrokenOut(name, one.stage, one.error, uses.get(name, Uses())) for name, one in registry.broken.items()]
    missing = [
        BrokenOut(name, "missing", "", one)
        for name, one in uses.items()
        if name not in registry.plugins and name not in registry.broken and (one.enabled or one.stopped)
    ]
    return Installation(plugins, sorted(broken + missing, key=lambda one: one.name), await _sandbox(work.ctx))


async def _sandbox(ctx: Ctx) -> list[MeansOut]:
    hosts = ctx.hooks.hosts
    lacking = await hosts.lacking()
    if lacking is None:
        return []
    return [MeansOut(words, lacking.get(means), means in hosts.needs) for means, words in WORDS.items()]


async def _known(ctx: Ctx, name: str) -> tuple[Plugin, PluginEnablement | None]:
    """Return the plugin and the scope's row of it. Raises ``NotFound``, or ``Refused`` for one not installed."""
    async with tenant_session(ctx, read_only=True) as session:
        row = await service.look_up(session, ctx.scope, name)
    if row is None and name not in ctx.hooks.registry.plugins:
        raise NotFound
    return _installed(ctx, name), row


def _installed(ctx: Ctx, name: str) -> Plugin:
    plugin = ctx.hooks.registry.plugins.get(name)
    if plugin is None:
        raise Refused(
            t("The plugin “%(plugin)s” is not installed, or cannot be loaded.", plugin=name),
            t("The operator can install it or repair it. It can be switched off here."),
        )
    return plugin


def _title(ctx: Ctx, plugin: Plugin) -> str:
    return plugin.manifest.title[ctx.language]


def _object(found: list[Fault]) -> None:
    if found:
        raise Invalid(_within(found))


def _within(faults: Any) -> list[Fault]:
    return [Fault(f"/settings{fault.pointer}".rstrip("/"), fault.text) for fault in faults]
