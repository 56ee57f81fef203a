"""Which of the installed plugins are there for a scope: what the operator allows, and whom.

What is not there is not in the scope's list, has no page, and cannot be switched on; what was on before it was
withdrawn does not run. One function says it, for the plan and for every page.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Literal, get_args

import msgspec

if TYPE_CHECKING:
    from core.hooks.registry import Plugin

NewPlugins = Literal["nobody", "sandboxed", "everyone"]
"""For whom a plugin is that was installed beside the product, while the operator has not decided: ``sandboxed`` is
for everyone if it runs in a sandbox, and otherwise for nobody."""

POLICIES: tuple[str, ...] = get_args(NewPlugins)


class Offer(msgspec.Struct, frozen=True):
    """What a scope may enable. Without anything said, every plugin that is installed: as where there is no operator."""

    rules: Mapping[str, bool] = {}
    """What the operator decided for this scope, by plugin."""
    new_plugins: str = "everyone"

    def holds(self, plugin: Plugin) -> bool:
        """Say whether the plugin is there for the scope. Its own always are: the operator can only stop these."""
        if plugin.source == "own":
            return True
        return self.rules.get(plugin.name, usual(plugin, self.new_plugins))


EVERYTHING = Offer()


def usual(plugin: Plugin, new_plugins: str) -> bool:
    """Say whether the plugin is for everyone while the operator has not decided; a policy that is unknown forbids."""
    if not plugin.beside or new_plugins == "everyone":
        return True
    # What is installed says itself that it runs in the sandbox, and has been imported to be read.
    return new_plugins == "sandboxed" and plugin.code is not None
