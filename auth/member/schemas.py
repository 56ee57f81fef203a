"""What goes in and out of the use cases on member access."""

from __future__ import annotations

from datetime import date, datetime
from typing import Annotated, Any
from uuid import UUID

import msgspec

from auth.member.passkeys import LONGEST
from auth.schemas import Reason
from core.text import t
from core.use_cases.fields import field

Name = Annotated[
    str,
    field(
        t("Name of the passkey"),
        longest=60,
        help=t("What it is on: my telephone, the computer at home, a security key."),
    ),
]
Answer = Annotated[str, field(t("What the browser answered"), widget="hidden", longest=LONGEST)]


class AddPasskey(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey that the browser made for the challenge ``id``."""

    id: str
    name: Name
    passkey: Answer


class RenamePasskey(msgspec.Struct, frozen=True, kw_only=True):
    """Another name for a passkey."""

    id: str
    name: Name


class SwitchAccess(msgspec.Struct, frozen=True, kw_only=True):
    """Whether an officer may come to their own file by member access."""

    id: str
    open: bool
    reason: Reason


class Begun(msgspec.Struct, frozen=True):
    """A passkey that is being added: the challenge's ``id``."""

    id: UUID


class ToSign(msgspec.Struct, frozen=True):
    """What the browser is asked to make a passkey (WebAuthn's creation options as JSON)."""

    options: dict[str, Any]


class PasskeyOut(msgspec.Struct, frozen=True, kw_only=True):
    """A passkey as its owner knows it."""

    id: UUID
    name: str
    synced: bool
    created_at: datetime
    last_used_at: datetime | None


class OwnAccess(msgspec.Struct, frozen=True, kw_only=True):
    """One's own member access.

    ``linked``: an officer file belongs to the seat. ``offered``: it may be set up now. ``last_day``
    is the last day on which it opens, none while no end is in sight. ``ended``: the service ended it.
    """

    linked: bool
    offered: bool
    ended: str | None
    last_day: date | None
    passkeys: list[PasskeyOut]
    codes_left: int
    printed_at: datetime | None


class Codes(msgspec.Struct, frozen=True):
    """Fresh codes: they are shown this once, and kept nowhere."""

    codes: list[str]


class AccessOut(msgspec.Struct, frozen=True, kw_only=True):
    """An officer's member access as the service sees it: never by what means exactly, only how many."""

    id: UUID
    officer: str
    employee_number: str
    opened_on: date
    last_day: date | None
    passkeys: int
    codes_left: int
    last_session_at: datetime | None
    ended_at: datetime | None
    end_reason: str | None
    version: int


class AccessList(msgspec.Struct, frozen=True):
    """The member accesses of a service, by officer."""

    accesses: list[AccessOut]
