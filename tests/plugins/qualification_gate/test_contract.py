"""The built-in plugin qualification_gate passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestQualificationGate(PluginContract):
    plugin = "qualification_gate"
    settings = {  # noqa: RUF012 - as the kit takes it
        "needs": [
            {"step": "release", "kind": "firearm", "until": "tour"},
            {"step": "adjust", "kind": "first_aid"},
        ]
    }
