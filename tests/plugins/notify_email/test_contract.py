"""The built-in plugin notify_email passes what any plugin has to pass, as it comes and with a server and its task."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any, ClassVar

from contingent import Run
from contingent.kit.samples import NOON, marked_id
from contingent.testing import PluginContract


class TestNotifyEmail(PluginContract):
    plugin = "notify_email"


class TestNotifyEmailInUse(PluginContract):
    plugin = "notify_email"
    settings: ClassVar[Mapping[str, Any]] = {"host": "mail.example.org", "sender": "service@example.org"}
    cases: ClassVar[Mapping[str, Sequence[Mapping[str, Any]]]] = {
        "run_task": [{"run": Run(id=marked_id("alpha", "run"), key="digest", due=NOON)}]
    }
