"""What goes in and out of the use cases on seats and roles."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated
from uuid import UUID

import msgspec

from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import MOST

Reason = Annotated[
    str, field(t("Reason"), help=t("It is kept with the change."), widget="area", shortest=3, longest=1000)
]
SeatId = Annotated[str, field(t("Person"), widget="hidden")]

ORIGINS = {
    "manual": t("given here"),
    "claim": t("from the sign-in service"),
    "directory": t("from a group of the directory"),
    "hr": t("from HR"),
    "delegation": t("by delegation"),
}
"""Where a role comes from."""


class ListSeats(msgspec.Struct, frozen=True, kw_only=True):
    """Which people to list."""

    role: Annotated[str, field(t("Role"), longest=40)] | None = None
    q: Annotated[str, field(t("Name"), longest=100)] = ""
    after: Annotated[UUID | None, field(t("After"), widget="hidden")] = None
    limit: Annotated[int, field(t("Rows"), least=1, most=MOST)] = MOST


class SeatIn(msgspec.Struct, frozen=True, kw_only=True):
    """A person who is to act for this scope."""

    name: Annotated[str, field(t("Name"), longest=120)]
    language: Annotated[str, field(t("Language"), choices={"en": t("English"), "fr": t("French")})] = "en"
    unit: Annotated[str, field(t("Unit"), longest=120)] | None = None
    reason: Reason


class SwitchSeat(msgspec.Struct, frozen=True, kw_only=True):
    """Whether a person may come in at all."""

    id: SeatId
    active: Annotated[bool, field(t("May sign in"), widget="checkbox")]
    reason: Reason


class GrantIn(msgspec.Struct, frozen=True, kw_only=True):
    """A role to give, from a day on, and until another if it is to end by itself."""

    id: SeatId
    role: Annotated[str, field(t("Role"), widget="choice", longest=40)]
    starts_on: Annotated[date | None, field(t("First day"), widget="date", help=t("Left empty: today."))] = None
    ends_on: Annotated[date | None, field(t("Ends on"), widget="date", help=t("The first day without the role."))] = (
        None
    )
    reason: Reason


class EndGrant(msgspec.Struct, frozen=True, kw_only=True):
    """A role to take back today."""

    id: SeatId
    grant_id: Annotated[str, field(t("Role"), widget="hidden")]
    reason: Reason


class EndDelegation(msgspec.Struct, frozen=True, kw_only=True):
    """A delegation from or to this person, to end now."""

    id: SeatId
    delegation_id: Annotated[str, field(t("Delegation"), widget="hidden")]
    reason: Reason


class LinkOfficer(msgspec.Struct, frozen=True, kw_only=True):
    """Whose officer file belongs to the person in the seat; none: no file does."""

    id: SeatId
    employee_number: (
        Annotated[
            str, field(t("Employee number"), longest=60, help=t("As in the officer’s file. Left empty: no file."))
        ]
        | None
    ) = None
    reason: Reason


class GrantOut(msgspec.Struct, frozen=True, kw_only=True):
    """A role somebody has, had or will have, with where it comes from and who gave it.

    ``group``: what the group of the directory is called now that gives it; ``reason`` has the name of then.
    """

    id: UUID
    role: str
    origin: str
    starts_on: date
    ends_on: date | None
    reason: str
    group: str | None
    granted_by: str | None
    end_reason: str | None
    holds: bool
    """Whether it gives anything today."""


class DelegatedOut(msgspec.Struct, frozen=True, kw_only=True):
    """Approvals that ``to_name`` decides in place of ``from_name``, until ``last_day`` included."""

    id: UUID
    from_seat: UUID
    from_name: str
    to_seat: UUID
    to_name: str
    first_day: date
    last_day: date
    reason: str


class SeatOut(msgspec.Struct, frozen=True, kw_only=True):
    """A person acting for this scope."""

    id: UUID
    name: str
    language: str
    unit: str | None
    officer_id: UUID | None
    employee_number: str | None
    standing: str | None
    """What the worker file says of the officer: ``active``, ``leave``, ``retired`` …; none without a file."""
    active: bool
    shut_by_directory: bool
    signed_in_at: datetime | None
    roles: list[str]
    version: int


class SeatList(msgspec.Struct, frozen=True):
    """People, by name."""

    seats: list[SeatOut]
    next: UUID | None = None


class SeatFile(msgspec.Struct, frozen=True, kw_only=True):
    """Why does this person have this: every role they have, had or will have, and for whom they decide today."""

    seat: SeatOut
    grants: list[GrantOut]
    delegations: list[DelegatedOut]
    """To and from this person, in force today."""
    version: int


class OtherSeat(msgspec.Struct, frozen=True):
    """Another scope in which the same person has a seat."""

    slug: str
    name_en: str
    name_fr: str


class KeepOne(msgspec.Struct, frozen=True):
    """Which session stays."""

    keep: Annotated[str, field(t("The session that stays"), widget="hidden")]


class OwnSession(msgspec.Struct, frozen=True, kw_only=True):
    """A browser in which one is signed in. ``device``: browser and system, where they are known by sight.

    ``link_id``: it was begun by an approval link, and is good for that alone.
    ``access_id``: it came in by one's member access, to one's own file alone.
    """

    id: UUID
    device: str | None
    link_id: UUID | None
    access_id: UUID | None
    created_at: datetime
    idle_until: datetime
    expires_at: datetime


class OwnSessions(msgspec.Struct, frozen=True):
    """One's own sessions in this seat, the latest first."""

    sessions: list[OwnSession]


class OwnSeat(msgspec.Struct, frozen=True, kw_only=True):
    """The caller's own seat, and the ones beside it."""

    name: str
    roles: list[str]
    others: list[OtherSeat]
