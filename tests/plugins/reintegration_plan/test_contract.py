"""The built-in plugin reintegration_plan passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestReintegrationPlan(PluginContract):
    plugin = "reintegration_plan"
