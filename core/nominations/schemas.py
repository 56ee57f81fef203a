"""What goes in and out of the use cases on interest and nominations, the agency's side."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any, Literal
from uuid import UUID

import msgspec

from core.agencies import Gap
from core.approvals.subjects import Check
from core.nominations.eligibility import Findings
from core.text import Text, t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

VALUES = {
    "gender": {"woman": t("Woman"), "man": t("Man"), "another": t("Another gender")},
    "language": {"en": t("English"), "fr": t("French")},
    "affiliation": {"serving": t("Serving"), "retired": t("Retired"), "contracted": t("Contracted")},
}
"""What the fixed words of shared fields are called."""


class DeclareInterest(msgspec.Struct, frozen=True, kw_only=True):
    """An officer says “I am interested” in a call; a coordinator may enter it for an officer."""

    call_id: Annotated[str, field(t("Call"), widget="hidden")]
    officer_id: Annotated[str | None, field(t("Officer"))] = None
    note: Annotated[
        str | None,
        field(
            t("A word to your coordinator"),
            widget="area",
            longest=2000,
            help=t("Why this mission, when you could leave. Only your service reads it."),
        ),
    ] = None


class OfInterest(msgspec.Struct, frozen=True, kw_only=True):
    """One interest, and where needed a reason."""

    id: str
    reason: Annotated[str | None, field(t("Reason"), widget="area", longest=2000)] = None


class ListInterests(msgspec.Struct, frozen=True, kw_only=True):
    """Interests in one call, or in all that are open."""

    call_id: str | None = None


class InterestOut(msgspec.Struct, frozen=True, kw_only=True):
    """An officer's interest in a call."""

    id: UUID
    officer_id: UUID
    name: str
    call_id: UUID
    call_number: str
    mission_en: str
    mission_fr: str
    closes_on: date
    state: str
    note: str | None
    declared_on: date
    answer: str | None
    nomination_id: UUID | None
    version: int


class InterestList(msgspec.Struct, frozen=True):
    """Interests, the latest first."""

    interests: list[InterestOut]


class NominationIn(msgspec.Struct, frozen=True, kw_only=True):
    """Put an officer forward for a position of an open call."""

    call_id: Annotated[str, field(t("Call"), widget="hidden")]
    officer_id: Annotated[str, field(t("Officer"))]
    position_id: Annotated[str, field(t("Position"))]
    recommendation: Annotated[
        str | None,
        field(t("Recommendation of the supervisor"), widget="area", longest=4000, help=t("Stays in your service.")),
    ] = None
    impact: Annotated[
        str | None,
        field(
            t("Effect on your service"),
            widget="area",
            longest=4000,
            help=t("Who covers the post, and until when. Stays in your service."),
        ),
    ] = None


class NominationChange(msgspec.Struct, frozen=True, kw_only=True):
    """Change a draft."""

    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    position_id: Annotated[str, field(t("Position"))]
    recommendation: Annotated[str | None, field(t("Recommendation of the supervisor"), widget="area", longest=4000)] = (
        None
    )
    impact: Annotated[str | None, field(t("Effect on your service"), widget="area", longest=4000)] = None


class ConductIn(msgspec.Struct, frozen=True, kw_only=True):
    """The attestation by professional standards. Never read from HR."""

    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    outcome: Annotated[
        Literal["clear", "not_clear"],
        field(t("Attestation"), choices={"clear": t("Clear of concerns"), "not_clear": t("Not clear")}),
    ]
    attested_by: Annotated[str, field(t("Attested by"), longest=120, help=t("Name and duty."))]
    attested_on: Annotated[date, field(t("On"), widget="date")]


class OfNomination(msgspec.Struct, frozen=True, kw_only=True):
    """One nomination, and where needed a reason."""

    id: str
    reason: Annotated[str | None, field(t("Reason"), widget="area", longest=2000)] = None


class ListNominations(msgspec.Struct, frozen=True, kw_only=True):
    """Which nominations: by words; running ones, all, or those in one state."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[
        Literal["running", "all", "draft", "agency_review", "nominated", "not_supported", "withdrawn"],
        field(t("State")),
    ] = "running"
    call_id: str | None = None
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class NominationSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination in the agency's list; ``stage`` is IPOB's state once it is nominated."""

    id: UUID
    number: str
    officer_id: UUID
    name: str
    rank_en: str
    rank_fr: str
    mission_en: str
    mission_fr: str
    position_en: str
    position_fr: str
    call_id: UUID
    call_number: str
    state: str
    stage: str | None
    case_state: str | None
    nominated_on: date | None
    created_at: datetime
    version: int


class NominationList(msgspec.Struct, frozen=True):
    """Nominations, the latest first."""

    nominations: list[NominationSummary]
    next: UUID | None = None


class Event(msgspec.Struct, frozen=True, kw_only=True):
    """One thing that happened to a nomination: a decision with who, when and why."""

    at: datetime
    title: Text
    by: str | None = None
    reason: str | None = None


class NominationFile(msgspec.Struct, frozen=True, kw_only=True):
    """A nomination as its own agency sees it."""

    nomination: NominationSummary
    position_id: UUID
    tour_starts_on: date
    tour_ends_on: date
    closes_on: date
    recommendation: str | None
    impact: str | None
    conduct: str | None
    conduct_by: str | None
    conduct_on: date | None
    officer_answer: str | None
    reason_code: str | None
    reason: str | None
    reconsideration: str | None
    case_id: UUID | None
    gaps: list[Gap]
    checks: list[Check]
    findings: Findings | None
    """What plugins found when they were last asked; in the checks are those that still count."""
    history: list[Event]


class Preview(msgspec.Struct, frozen=True, kw_only=True):
    """What IPOB sees or would see of one officer: a field left out by the contract is ``None``."""

    contract_version: int
    fields: dict[str, str]
    values: dict[str, Any]


class AnswerIn(msgspec.Struct, frozen=True, kw_only=True):
    """The officer's one answer to a decision."""

    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    answer: Annotated[str, field(t("Your answer"), widget="area", longest=2000, shortest=3)]
