"""What goes in and out of the use cases of the red button."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from auth.schemas import Reason
from core.journal.schemas import LineOut
from core.text import t
from core.use_cases.fields import field
from core.use_cases.paging import AT_ONCE, MOST

Part = Literal["decided", "did", "saw"]
Why = Annotated[
    str,
    field(
        t("Reason"),
        help=t("It is kept in the audit log. The operator of the platform can read it too."),
        widget="area",
        shortest=3,
        longest=1000,
    ),
]
Understood = Annotated[
    bool,
    field(
        t("I have read what will happen, and it is to happen now"),
        unticked=t("Read what will happen, and tick the box."),
    ),
]


class PressIn(msgspec.Struct, frozen=True, kw_only=True):
    """Stop signing in to one's own scope, or to one account of it (``seat``)."""

    seat: Annotated[str | None, field(t("Account"), widget="hidden")] = None
    reason: Why
    understood: Understood


class OrderIn(msgspec.Struct, frozen=True, kw_only=True):
    """Stop signing in to the scope called ``slug``: the operator's."""

    slug: Annotated[str, field(t("Service"), widget="hidden")]
    reason: Annotated[str, field(t("Reason"), help=t("The service reads it."), widget="area", shortest=3, longest=1000)]
    understood: Understood


class ResumeIn(msgspec.Struct, frozen=True, kw_only=True):
    """Let people sign in again where the stop ``id`` kept them out."""

    id: str
    reason: Reason


class StopOut(msgspec.Struct, frozen=True, kw_only=True):
    """A stop: of a whole scope, or of one ``account`` of it. ``by_operator``: not its own people's doing."""

    id: UUID
    seat_id: UUID | None
    account: str | None
    reason: str
    by_name: str
    by_operator: bool
    began_at: datetime
    lifted_at: datetime | None
    lifted_by: str | None
    lift_reason: str | None


class Reach(msgspec.Struct, frozen=True, kw_only=True):
    """How much a stop ends, or ended: sessions, programs' tokens, directories' tokens."""

    sessions: int
    programs: int
    directories: int


class StopList(msgspec.Struct, frozen=True, kw_only=True):
    """The stops of a scope, the latest first; ``reach`` is what stopping all of it would end now.

    ``ways_back``: how many break-glass accounts could let people sign in again.
    """

    stops: list[StopOut]
    reach: Reach
    ways_back: int


class Pressed(msgspec.Struct, frozen=True, kw_only=True):
    """What a press did; ``ways_back``: how many break-glass accounts could let people sign in again."""

    stop: StopOut
    ended: Reach
    ways_back: int


class ServiceOut(msgspec.Struct, frozen=True, kw_only=True):
    """A scope as the operator sees it here: its name, and whether signing in is stopped there as a whole."""

    id: UUID
    slug: str
    kind: str
    name_en: str
    name_fr: str
    stop: StopOut | None


class ServiceList(msgspec.Struct, frozen=True):
    """Every scope but missions, by name."""

    services: list[ServiceOut]


class TrailIn(msgspec.Struct, frozen=True, kw_only=True):
    """What the account ``id`` decided, did besides, or saw since an instant."""

    id: str
    since: datetime
    part: Part = "decided"
    after: UUID | None = None
    limit: Annotated[int, field(t("Rows"), widget="hidden", least=1, most=MOST)] = AT_ONCE


class AccountDay(msgspec.Struct, frozen=True, kw_only=True):
    """Since when the page of an account tells, as its reader says it: a day and a time there."""

    day: Annotated[date, field(t("Since"), widget="date")]
    time: Annotated[str, field(t("Time"), help=t("Hours and minutes, such as 14:30."), longest=5)] = "00:00"


class SeenOut(msgspec.Struct, frozen=True, kw_only=True):
    """One look at an agency's people: ``agency`` is its id, ``fields`` what was shown."""

    id: UUID
    at: datetime
    agency: UUID
    purpose: str
    subject_kind: str
    subject_id: UUID | None
    fields: list[str]


class TrailOut(msgspec.Struct, frozen=True, kw_only=True):
    """One part of an account's trail, the latest first; ``next`` is the cursor of what came before.

    What it saw of agencies' people are ``seen``, of its own scope ``lines``.
    """

    account: str
    lines: list[LineOut] = []
    seen: list[SeenOut] = []
    next: UUID | None = None
