"""What goes in and out of the use cases on contingents."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.missions.schemas import MissionOut, PositionOut
from core.text import t
from core.use_cases.fields import field

PRESENCE = {
    "all": t("Everybody"),
    "there": t("In the mission"),
    "on_leave": t("On leave"),
    "expected": t("Expected"),
    "elsewhere": t("Not available, or on the way home"),
}
Presence = Literal["all", "there", "on_leave", "expected", "elsewhere"]
STATES: dict[Presence, frozenset[str]] = {
    "there": frozenset({"in_mission"}),
    "on_leave": frozenset({"on_leave"}),
    "expected": frozenset({"ordered", "in_transit"}),
    "elsewhere": frozenset({"not_available", "out_of_mission", "returning"}),
}
"""Which states of a tour, as everybody may know them, count as what."""


class TourOf(msgspec.Struct, frozen=True, kw_only=True):
    """A tour of a service, by their ids."""

    tenant_id: UUID
    tour_id: UUID


class Kept(msgspec.Struct, frozen=True):
    """Whether the tour's officer is on the roster now."""

    listed: bool


class ReadContingent(msgspec.Struct, frozen=True, kw_only=True):
    """Whom of the contingent: by words in name, rank, service or position, and by where they are."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[Presence, field(t("State"))] = "all"


class MemberOut(msgspec.Struct, frozen=True, kw_only=True):
    """One officer of the contingent, as far as their service shares it."""

    id: UUID
    name: str | None
    rank_en: str | None
    rank_fr: str | None
    telephone: str | None
    agency_en: str
    agency_fr: str
    position_id: UUID
    position_en: str
    position_fr: str
    state: str
    since: date
    starts_on: date
    ends_on: date


class Contingent(msgspec.Struct, frozen=True, kw_only=True):
    """A mission with its establishment, the officers who were asked for, and how many of all are where."""

    mission: MissionOut
    positions: list[PositionOut]
    members: list[MemberOut]
    counts: dict[str, int]
    held: dict[str, int]
    """How many officers hold each position now or are on their way to it, by the position's id."""
