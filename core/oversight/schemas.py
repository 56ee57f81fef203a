"""What the consolidated dashboard shows."""

from __future__ import annotations

from datetime import date
from typing import Annotated
from uuid import UUID

import msgspec

from core.text import Text, t
from core.use_cases.fields import field


class DashboardIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which part of the picture, as of when."""

    mission: Annotated[str | None, field(t("Mission"))] = None
    agency: Annotated[str | None, field(t("Service"))] = None
    as_of: Annotated[date | None, field(t("As of"), widget="date")] = None


class MissionLine(msgspec.Struct, frozen=True, kw_only=True):
    """A mission on the dashboard; ``women`` is a percentage, or ``None`` where it may not be shown."""

    id: UUID
    acronym_en: str
    acronym_fr: str
    seat: str
    latitude: float
    longitude: float
    deployed: int
    authorized: int | None
    women: int | None
    arrives_on: date | None
    arriving: int


class Rotation(msgspec.Struct, frozen=True, kw_only=True):
    """Officers of one mission and rotation who are there, or will be, over the same time."""

    mission_id: UUID
    title: str
    officers: int
    first: date
    last: date
    kind: str


class Attention(msgspec.Struct, frozen=True, kw_only=True):
    """Something that waits for somebody at IPOB; ``tone`` is warn, bad or info."""

    title: Text
    note: Text | None
    href: str
    label: Text
    tone: str


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """The consolidated picture on ``as_of``; the monthly strength runs over the twelve months before it."""

    as_of: date
    deployed: int
    authorized: int
    departing: int
    returning: int
    returning_unplanned: int
    vacancies: int
    closing_calls: int
    late_returns: int
    to_screen: int
    history: list[int]
    missions: list[MissionLine]
    agencies: list[tuple[str, str, str]]
    contributions: list[tuple[str, str, int]]
    home: tuple[str, int, int] | None
    rotations: list[Rotation]
    funnel: list[tuple[str, int]]
    attention: list[Attention]
