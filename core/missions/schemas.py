"""What goes in and out of the use cases on missions, positions and calls."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

ORGANIZATIONS = {
    "UN": t("United Nations"),
    "UN-AU": t("United Nations and African Union"),
    "EU": t("European Union"),
    "OSCE": t("OSCE"),
    "NATO": t("NATO"),
    "court": t("International court"),
    "coalition": t("Coalition"),
    "bilateral": t("Bilateral"),
}
LANGUAGES = {"en": t("English"), "fr": t("French"), "es": t("Spanish"), "ar": t("Arabic"), "uk": t("Ukrainian")}

Organization = Literal["UN", "UN-AU", "EU", "OSCE", "NATO", "court", "coalition", "bilateral"]
WorkingLanguage = Literal["en", "fr", "es", "ar", "uk"]
Acronym = Annotated[str, field(t("Acronym in English"), longest=40)]


class MissionIn(msgspec.Struct, frozen=True, kw_only=True):
    """A mission to plan."""

    acronym_en: Acronym
    acronym_fr: Annotated[str, field(t("Acronym in French"), longest=40)]
    name_en: Annotated[str, field(t("Name in English"), longest=200)]
    name_fr: Annotated[str, field(t("Name in French"), longest=200)]
    organization: Annotated[Organization, field(t("Organization"), choices=ORGANIZATIONS)]
    country: Annotated[str, field(t("Country"), help=t("Its two-letter code, such as HT."), shortest=2, longest=2)]
    seat: Annotated[str, field(t("Seat"), help=t("The city of its headquarters."), longest=100)]
    latitude: Annotated[float, field(t("Latitude"), least=-90, most=90)]
    longitude: Annotated[float, field(t("Longitude"), least=-180, most=180)]
    languages: Annotated[list[WorkingLanguage], field(t("Working languages"), widget="choices", choices=LANGUAGES)] = []
    armed: Annotated[bool, field(t("Officers are armed"), widget="checkbox")] = False
    hazardous: Annotated[
        bool, field(t("Hazardous"), widget="checkbox", help=t("Decompression in a third location is planned."))
    ] = False
    authorized: Annotated[int | None, field(t("Officers authorized"), widget="number", least=0, most=1000)] = None
    tour_months: Annotated[int, field(t("Usual tour, in months"), widget="number", least=1, most=36)] = 12
    starts_on: Annotated[date, field(t("First day"), widget="date")]
    note_en: Annotated[str | None, field(t("Note in English"), widget="area", longest=2000)] = None
    note_fr: Annotated[str | None, field(t("Note in French"), widget="area", longest=2000)] = None


class MissionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A mission."""

    id: UUID
    acronym_en: str
    acronym_fr: str
    name_en: str
    name_fr: str
    organization: str
    country: str
    seat: str
    latitude: float
    longitude: float
    languages: list[str]
    armed: bool | None
    hazardous: bool
    authorized: int | None
    tour_months: int
    state: str
    starts_on: date
    ends_on: date | None
    end_known: bool
    evidence: str
    note_en: str | None
    note_fr: str | None
    version: int


class PositionIn(msgspec.Struct, frozen=True, kw_only=True):
    """A position to add to a mission's establishment (``id`` is the mission's)."""

    id: Annotated[str, field(t("Mission"), widget="hidden")]
    title_en: Annotated[str, field(t("Title in English"), longest=120)]
    title_fr: Annotated[str, field(t("Title in French"), longest=120)]
    band_low: Annotated[
        int,
        field(t("Lowest rank band"), widget="number", least=1, most=7, help=t("1 is constable, 7 the chief’s office.")),
    ] = 1
    band_high: Annotated[int, field(t("Highest rank band"), widget="number", least=1, most=7)] = 7
    languages: Annotated[list[WorkingLanguage], field(t("Working languages"), widget="choices", choices=LANGUAGES)] = []
    skills_en: Annotated[str | None, field(t("Skills, in English"), widget="area", longest=1000)] = None
    skills_fr: Annotated[str | None, field(t("Skills, in French"), widget="area", longest=1000)] = None
    armed: Annotated[bool, field(t("Armed"), widget="checkbox")] = False
    seats: Annotated[int, field(t("Officers at a time"), widget="number", least=1, most=500)] = 1
    handover_days: Annotated[int, field(t("Handover, in days"), widget="number", least=0, most=60)] = 7


