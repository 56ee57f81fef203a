"""What goes in and out of the use cases on officers and qualifications."""

from __future__ import annotations

from datetime import date
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field

STATUSES = {
    "active": t("On active duty"),
    "leave": t("On leave"),
    "seconded": t("Seconded"),
    "suspended": t("Suspended from duty"),
    "retired": t("Retired"),
    "left": t("Left the service"),
}
GENDERS = {"woman": t("Woman"), "man": t("Man"), "another": t("Another gender")}
LANGUAGES = {"en": t("English"), "fr": t("French")}
QUALIFICATIONS = {
    "language": t("Language"),
    "driving": t("Driving"),
    "firearm": t("Firearm"),
    "first_aid": t("First aid"),
    "use_of_force": t("Use of force"),
    "security_clearance": t("Security clearance"),
    "passport": t("Passport"),
    "vaccination": t("Vaccination"),
    "host_clearance": t("Clearance by the host organization"),
}

Status = Literal["active", "leave", "seconded", "suspended", "retired", "left"]
Gender = Literal["woman", "man", "another"]
QualificationKind = Literal[
    "language", "driving", "firearm", "first_aid", "use_of_force", "security_clearance", "passport", "vaccination",
    "host_clearance",
]  # fmt: skip


class OfficerIn(msgspec.Struct, frozen=True, kw_only=True):
    """An officer entered by hand: what a nomination needs, and nothing else."""

    employee_number: Annotated[str, field(t("Employee number"), longest=40)]
    given_name: Annotated[str, field(t("Given name"), longest=80)]
    family_name: Annotated[str, field(t("Family name"), longest=80)]
    rank_code: Annotated[str, field(t("Rank"), longest=40)]
    language: Annotated[Literal["en", "fr"], field(t("Language"), choices=LANGUAGES)] = "en"
    unit: Annotated[str | None, field(t("Unit"), longest=120)] = None
    hire_date: Annotated[
        date | None, field(t("Hired on"), widget="date", help=t("Calls ask for years of service."))
    ] = None
    email: Annotated[str | None, field(t("E-mail at work"), widget="email", longest=200)] = None


class OfficerChange(msgspec.Struct, frozen=True, kw_only=True):
    """Change what HR does not own. Without an employee number it stays as it is."""

    id: Annotated[str, field(t("Officer"), widget="hidden")]
    employee_number: Annotated[str | None, field(t("Employee number"), longest=40)] = None
    given_name: Annotated[str, field(t("Given name"), longest=80)]
    family_name: Annotated[str, field(t("Family name"), longest=80)]
    rank_code: Annotated[str, field(t("Rank"), longest=40)]
    language: Annotated[Literal["en", "fr"], field(t("Language"), choices=LANGUAGES)] = "en"
    status: Annotated[Status, field(t("Status"), choices=STATUSES)] = "active"
    unit: Annotated[str | None, field(t("Unit"), longest=120)] = None
    hire_date: Annotated[date | None, field(t("Hired on"), widget="date")] = None
    email: Annotated[str | None, field(t("E-mail at work"), widget="email", longest=200)] = None


class OwnFields(msgspec.Struct, frozen=True, kw_only=True):
    """What the officer enters and owns; each field says why it is asked and who sees it."""

    id: Annotated[str, field(t("Officer"), widget="hidden")]
    preferred_name: Annotated[
        str | None, field(t("Name in use"), longest=80, help=t("Used on pages and orders. Your service and IPOB."))
    ] = None
    gender: Annotated[
        Gender | None,
        field(
            t("Gender"),
            choices=GENDERS,
            help=t("For head counts and the right form of the rank in French. Empty: not stated."),
        ),
    ] = None
    birth_date: Annotated[
        date | None,
        field(t("Date of birth"), widget="date", help=t("Host organizations have age limits. Your service only.")),
    ] = None
    mission_telephone: Annotated[
        str | None,
        field(t("Telephone in the mission"), longest=40, help=t("For roll call in a crisis. Your service and IPOB.")),
    ] = None


