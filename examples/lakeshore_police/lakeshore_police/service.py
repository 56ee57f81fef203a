"""The answers, as plain functions."""

from __future__ import annotations

from contingent import Milestone, Step, Subject, Tour, Who, shift

from lakeshore_police.settings import Settings


def chain(settings: Settings, subject: Subject) -> list[Step] | None:
    """Return who decides, in order; of somebody in the harbour unit, that unit too. Nothing on agreements."""
    nomination = subject.nomination
    if nomination is None:
        return None
    harbour = [harbour_step(settings)] if nomination.officer.unit == settings.harbour_unit else []
    supervisor = Step(
        key="supervisor",
        title={"en": "Supervisor", "fr": "Responsable"},
        who=Who(role="supervisor", rule="supervises_the_officer"),
        deadline=10,
    )
    chief = Step(
        key="chief",
        title={"en": "Chief of police", "fr": "Direction du service"},
        who=Who(role="approver"),
        deadline=15,
    )
    return [supervisor, *harbour, chief]


def harbour_step(settings: Settings) -> Step:
    """Return the step that only Lakeshore has: who takes the watch on the boat?"""
    return Step(
        key="harbour-watch",
        title={"en": "Harbour unit: the watch is covered", "fr": "Unité portuaire\u00a0: la relève est assurée"},
        who=Who(role="approver", unit=settings.harbour_unit),
        deadline=settings.harbour_days,
    )


def boat_course(settings: Settings, tour: Tour) -> Milestone:
    """Return the milestone that only Lakeshore has."""
    return Milestone(
        key="lakeshore-boat-course",
        title={"en": "Boat safety course renewed", "fr": "Cours de sécurité nautique renouvelé"},
        owner="officer",
        opens=tour.end,
        due=shift(tour.end, days=settings.course_days),
        before_duty=True,
    )
