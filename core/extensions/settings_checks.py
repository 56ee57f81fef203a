"""What other rooms look at before settings come into force.

A room that relies on the answers of a hook registers a check under the hook's name. It is asked,
with no transaction open, about each plugin that answers this hook: when it is switched on or
resumed with settings, and when its settings change while it is on.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from typing import Any

from core.context import Ctx
from core.errors import Fault
from core.hooks.registry import Plugin
from core.text import t

Check = Callable[[Ctx, Plugin, Any], Awaitable[Sequence[Fault]]]
"""Takes the plugin and its settings struct; returns what forbids them, at pointers within the settings."""

BEFORE_SAVING: dict[str, Check] = {}
"""By the name of a hook; filled as the rooms are imported."""


async def objections(ctx: Ctx, plugin: Plugin, settings: Any) -> list[Fault]:
    """Return all that the rooms have against these settings, and whether the plugin itself takes them in a sandbox."""
    if not await ctx.hooks.takes(plugin.name, settings):
        return [Fault("", t("The plugin’s own check of its settings failed."))]
    found: list[Fault] = []
    for hook in sorted(plugin.hooks & BEFORE_SAVING.keys()):
        found += await BEFORE_SAVING[hook](ctx, plugin, settings)
    return found
