"""The built-in plugin hr_file passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestHrFile(PluginContract):
    plugin = "hr_file"
