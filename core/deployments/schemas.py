"""What goes in and out of the use cases on tours."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field

KINDS = {
    "departed": t("Departed"),
    "arrived": t("Arrived in the mission"),
    "leave_began": t("Leave began"),
    "leave_ended": t("Leave ended"),
    "left_mission": t("Left the mission"),
    "home": t("Is home"),
}
MovementKind = Literal["departed", "arrived", "leave_began", "leave_ended", "left_mission", "home"]


class TourIn(msgspec.Struct, frozen=True, kw_only=True):
    """A tour to plan for a candidate who is ready (``agency`` is the slug, ``id`` the nomination's)."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Nomination"), widget="hidden")]
    starts_on: Annotated[date, field(t("First day"), widget="date")]
    ends_on: Annotated[date, field(t("Last day"), widget="date")]
    rotation: Annotated[str | None, field(t("Rotation"), longest=40, help=t("Such as R12."))] = None


class OfTour(msgspec.Struct, frozen=True, kw_only=True):
    """One tour of one agency."""

    agency: str
    id: str


class OrderIn(msgspec.Struct, frozen=True, kw_only=True):
    """The order without which nobody leaves."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Tour"), widget="hidden")]
    order_number: Annotated[str, field(t("Number of the order"), longest=60)]


class TourStep(msgspec.Struct, frozen=True, kw_only=True):
    """Move a tour along; the day it happened is the request's ``on``."""

    agency: Annotated[str, field(t("Service"), widget="hidden")]
    id: Annotated[str, field(t("Tour"), widget="hidden")]
    step: Annotated[str, field(t("Step"), widget="hidden", longest=40)]
    reason: Annotated[
        str | None,
        field(t("Reason"), widget="area", longest=2000, help=t("Never a health state: that stays with health.")),
    ] = None


class MovementIn(msgspec.Struct, frozen=True, kw_only=True):
    """What happened on a tour, reported by the officer or the service."""

    id: Annotated[str, field(t("Tour"), widget="hidden")]
    kind: Annotated[MovementKind, field(t("What happened"), choices=KINDS)]
    happened_on: Annotated[date, field(t("On"), widget="date")]
    note: Annotated[str | None, field(t("Note"), widget="area", longest=1000, help=t("IPOB reads it."))] = None


class ListTours(msgspec.Struct, frozen=True, kw_only=True):
    """Which tours; ``after`` is the id of the last one of the page before."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[Literal[
        "current", "all", "planned", "ordered", "in_transit", "in_mission", "on_leave", "medical_hold",
        "evacuated", "not_available", "out_of_mission", "returning", "ended", "cancelled",
    ], field(t("State"))] = "current"  # fmt: skip
    mission_id: str | None = None
    agency: str | None = None
    after: str | None = None
    limit: Annotated[int, field(t("Rows"), least=1, most=200)] = 50


class TourSummary(msgspec.Struct, frozen=True):
    """A tour in a list. ``name`` is ``None`` where the sharing contract leaves it out."""

    id: UUID
    agency: str
    agency_en: str
    agency_fr: str
    name: str | None
    rank_en: str | None
    rank_fr: str | None
    mission_id: UUID
    mission_en: str
    mission_fr: str
    position_en: str
    position_fr: str
    state: str
    order_number: str | None
    starts_on: date
    ends_on: date
    arrived_on: date | None
    left_on: date | None
    home_on: date | None
    rotation: str | None
    version: int


class TourList(msgspec.Struct, frozen=True):
    """Tours by last day; ``next`` continues the list."""

    tours: list[TourSummary]
    next: str | None = None


class MovementOut(msgspec.Struct, frozen=True, kw_only=True):
    """A reported movement."""

    id: UUID
    kind: str
    happened_on: date
    note: str | None


class TourFile(msgspec.Struct, frozen=True, kw_only=True):
    """A tour with what was reported of it; ``officer_id`` only for its own agency.

    ``touched``: the reader, at IPOB, worked on it for a service, and does not act on it.
    """

    tour: TourSummary
    movements: list[MovementOut]
    days_in_mission: int
    officer_id: UUID | None
    own: bool
    touched: bool