class PositionOut(msgspec.Struct, frozen=True, kw_only=True):
    """A position of an establishment."""

    id: UUID
    mission_id: UUID
    title_en: str
    title_fr: str
    band_low: int
    band_high: int
    languages: list[str]
    skills_en: str | None
    skills_fr: str | None
    armed: bool
    seats: int
    handover_days: int
    version: int


class ListMissions(msgspec.Struct, frozen=True, kw_only=True):
    """Which missions: by state, and by words in their names."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[
        Literal["planned", "active", "suspended", "drawdown", "closed", "current", "all"], field(t("State"))
    ] = "current"


class MissionList(msgspec.Struct, frozen=True):
    """Missions, the latest first."""

    missions: list[MissionOut]


class MissionFile(msgspec.Struct, frozen=True):
    """A mission with its establishment and calls."""

    mission: MissionOut
    positions: list[PositionOut]
    calls: list[CallSummary]


class CallIn(msgspec.Struct, frozen=True, kw_only=True):
    """A call to draft for one mission."""

    mission_id: Annotated[str, field(t("Mission"))]
    closes_on: Annotated[
        date, field(t("Deadline"), widget="date", help=t("The last day on which nominations are accepted."))
    ]
    tour_starts_on: Annotated[date, field(t("Tours start on"), widget="date")]
    tour_months: Annotated[int, field(t("Tour, in months"), widget="number", least=1, most=36)] = 12
    minimum_service_years: Annotated[int, field(t("Years of service, at least"), widget="number", least=0, most=40)] = 5
    women_share: Annotated[
        int | None,
        field(
            t("Target share of women, in percent"),
            widget="number",
            least=0,
            most=100,
            help=t("A target for the whole call, never a criterion for one person."),
        ),
    ] = None
    requirements_en: Annotated[str | None, field(t("Requirements, in English"), widget="area", longest=4000)] = None
    requirements_fr: Annotated[str | None, field(t("Requirements, in French"), widget="area", longest=4000)] = None


class CallPositionIn(msgspec.Struct, frozen=True, kw_only=True):
    """A position to offer in a call (``id`` is the call's)."""

    id: Annotated[str, field(t("Call"), widget="hidden")]
    position_id: Annotated[str, field(t("Position"))]
    wanted: Annotated[int, field(t("Officers wanted"), widget="number", least=1, most=500)] = 1


class OfferedPosition(msgspec.Struct, frozen=True):
    """A position as a call offers it."""

    position: PositionOut
    wanted: int


class CallSummary(msgspec.Struct, frozen=True, kw_only=True):
    """A call in a list."""

    id: UUID
    number: str
    mission_id: UUID
    mission_en: str
    mission_fr: str
    state: str
    closes_on: date
    tour_starts_on: date
    tour_months: int
    wanted: int
    version: int


class CallOut(msgspec.Struct, frozen=True, kw_only=True):
    """A call with its positions."""

    id: UUID
    number: str
    mission: MissionOut
    state: str
    opens_on: date | None
    closes_on: date
    tour_starts_on: date
    tour_ends_on: date
    tour_months: int
    minimum_service_years: int
    women_share: int | None
    requirements_en: str | None
    requirements_fr: str | None
    positions: list[OfferedPosition]
    version: int


class ListCalls(msgspec.Struct, frozen=True, kw_only=True):
    """Which calls: by words, by state (``current`` is draft and open), and of one mission."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    state: Annotated[Literal["draft", "open", "closed", "filled", "cancelled", "current", "all"], field(t("State"))] = (
        "current"
    )
    mission_id: str | None = None
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class CallList(msgspec.Struct, frozen=True):
    """Calls, by deadline; ``next`` continues the list."""

    calls: list[CallSummary]
    next: UUID | None = None
