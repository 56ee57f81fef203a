"""The plugin that somebody means: installed, and as their scope has it."""

from __future__ import annotations

from collections.abc import Iterable

from core.context import Ctx
from core.database.sessions import tenant_session
from core.errors import Fault, NotFound, Refused
from core.hooks import service
from core.hooks.models import PluginEnablement
from core.hooks.registry import Plugin
from core.text import t


async def known(ctx: Ctx, name: str) -> tuple[Plugin, PluginEnablement | None]:
    """Return the plugin and the scope's row of it. Raises ``NotFound``, or ``Refused`` for one not installed."""
    async with tenant_session(ctx, read_only=True) as session:
        row = await service.look_up(session, ctx.scope, name)
    if row is None and name not in ctx.hooks.registry.plugins:
        raise NotFound
    return installed(ctx, name), row


def installed(ctx: Ctx, name: str) -> Plugin:
    """Return the plugin. Raises ``Refused`` for one that is not installed, or broken."""
    plugin = ctx.hooks.registry.plugins.get(name)
    if plugin is None:
        raise Refused(
            t("The plugin “%(plugin)s” is not installed, or cannot be loaded.", plugin=name),
            t("The operator can install it or repair it. It can be switched off here."),
        )
    return plugin


def titled(ctx: Ctx, plugin: Plugin) -> str:
    """Return what the plugin is called in the reader's language."""
    return plugin.manifest.title[ctx.language]


def within(faults: Iterable[Fault]) -> list[Fault]:
    """Return faults of settings at their place in the input that holds the settings."""
    return [Fault(f"/settings{fault.pointer}".rstrip("/"), fault.text) for fault in faults]
