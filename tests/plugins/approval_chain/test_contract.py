"""The built-in plugin approval_chain passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestApprovalChain(PluginContract):
    plugin = "approval_chain"
