"""What goes in and out of the use cases on candidacies, IPOB's side."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.approvals.subjects import Check
from core.text import Text, t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

REASONS: dict[str, Text] = {
    "profile": t("Another profile fits the position better"),
    "experience": t("Experience for this position"),
    "language": t("Language result"),
    "driving": t("Driving result"),
    "mission_fitness": t("Fitness for this mission’s profile"),
    "host": t("Not accepted by the host organization"),
    "numbers": t("More candidates than places"),
    "other": t("Another reason, given in words"),
}
ASSESSMENTS: dict[str, Text] = {
    "interview": t("Interview"),
    "language": t("Language"),
    "driving": t("Driving"),
    "firearm": t("Firearm"),
    "security": t("Security"),
    "host_clearance": t("Clearance by the host organization"),
}
FITNESS: dict[str, Text] = {"medical": t("Medical fitness"), "psychological": t("Psychological fitness")}
"""Assessments whose result is health's alone; all others see one line, ``HEALTH``."""
HEALTH = "health"
MEETS: dict[str, Text] = {"met": t("Met"), "met_with_limits": t("Met, with limits"), "not_met": t("Not met")}
FITS: dict[str, Text] = {"fit": t("Fit"), "fit_with_limits": t("Fit, with limits"), "unfit": t("Unfit")}
RESULTS = MEETS | FITS
SPOILING = ("not_met", "unfit")
ReasonCode = Literal["profile", "experience", "language", "driving", "mission_fitness", "host", "numbers", "other"]
AssessmentKind = Literal["interview", "language", "driving", "firearm", "security", "host_clearance"]


class ListCandidacies(msgspec.Struct, frozen=True, kw_only=True):
    """Which candidacies: by words, of a call, of an agency (its slug), in a state."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    call_id: Annotated[str | None, field(t("Call"))] = None
    agency: str | None = None
    state: Annotated[Literal[
        "running", "all", "nominated", "screening", "assessment", "selected", "reserve", "training", "ready",
        "assigned", "not_selected", "withdrawn",
    ], field(t("State"))] = "running"  # fmt: skip
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class OfCandidacy(msgspec.Struct, frozen=True, kw_only=True):
    """One nomination of one agency, named by the agency's slug and the nomination's id."""

    agency: str
    id: str


class CandidacyStep(msgspec.Struct, frozen=True, kw_only=True):
    """Move a candidacy along; a refusal has a code and words that the agency and the officer read."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    step: Annotated[str, field(t("Step"), widget="hidden", longest=40)]
    reason_code: Annotated[ReasonCode | None, field(t("Reason"), choices=REASONS)] = None
    reason: Annotated[
        str | None,
        field(t("In words"), widget="area", longest=2000, help=t("The service and the officer read this.")),
    ] = None


class AssessmentIn(msgspec.Struct, frozen=True, kw_only=True):
    """A result of screening."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    kind: Annotated[AssessmentKind, field(t("Assessment"), choices=ASSESSMENTS)]
    result: Annotated[
        Literal["met", "met_with_limits", "not_met"],
        field(t("Result"), choices=MEETS),
    ]
    done_on: Annotated[date, field(t("Done on"), widget="date")]
    expires_on: Annotated[date | None, field(t("Valid until"), widget="date")] = None


class FitnessIn(msgspec.Struct, frozen=True, kw_only=True):
    """A health result of screening: an outcome and dates, nothing clinical."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    kind: Annotated[Literal["medical", "psychological"], field(t("Assessment"), choices=FITNESS)]
    result: Annotated[
        Literal["fit", "fit_with_limits", "unfit"],
        field(t("Result"), choices=FITS),
    ]
    done_on: Annotated[date, field(t("Done on"), widget="date")]
    expires_on: Annotated[date | None, field(t("Valid until"), widget="date")] = None


class AssessmentOut(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded result, with how it stands against the last day of the tour.

    To whoever may not see health, ``health`` is the one line of all health results: met or not met.
    """

    kind: str
    result: str
    done_on: date
    expires_on: date | None
    check: Check


class CandidacySummary(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination as IPOB sees it in a list; ``state`` is ``nominated`` until screening begins."""

    id: UUID
    agency: str
    agency_en: str
    agency_fr: str
    number: str
    name: str | None
    rank_en: str | None
    rank_fr: str | None
    band: int | None
    language: str | None
    call_id: UUID
    call_number: str
    mission_en: str
    mission_fr: str
    position_en: str
    position_fr: str
    state: str
    nominated_on: date | None
    reconsideration: bool
    version: int


class CandidacyList(msgspec.Struct, frozen=True):
    """Candidacies, by call, then by date of nomination."""

    candidacies: list[CandidacySummary]
    next: UUID | None = None


class CandidacyFile(msgspec.Struct, frozen=True, kw_only=True):
    """All that IPOB sees of one nomination.

    ``touched``: the reader worked on it for a service, and does not act on it.
    """

    summary: CandidacySummary
    gender: str | None
    affiliation: str | None
    telephone: str | None
    contract_version: int
    tour_starts_on: date
    tour_ends_on: date
    qualifications: list[Check]
    assessments: list[AssessmentOut]
    missing: list[Text]
    reason_code: str | None
    reason: str | None
    reconsideration: str | None
    touched: bool
