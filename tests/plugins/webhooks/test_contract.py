"""The built-in plugin webhooks passes what any plugin has to pass, as it comes and where it has something to send."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from contingent.testing import PluginContract


class TestWebhooks(PluginContract):
    plugin = "webhooks"


class TestWebhooksInUse(PluginContract):
    plugin = "webhooks"
    settings: ClassVar[Mapping[str, Any]] = {
        "address": "https://hooks.example.org/in",
        "secret": "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw",
        "officers": True,
    }
