"""What goes in and out of the use cases on sign-in accounts and seats."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from auth.schemas import Reason, SeatId
from core.text import t
from core.use_cases.fields import field

MOST_DAYS = 14

ORIGINS = {
    "command": t("by the operator"),
    "invitation": t("by an invitation"),
    "test": t("by a test sign-in of their own"),
    "number": t("by employee number"),
    "just_in_time": t("made at the first sign-in"),
    "relink": t("by a change of sign-in service"),
}
"""How an account and a seat came together."""

HiddenId = Annotated[str, field(t("Account"), widget="hidden")]


class Invite(msgspec.Struct, frozen=True, kw_only=True):
    """For whom a link is made, and how long it lasts."""

    id: SeatId
    days: Annotated[int, field(t("Lasts, in days"), widget="number", least=1, most=MOST_DAYS)]
    reason: Reason


class Withdraw(msgspec.Struct, frozen=True, kw_only=True):
    """Whose open link ends."""

    id: SeatId
    reason: Reason


class Unlink(msgspec.Struct, frozen=True, kw_only=True):
    """Which account leaves which seat."""

    id: SeatId
    identity_id: HiddenId
    reason: Reason


class LinkedAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account that opens the seat; ``trusted``: the service accepts sign-ins from its provider now.

    ``provider``: what the service calls it, by each of its names where it is set up more than once.
    """

    id: UUID
    provider: str | None
    issuer: str
    subject: str
    origin: str
    linked_at: datetime
    trusted: bool


class InvitationOut(msgspec.Struct, frozen=True, kw_only=True):
    """A link that somebody may still use."""

    made_by: str
    created_at: datetime
    expires_at: datetime
    reason: str


class SeatLinks(msgspec.Struct, frozen=True, kw_only=True):
    """Which accounts open a seat, and the link that is open for it; ``invitable``: one can be made."""

    id: UUID
    name: str
    invitable: bool
    accounts: list[LinkedAccount]
    invitation: InvitationOut | None


class Invitation(msgspec.Struct, frozen=True, kw_only=True):
    """A new link: ``path`` is below the address of the platform, is told this once and kept nowhere."""

    id: UUID
    name: str
    path: str
    expires_at: datetime


class LinkingRule(msgspec.Struct, frozen=True, kw_only=True):
    """How accounts of one provider find their seat by themselves."""

    id: Annotated[str, field(t("Sign-in service"), widget="hidden")]
    number_claim: (
        Annotated[
            str,
            field(
                t("Claim with the employee number"),
                longest=200,
                help=t(
                    "As the sign-in service calls it: employee_number. Only one that nobody sets for themselves."
                    " Left empty: nobody is linked by number."
                ),
            ),
        ]
        | None
    ) = None
    just_in_time: Annotated[
        bool,
        field(
            t("Add whoever signs in and is not here yet"),
            widget="checkbox",
            help=t("They get no role. Usually this stays off."),
        ),
    ] = False
    reason: Reason


class ProviderLinking(msgspec.Struct, frozen=True, kw_only=True):
    """What holds for one provider today.

    ``shared``: accounts come to seats by themselves, another service's people sign in there too, and no claim tells
    this one's apart.
    """

    id: UUID
    name: str
    issuer: str
    client_id: str
    number_claim: str | None
    just_in_time: bool
    shared: bool
    version: int


class Linking(msgspec.Struct, frozen=True):
    """The providers that are not switched off, each with how its accounts find their seat."""

    providers: list[ProviderLinking]


class DirectoryAccount(msgspec.Struct, frozen=True, kw_only=True):
    """An account in the directory, and whose it is here: ``person``’s, in the seat ``seat_id``.

    ``employee_number``: what it, or whoever linked it ``by_hand``, says.
    """

    id: UUID
    name: str
    display: str | None
    employee_number: str | None
    by_hand: bool
    seat_id: UUID | None
    person: str | None
    active: bool
    version: int


class DirectoryAccounts(msgspec.Struct, frozen=True):
    """Accounts of the directory by name; of all that it has told of (``known``) ``linked`` were linked by hand."""

    accounts: list[DirectoryAccount]
    known: int
    linked: int
    next: UUID | None = None


class LinkAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Which officer's an account in the directory is."""

    id: HiddenId
    employee_number: Annotated[str, field(t("Employee number"), longest=60, help=t("As in the officer’s file."))]
    reason: Reason


class SeatAccount(msgspec.Struct, frozen=True, kw_only=True):
    """Which person's an account in the directory is, where they have no officer file."""

    id: HiddenId
    seat_id: Annotated[
        str, field(t("Person"), widget="choice", help=t("People with an officer file are linked by its number."))
    ]
    reason: Reason
