"""From settings to steps: nothing is ever approved by silence."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from contingent import NoApproval, Step, Subject, specs
from contingent.kit.platform import Tenant
from plugins.approval_chain.settings import ChainStep, Settings

CHIEF = ChainStep(key="chief", title_en="Chief", title_fr="Direction", deadline_days=15)
SUBJECT = Subject(kind="agreement", id=UUID(int=1))


def answers(agency: Tenant, settings: Settings) -> list[list[Step] | NoApproval]:
    agency.enable("approval_chain", settings)
    return agency.ask(specs.approval_chain, subject=SUBJECT)


def test_declared_steps_come_in_their_order_with_what_they_say(agency: Tenant) -> None:
    council = ChainStep(key="council", title_en="Council", title_fr="Conseil", kind="act", on_paper=False)
    two = ChainStep(key="two", title_en="Two", title_fr="Deux", how_many="count", count=2, role="supervisor")
    (steps,) = answers(agency, Settings(steps=[CHIEF, council, two]))
    assert isinstance(steps, list)
    assert [step.key for step in steps] == ["chief", "council", "two"]
    assert steps[0].deadline == 15
    assert steps[1].on_paper, "an act outside the platform is always entered from paper"
    assert steps[2].how_many == 2
    assert steps[2].who.rule == "supervises_the_officer"


def test_without_steps_there_is_no_answer(agency: Tenant) -> None:
    assert answers(agency, Settings()) == []
    assert answers(agency, Settings(nobody=True)) == [], "a reason in both languages is needed"
    assert answers(agency, Settings(nobody=True, reason_en="Delegated by by-law.")) == []


def test_nobody_need_approve_only_with_a_declared_reason(agency: Tenant) -> None:
    reason: dict[str, Any] = {"reason_en": "Delegated by by-law 12.", "reason_fr": "Délégué par le règlement 12."}
    (said,) = answers(agency, Settings(nobody=True, **reason))
    assert isinstance(said, NoApproval)
    assert said.reason["fr"] == reason["reason_fr"]
    (said,) = answers(agency, Settings(steps=[CHIEF], nobody=True, **reason))
    assert isinstance(said, list), "declared steps come first"
