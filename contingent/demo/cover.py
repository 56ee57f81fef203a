"""A service of the demonstration that watches the strength of its units."""

from __future__ import annotations

from contingent.demo.acting import Cast
from contingent.demo.workers import UNITS
from core.extensions.consenting import with_consent
from core.extensions.schemas import ConfigurePlugin
from core.extensions.service import enable_plugin
from core.extensions.settings import configure_plugin

SERVICE = "qc-spvm"
PLUGIN = "duty_cover"
MINIMA = (8, 6, 5, 4, 8)
"""Officers at the least in each unit of ``UNITS``: some of them are short once somebody else has left."""


async def watch_strength(cast: Cast) -> None:
    """Let the service's administrator switch the plugin on and give each unit its minimum."""
    administrator = await cast.ctx(SERVICE, "administrator")
    units = [{"unit": unit, "minimum": minimum} for unit, minimum in zip(UNITS["fr"], MINIMA, strict=True)]
    await cast.run(administrator, enable_plugin, with_consent(administrator, PLUGIN))
    await cast.run(administrator, configure_plugin, ConfigurePlugin(PLUGIN, {"units": units}))
