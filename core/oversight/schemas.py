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
    """A mission on the dashboard; ``women`` is a percentage, or ``None`` where it may not be shown.

    ``authorized`` is ``None`` where no number is known, and where one service's officers alone are counted.
    """

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


class Waiting(msgspec.Struct, frozen=True, kw_only=True):
    """What is told of today alone: of calls, nominations and returns only the present state is kept."""

    unplanned: int
    vacancies: int
    closing_calls: int
    late_returns: int
    to_screen: int
    funnel: list[tuple[str, int]]
    attention: list[Attention]


class Note(msgspec.Struct, frozen=True):
    """What is noted of a mission, under its acronym."""

    acronym_en: str
    acronym_fr: str
    note_en: str
    note_fr: str


class Dashboard(msgspec.Struct, frozen=True, kw_only=True):
    """The consolidated picture on ``as_of``; the monthly strength runs over the twelve months before it.

    ``waiting`` is there when the day is today. ``everybody`` counts the officers of all services
    where ``deployed`` counts one's; ``unauthorized`` the missions without an authorized number;
    ``choices`` names the missions of the day, those that a filter leaves out as well.
    """

    as_of: date
    today: date
    deployed: int
    everybody: int
    authorized: int
    unauthorized: int
    departing: int
    returning: int
    history: list[tuple[date, int]]
    missions: list[MissionLine]
    choices: list[tuple[str, str]]
    agencies: list[tuple[str, str, str]]
    contributions: list[tuple[str, UUID, int]]
    home: tuple[str, int, int] | None
    rotations: list[Rotation]
    notes: list[Note]
    waiting: Waiting | None
