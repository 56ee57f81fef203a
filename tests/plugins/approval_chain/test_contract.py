"""The built-in plugin approval_chain passes what any plugin has to pass, with steps and where nobody need approve."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from contingent.testing import PluginContract


class TestApprovalChain(PluginContract):
    plugin = "approval_chain"
    settings: ClassVar[Mapping[str, Any]] = {
        "steps": [
            {"key": "supervisor", "title_en": "Supervisor", "title_fr": "Responsable", "role": "supervisor"},
            {"key": "hr", "title_en": "HR", "title_fr": "RH", "role": "hr_clerk", "kind": "inform", "on_paper": False},
            {"key": "two", "title_en": "Two of", "title_fr": "Deux de", "how_many": "count", "count": 2},
            {"key": "council", "title_en": "Council", "title_fr": "Conseil", "kind": "act", "deadline_days": 30},
        ]
    }


class TestNobodyNeedApprove(PluginContract):
    plugin = "approval_chain"
    settings: ClassVar[Mapping[str, Any]] = {
        "nobody": True,
        "reason_en": "Delegated by by-law 12.",
        "reason_fr": "Délégué par le règlement 12.",
    }
