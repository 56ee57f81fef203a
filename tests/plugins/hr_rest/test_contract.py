"""The built-in plugin hr_rest passes what any plugin has to pass, as it comes and where it has something to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from contingent.testing import PluginContract


class TestHrRest(PluginContract):
    plugin = "hr_rest"


class TestHrRestInUse(PluginContract):
    plugin = "hr_rest"
    settings: ClassVar[Mapping[str, Any]] = {
        "address": "https://hr.example.org/records",
        "token": "an-invented-token",
        "experience": False,
    }
