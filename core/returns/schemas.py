"""What goes in and out of the use cases on returns."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

OWNERS = {
    "agency": t("Coordinator"),
    "officer": t("Officer"),
    "supervisor": t("Supervisor"),
    "health": t("Health"),
    "mission": t("Mission"),
    "program": t("IPOB"),
}
CHOICES = {
    "peer": t("A peer"),
    "health": t("The health service"),
    "chaplain": t("A chaplain"),
    "association": t("The members’ association"),
}


class ListReturns(msgspec.Struct, frozen=True, kw_only=True):
    """Which returns: by words, and by state."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[Literal["open", "late", "closed", "all"], field(t("State"))] = "open"
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class OfReturn(msgspec.Struct, frozen=True, kw_only=True):
    """One return file."""

    id: str


class OpenReturn(msgspec.Struct, frozen=True, kw_only=True):
    """Open the return file of a tour (``id`` is the tour's)."""

    id: Annotated[str, field(t("Tour"), widget="hidden")]


class PlanIn(msgspec.Struct, frozen=True, kw_only=True):
    """The return plan: who receives the officer, and where."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    supervisor_seat: Annotated[str | None, field(t("Supervisor at home"))] = None
    target_unit: Annotated[str | None, field(t("Unit after the return"), longest=120)] = None


class CompleteIn(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone is done."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    milestone_id: Annotated[str, field(t("Milestone"), widget="hidden")]
    note: Annotated[
        str | None, field(t("Note"), widget="area", longest=2000, help=t("Stays in your service. Nothing clinical."))
    ] = None


class HealthIn(msgspec.Struct, frozen=True, kw_only=True):
    """The outcome of a health milestone. Nothing clinical has a place here."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    milestone_id: Annotated[str, field(t("Milestone"), widget="hidden")]
    outcome: Annotated[
        Literal["done", "not_done", "declined"],
        field(t("Outcome"), choices={"done": t("Done"), "not_done": t("Not done"), "declined": t("Declined")}),
    ]
    done_on: Annotated[date, field(t("On"), widget="date")]


class ProgramIn(msgspec.Struct, frozen=True, kw_only=True):
    """IPOB's own milestone is done; the note stays with IPOB."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Milestone"), widget="hidden")]
    note: Annotated[str | None, field(t("Note"), widget="area", longest=2000, help=t("Stays with IPOB."))] = None


class CheckInIn(msgspec.Struct, frozen=True, kw_only=True):
    """A check-in took place. Its content is not kept."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    check_in_id: Annotated[str, field(t("Check-in"), widget="hidden")]
    next_step: Annotated[
        str | None,
        field(t("What was agreed"), longest=500, help=t("What both will do next. Not how the officer feels.")),
    ] = None


class ContactIn(msgspec.Struct, frozen=True, kw_only=True):
    """Ask to be contacted, by whom one chooses."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    choice: Annotated[
        Literal["peer", "health", "chaplain", "association"], field(t("Who should call you"), choices=CHOICES)
    ] = "peer"


class AnsweredIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody has called back."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    request_id: Annotated[str, field(t("Request"), widget="hidden")]


class CompetencyIn(msgspec.Struct, frozen=True, kw_only=True):
    """Something the officer learned abroad."""

    id: Annotated[str, field(t("Return file"), widget="hidden")]
    name: Annotated[str, field(t("Competency"), longest=120)]
    level: Annotated[int, field(t("Level"), widget="number", least=1, most=5, help=t("1 basic to 5 can teach it."))]
    evidence: Annotated[str | None, field(t("Evidence"), widget="area", longest=1000)] = None
    in_use: Annotated[bool, field(t("The present post uses it"), widget="checkbox")] = False


class MilestoneOut(msgspec.Struct, frozen=True, kw_only=True):
    """A milestone as the reader may see it; ``mine``: the reader may complete it."""

    id: UUID
    key: str
    title_en: str
    title_fr: str
    owner: str
    side: Literal["agency", "program"]
    starts_on: date | None
    due_on: date
    state: str
    late: bool
    done_on: date | None
    done_by: str | None
    note: str | None
    before_duty: bool
    mine: bool
    version: int


class ReturnSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A return in the tracker; ``next_on`` is the due date of its next open milestone."""

    id: UUID
    officer_id: UUID
    name: str
    rank_en: str
    rank_fr: str
    mission_en: str
    mission_fr: str
    state: str
    plan: str
    tour_ends_on: date
    home_on: date | None
    done: int
    total: int
    late: int
    next_en: str | None
    next_fr: str | None
    next_on: date | None
    contact_waiting: bool
    version: int


class ReturnList(msgspec.Struct, frozen=True):
    """Returns, the late ones first."""

    returns: list[ReturnSummary]
    next: UUID | None = None


class CheckInOut(msgspec.Struct, frozen=True, kw_only=True):
    """A check-in."""

    id: UUID
    kind: str
    due_on: date
    done_on: date | None
    done_by: str | None
    next_step: str | None


class CompetencyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A competency gained."""

    id: UUID
    name: str
    level: int
    evidence: str | None
    in_use: bool | None


class ContactOut(msgspec.Struct, frozen=True, kw_only=True):
    """A request for contact."""

    id: UUID
    choice: str
    asked_at: datetime
    answered_at: datetime | None
    answered_by: str | None


class ReturnFileOut(msgspec.Struct, frozen=True, kw_only=True):
    """A return file as its own agency, or the officer, sees it."""

    summary: ReturnSummary
    tour_id: UUID
    supervisor_seat: UUID | None
    supervisor: str | None
    target_unit: str | None
    opened_on: date
    duty_on: date | None
    closed_on: date | None
    milestones: list[MilestoneOut]
    check_ins: list[CheckInOut]
    competencies: list[CompetencyOut]
    contacts: list[ContactOut]
    own: bool


class ProgramReturn(msgspec.Struct, frozen=True, kw_only=True):
    """A return as IPOB sees it: the shared status, published milestones and its own."""

    tour_id: UUID
    agency: str
    agency_en: str
    agency_fr: str
    name: str | None
    mission_en: str
    mission_fr: str
    tour_ends_on: date
    home_on: date | None
    state: str
    late: int
    milestones: list[MilestoneOut]


class ProgramReturnList(msgspec.Struct, frozen=True):
    """Returns over all agencies, the late ones first."""

    returns: list[ProgramReturn]
    next: UUID | None = None