class QualificationIn(msgspec.Struct, frozen=True, kw_only=True):
    """A qualification of an officer (``id`` is the officer's)."""

    id: Annotated[str, field(t("Officer"), widget="hidden")]
    kind: Annotated[QualificationKind, field(t("Kind"), choices=QUALIFICATIONS)]
    detail: Annotated[str | None, field(t("Detail"), longest=120, help=t("Such as French, or pistol."))] = None
    level: Annotated[str | None, field(t("Level"), longest=60)] = None
    issued_on: Annotated[date | None, field(t("Issued on"), widget="date")] = None
    expires_on: Annotated[date | None, field(t("Valid until"), widget="date", help=t("Empty: it does not expire."))] = (
        None
    )


class OfQualification(msgspec.Struct, frozen=True, kw_only=True):
    """One qualification of one officer."""

    id: str
    qualification_id: str


class FitnessIn(msgspec.Struct, frozen=True, kw_only=True):
    """A health outcome for a mission profile. Nothing clinical has a place here."""

    id: Annotated[str, field(t("Officer"), widget="hidden")]
    kind: Annotated[
        Literal["medical", "psychological"],
        field(t("Assessment"), choices={"medical": t("Medical"), "psychological": t("Psychological")}),
    ]
    outcome: Annotated[
        Literal["fit", "fit_with_limits", "unfit"],
        field(
            t("Outcome"),
            choices={"fit": t("Fit"), "fit_with_limits": t("Fit with limits"), "unfit": t("Unfit")},
        ),
    ]
    profile: Annotated[str | None, field(t("Mission profile"), longest=80)] = None
    done_on: Annotated[date, field(t("Done on"), widget="date")]
    valid_until: Annotated[date | None, field(t("Valid until"), widget="date")] = None


class ListOfficers(msgspec.Struct, frozen=True, kw_only=True):
    """Which officers; ``after`` is the id of the last one of the page before."""

    q: Annotated[str | None, field(t("Search"), longest=100)] = None
    status: Annotated[
        Literal["serving", "active", "leave", "seconded", "suspended", "retired", "left", "all"], field(t("Status"))
    ] = "serving"
    after: str | None = None
    limit: Annotated[int, field(t("Rows"), least=1, most=200)] = 50


class OfficerSummary(msgspec.Struct, frozen=True, kw_only=True):
    """An officer in a list."""

    id: UUID
    employee_number: str
    given_name: str
    family_name: str
    preferred_name: str | None
    rank_code: str
    rank_en: str
    rank_fr: str
    unit: str | None
    language: str
    status: str
    missing_since: date | None
    version: int


class OfficerList(msgspec.Struct, frozen=True):
    """Officers by family name; ``next`` continues the list."""

    officers: list[OfficerSummary]
    total: int
    next: str | None = None


class QualificationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A qualification; ``state``: valid, soon (expires within 90 days) or expired."""

    id: UUID
    kind: str
    detail: str | None
    level: str | None
    issued_on: date | None
    expires_on: date | None
    verified_by: str | None
    state: str
    version: int


class OfficerFile(msgspec.Struct, frozen=True, kw_only=True):
    """An officer's file as the service, or the officer, sees it. ``owned_by_hr``: fields HR sends."""

    officer: OfficerSummary
    email: str | None
    post: str | None
    hire_date: date | None
    service_years: int | None
    gender: str | None
    birth_date: date | None
    mission_telephone: str | None
    affiliation: str
    source: str
    owned_by_hr: list[str]
    qualifications: list[QualificationOut]
    own: bool


class FitnessOut(msgspec.Struct, frozen=True, kw_only=True):
    """A recorded health outcome, as health sees it."""

    id: UUID
    kind: str
    outcome: str
    profile: str | None
    done_on: date
    valid_until: date | None


class FitnessList(msgspec.Struct, frozen=True):
    """Health outcomes of one officer, the latest first."""

    outcomes: list[FitnessOut]
