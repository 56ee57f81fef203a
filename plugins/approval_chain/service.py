"""From the settings to the host's steps."""

from __future__ import annotations

from contingent import NoApproval, Step, Who
from plugins.approval_chain.settings import ChainStep, Settings


def answer(settings: Settings) -> list[Step] | NoApproval | None:
    """Return the declared steps; without any, the declared reason why nobody need approve, or no answer."""
    if settings.steps:
        return [step_of(one) for one in settings.steps]
    english, french = (settings.reason_en or "").strip(), (settings.reason_fr or "").strip()
    if settings.nobody and english and french:
        return NoApproval(reason={"en": english, "fr": french})
    return None


def step_of(one: ChainStep) -> Step:
    """Return one declared step as the host understands it."""
    supervises = one.role == "supervisor"
    return Step(
        key=one.key,
        title={"en": one.title_en, "fr": one.title_fr},
        who=Who(role=one.role, unit=one.unit, rule="supervises_the_officer" if supervises else None),
        how_many=one.count if one.how_many == "count" else one.how_many,
        deadline=one.deadline_days,
        kind=one.kind,
        on_paper=one.on_paper or one.kind == "act",
    )
