"""What is to be done after a return: IPOB's own part, and the least that core asks of an agency."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

import msgspec

from core.context import Ctx
from core.hooks.days import shift
from core.hooks.specs import reintegration_milestones
from core.hooks.types import Milestone, Tour

LEAD_WEEKS = 8
"""Weeks before the end of the tour at which the return file is opened."""

FOLLOW_UP = "follow_up"
"""The one line that all health milestones are to anyone outside health."""


class Plan(msgspec.Struct, frozen=True):
    """An agency's milestones for one return; ``complete`` is false where only core's least plan stands."""

    milestones: tuple[Milestone, ...]
    complete: bool


def program_milestones(end: date, *, hazardous: bool) -> list[Milestone]:
    """Return IPOB's milestones for a tour that ends on ``end``.

    Source: the built-in plan of the design (performance report at the end, decompression in a
    third location where the mission is hazardous, administrative and operational debrief).
    """
    report = Milestone(
        key="performance-report",
        title={"en": "Performance report by the mission", "fr": "Rapport de rendement de la mission"},
        owner="mission",
        side="program",
        due=end,
    )
    decompression = Milestone(
        key="decompression",
        title={"en": "Third-location decompression", "fr": "Décompression dans un tiers lieu"},
        owner="program",
        side="program",
        due=shift(end, days=7),
    )
    debrief = Milestone(
        key="debrief",
        title={"en": "Administrative and operational debrief", "fr": "Bilan administratif et opérationnel"},
        owner="program",
        side="program",
        due=shift(end, days=14),
    )
    return [report, decompression, debrief] if hazardous else [report, debrief]


def least_plan(end: date) -> list[Milestone]:
    """Return what core asks of every agency even when no plugin answers."""
    return [
        Milestone(
            key="return-plan",
            title={"en": "Return plan and supervisor at home", "fr": "Plan de retour et responsable au retour"},
            owner="agency",
            due=shift(end, weeks=-LEAD_WEEKS + 2),
        ),
        Milestone(
            key="health-assessment",
            title={"en": "Health assessment", "fr": "Évaluation de santé"},
            owner="health",
            health=True,
            due=shift(end, days=30),
        ),
        Milestone(
            key="supervisor-meeting",
            title={"en": "Meeting with the supervisor", "fr": "Rencontre avec la ou le responsable"},
            owner="supervisor",
            due=shift(end, days=30),
        ),
        Milestone(
            key="closing-survey",
            title={"en": "Closing survey", "fr": "Questionnaire de clôture"},
            owner="officer",
            due=shift(end, months=12),
        ),
    ]


async def ask_plan(ctx: Ctx, tour: Tour) -> Plan:
    """Return the agency's plan for ``tour``, asked of its plugins with no transaction open.

    Milestones of IPOB's side are dropped: IPOB plans and completes its own. If a plugin fails
    or none answers, the least plan fills in and the plan is marked incomplete.
    """
    answers = await ctx.hooks.all(reintegration_milestones, tour=tour)
    given = _merged(one for result in answers.results for one in result if one.side == "agency")
    if given and not answers.failures:
        return Plan(tuple(given), complete=True)
    return Plan(tuple(_merged([*given, *least_plan(tour.end)])), complete=False)


def _merged(milestones: Iterable[Milestone]) -> list[Milestone]:
    """Of milestones with one key the first is kept."""
    by_key: dict[str, Milestone] = {}
    for one in milestones:
        by_key.setdefault(one.key, one)
    return sorted(by_key.values(), key=lambda one: (one.due, one.key))
