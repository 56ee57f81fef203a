"""The built-in plugin notify_email passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestNotifyEmail(PluginContract):
    plugin = "notify_email"
