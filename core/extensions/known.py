"""The plugin that somebody means: installed, and as their scope has it."""

from __future__ import annotations

from collections.abc import Iterable

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault, NotFound, Refused
from core.hooks import standing
from core.hooks.allowing import offer_of
from core.hooks.models import PluginEnablement, PluginStop
from core.hooks.registry import Plugin
from core.hooks.settings_values import Struct
from core.hooks.stops import open_stops
from core.text import t


async def known(ctx: Ctx, name: str) -> tuple[Plugin, PluginEnablement | None]:
    """Return the plugin and the scope's row of it, before something that runs its code.

    Raises ``NotFound``, also for one that is not there for the scope and never was on, or ``Refused`` for one that is
    not installed or does not run here whatever is decided.
    """
    async with tenant_session(ctx, read_only=True) as session:
        row = await standing.look_up(session, ctx.scope, name)
        stops = await open_stops(session, ctx.scope)
        plugin = (await ctx.hooks.look(session)).plugins.get(name)
        allowed = plugin is not None and (await offer_of(session, ctx)).holds(plugin)
    if row is None and not allowed:
        raise NotFound
    require_running(stops, name)
    if plugin is not None and not allowed:
        raise Refused(
            t("The operator of the platform does not allow it here."),
            t("It can be switched off, and removed. Ask the operator whether it may run again."),
        )
    return installed(ctx, name), row


def require_running(stops: list[PluginStop], name: str) -> None:
    """Raise ``Refused`` where the plugin does not run, whatever its scope decides."""
    for row in stops:
        if row.plugin is None:
            raise Refused(
                t("In safe mode no plugin runs, so none is switched on, set or tested."),
                t("Leave safe mode first: the page “Plugins” says how."),
            )
        if row.plugin == name:
            raise Refused(
                t("The operator of the platform has stopped it: %(reason)s", reason=row.reason),
                t("It can be switched off. Ask the operator when it may run again."),
            )


def installed(ctx: Ctx, name: str) -> Plugin:
    """Return the plugin. Raises ``Refused`` for one that is not installed, or broken."""
    plugin = ctx.hooks.registry.plugins.get(name)
    if plugin is None:
        raise Refused(
            t("The plugin “%(plugin)s” is not installed, or cannot be loaded.", plugin=name),
            t("The operator can install it or repair it. It can be switched off here."),
        )
    return plugin


def settings_of(ctx: Ctx, name: str) -> Struct | None:
    """Return the struct of the plugin's settings, if it is installed and has some."""
    found = ctx.hooks.registry.plugins.get(name)
    return found.manifest.settings if found else None


def heading(ctx: Ctx, name: str) -> str:
    """Return what the plugin is called in the reader's language, or its name where it is not installed."""
    return ctx.hooks.registry.title(name, ctx.language)


def titled(ctx: Ctx, plugin: Plugin) -> str:
    """Return what the plugin is called in the reader's language."""
    return plugin.manifest.title[ctx.language]


def within(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults of settings at their place in the input that holds the settings."""
    return [Fault(f"/settings{fault.pointer}".rstrip("/"), fault.text) for fault in faults]
