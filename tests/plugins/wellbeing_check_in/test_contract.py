"""The built-in plugin wellbeing_check_in passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestWellbeingCheckIn(PluginContract):
    plugin = "wellbeing_check_in"
