"""From settings to steps: nothing is ever approved by silence."""

from __future__ import annotations

from typing import Any

from contingent import NoApproval
from plugins.approval_chain.service import answer
from plugins.approval_chain.settings import ChainStep, Settings

CHIEF = ChainStep(key="chief", title_en="Chief", title_fr="Direction", deadline_days=15)


def test_declared_steps_come_in_their_order_with_what_they_say() -> None:
    council = ChainStep(key="council", title_en="Council", title_fr="Conseil", kind="act", on_paper=False)
    two = ChainStep(key="two", title_en="Two", title_fr="Deux", how_many="count", count=2, role="supervisor")
    steps = answer(Settings(steps=[CHIEF, council, two]))
    assert isinstance(steps, list)
    assert [step.key for step in steps] == ["chief", "council", "two"]
    assert steps[0].deadline == 15
    assert steps[1].on_paper, "an act outside the platform is always entered from paper"
    assert steps[2].how_many == 2
    assert steps[2].who.rule == "supervises_the_officer"


def test_without_steps_there_is_no_answer() -> None:
    assert answer(Settings()) is None
    assert answer(Settings(nobody=True)) is None, "a reason in both languages is needed"
    assert answer(Settings(nobody=True, reason_en="Delegated by by-law.")) is None


def test_nobody_need_approve_only_with_a_declared_reason() -> None:
    reason: dict[str, Any] = {"reason_en": "Delegated by by-law 12.", "reason_fr": "Délégué par le règlement 12."}
    said = answer(Settings(nobody=True, **reason))
    assert isinstance(said, NoApproval)
    assert said.reason["fr"] == reason["reason_fr"]
    assert isinstance(answer(Settings(steps=[CHIEF], nobody=True, **reason)), list), "declared steps come first"
