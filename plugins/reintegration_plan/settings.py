"""What an agency sets: its milestones. The default is the built-in plan of the agency's side."""

from __future__ import annotations

from typing import Annotated, Literal

import msgspec

from contingent import field, t

OWNERS = {
    "agency": t("Coordinator"),
    "officer": t("Officer"),
    "supervisor": t("Supervisor"),
    "health": t("Health"),
}


class PlannedMilestone(msgspec.Struct, frozen=True, kw_only=True):
    """One milestone, reckoned from the last day of the tour."""

    key: Annotated[str, field(t("Key"), help=t("Short and stable, such as second-debrief."), longest=40)]
    title_en: Annotated[str, field(t("Title in English"), longest=160)]
    title_fr: Annotated[str, field(t("Title in French"), longest=160)]
    owner: Annotated[Literal["agency", "officer", "supervisor", "health"], field(t("Who does it"), choices=OWNERS)]
    due_days: Annotated[
        int,
        field(
            t("Due, in days from the end of the tour"),
            widget="number",
            least=-365,
            most=1095,
            help=t("Negative: before the end. 30 is thirty days after it."),
        ),
    ]
    opens_days: (
        Annotated[int, field(t("Opens, in days from the end of the tour"), widget="number", least=-365, most=1095)]
        | None
    ) = None
    before_duty: Annotated[
        bool,
        field(
            t("Before active duty"),
            widget="checkbox",
            help=t("Without effect for health’s: only health knows whether those are done."),
        ),
    ] = False

    def __post_init__(self) -> None:
        """Refuse what nobody could be shown, or tell from others."""
        if not self.key.strip():
            raise ValueError(t("A key is needed.").id)
        if not (self.title_en.strip() and self.title_fr.strip()):
            raise ValueError(t("A title is needed in both languages.").id)


def _planned(  # noqa: PLR0917 - one line a milestone, in the order of the table it comes from
    key: str, en: str, fr: str, owner: Literal["agency", "officer", "supervisor", "health"], due: int, opens: int | None
) -> PlannedMilestone:
    return PlannedMilestone(key=key, title_en=en, title_fr=fr, owner=owner, due_days=due, opens_days=opens)


BUILT_IN = [
    _planned(
        "return-plan",
        "Return plan: supervisor at home and target unit",
        "Plan de retour\u00a0: responsable au retour et unité d’accueil",
        "agency",
        -42,
        -56,
    ),
    _planned(
        "check-out",
        "Mission check-out and equipment",
        "Formalités de départ de la mission et équipement",
        "officer",
        -7,
        -28,
    ),
    _planned(
        "first-health",
        "Medical and psychological assessment, compared with the baseline",
        "Évaluation médicale et psychologique, comparée à la référence",
        "health",
        30,
        0,
    ),
    msgspec.structs.replace(
        _planned(
            "requalification",
            "Re-qualification: firearm, use of force, driving, policies",
            "Requalification\u00a0: arme à feu, emploi de la force, conduite, directives",
            "agency",
            30,
            0,
        ),
        before_duty=True,
    ),
    _planned(
        "supervisor-meeting",
        "Meeting with the supervisor and competency inventory",
        "Rencontre avec la ou le responsable et bilan des compétences",
        "supervisor",
        30,
        0,
    ),
    _planned("second-debrief", "Second debrief", "Second bilan", "agency", 42, 28),
    _planned("second-health", "Second health follow-up", "Second suivi de santé", "health", 180, 90),
    _planned(
        "skills-half-year",
        "Use of skills and wellbeing check-in, six months",
        "Emploi des compétences et point sur le mieux-être, six mois",
        "supervisor",
        182,
        150,
    ),
    _planned(
        "closing-survey",
        "Use of skills and closing survey, twelve months",
        "Emploi des compétences et questionnaire de clôture, douze mois",
        "officer",
        365,
        330,
    ),
]
"""The agency's side of the design's built-in plan; IPOB plans its own side."""


class Settings(msgspec.Struct, frozen=True, kw_only=True):
    """The plan. Without milestones the plugin gives none, and the host's least plan stands, marked incomplete."""

    milestones: Annotated[list[PlannedMilestone], field(t("Milestones"))] = msgspec.field(
        default_factory=lambda: list(BUILT_IN)
    )
