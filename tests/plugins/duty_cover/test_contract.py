"""The built-in plugin duty_cover passes what any plugin has to pass."""

from __future__ import annotations

from contingent.kit.samples import marker
from contingent.testing import PluginContract


class TestDutyCover(PluginContract):
    plugin = "duty_cover"
    settings = {"units": [{"unit": marker("alpha"), "minimum": 9}]}  # noqa: RUF012 - as the kit takes it
