"""From the settings to dated milestones."""

from __future__ import annotations

from contingent import Milestone, Tour, shift
from plugins.reintegration_plan.settings import PlannedMilestone, Settings


def plan(settings: Settings, tour: Tour) -> list[Milestone]:
    """Return the declared milestones of ``tour``, by due date."""
    dated = [milestone_of(one, tour) for one in settings.milestones]
    return sorted(dated, key=lambda milestone: (milestone.due, milestone.key))


def milestone_of(one: PlannedMilestone, tour: Tour) -> Milestone:
    """Return one declared milestone with its dates; health's are seen by health alone."""
    due = shift(tour.end, days=one.due_days)
    opens = shift(tour.end, days=one.opens_days) if one.opens_days is not None else None
    return Milestone(
        key=one.key,
        title={"en": one.title_en, "fr": one.title_fr},
        owner=one.owner,
        due=due,
        opens=min(opens, due) if opens else None,
        health=one.owner == "health",
        before_duty=one.before_duty and one.owner != "health",
    )
