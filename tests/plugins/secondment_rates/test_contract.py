"""The built-in plugin secondment_rates passes what any plugin has to pass."""

from __future__ import annotations

from contingent.testing import PluginContract


class TestSecondmentRates(PluginContract):
    plugin = "secondment_rates"
    settings = {  # noqa: RUF012 - as the kit takes it
        "rates": [
            {
                "title_en": "Salary",
                "title_fr": "Traitement",
                "category": "salary",
                "a_day": "400",
                "starts": "2026-01-01",
            }
        ],
        "benefits": 20,
    }
