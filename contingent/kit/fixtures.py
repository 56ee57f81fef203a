"""Fixtures for the tests of plugins. Nothing is imported until a test asks for one."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest

if TYPE_CHECKING:
    from contingent.kit.trial import Trial


@pytest.fixture
def contingent_trial() -> Callable[..., Trial]:
    """Give a function that puts a plugin on a host of its own: ``contingent_trial("mine", {"days": 30})``.

    The plugin is named as it is installed, or given as a module. ``trial.tenant("alpha")``
    is a context whose ``hooks`` run it; ``trial.clock`` moves when told to.
    """

    def make(plugin: Any, settings: dict[str, Any] | None = None) -> Trial:
        from contingent.kit.trial import Trial  # noqa: PLC0415 - see the module's docstring
        from core.hooks.registry import Registry  # noqa: PLC0415

        registry = Registry()
        if isinstance(plugin, str):
            registry.load()
        else:
            registry.register(plugin)
            plugin = plugin.manifest.name
        broken = registry.broken.get(plugin)
        assert broken is None, str(broken)
        return Trial(registry, plugin, settings)

    return make
