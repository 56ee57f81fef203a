"""A service of the demonstration that reckons its claims by invented rates."""

from __future__ import annotations

from contingent.demo.acting import Cast
from core.extensions.consenting import with_consent
from core.extensions.schemas import ConfigurePlugin
from core.extensions.service import enable_plugin
from core.extensions.settings import configure_plugin

SERVICE = "qc-spvm"
PLUGIN = "secondment_rates"
RATES = [
    {
        "title_en": "Salary (invented rate)",
        "title_fr": "Traitement (taux inventé)",
        "category": "salary",
        "a_day": "412.50",
        "starts": "2005-04-01",
    },
    {
        "title_en": "Replacement at home (invented rate)",
        "title_fr": "Remplacement au pays (taux inventé)",
        "category": "backfill",
        "a_day": "98",
        "starts": "2005-04-01",
    },
]


async def agree_rates(cast: Cast) -> None:
    """Let the service's administrator switch the plugin on and enter the rates."""
    administrator = await cast.ctx(SERVICE, "administrator")
    await cast.run(administrator, enable_plugin, with_consent(administrator, PLUGIN))
    await cast.run(administrator, configure_plugin, ConfigurePlugin(PLUGIN, {"rates": RATES, "benefits": 20}))
