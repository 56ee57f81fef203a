"""What goes in and out of the use cases on break-glass accounts."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from auth.schemas import Reason
from core.text import t
from core.use_cases.fields import field

Half = Literal["first", "second"]


class CustodianIn(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody who keeps a secret for the day on which nobody can sign in."""

    custodian: Annotated[
        str,
        field(
            t("Custodian"),
            help=t("A person, or an office and its safe. The audit log names them when the account is used."),
            shortest=2,
            longest=80,
        ),
    ]
    reason: Reason


_AS_PRINTED = t("25 characters. Case, spaces and dashes do not matter.")


class BothHalves(msgspec.Struct, frozen=True, kw_only=True):
    """What is typed at the entrance."""

    first: Annotated[str, field(t("One half"), help=_AS_PRINTED)]
    second: Annotated[str, field(t("The other half"), help=_AS_PRINTED)]


class DrawIn(msgspec.Struct, frozen=True, kw_only=True):
    """Which half of the account ``id`` is to be shown, this once."""

    id: str
    half: Annotated[Half, field(t("Half"), widget="hidden")]


class ChangeIn(msgspec.Struct, frozen=True, kw_only=True):
    """An account to be renewed or ended."""

    id: str
    reason: Reason


class BreakGlassOut(msgspec.Struct, frozen=True, kw_only=True):
    """An account: which halves were shown and not used yet. ``ready``: both, so it can be used.

    ``for_another``: one was shown to the reader, so that the other is shown to somebody else.
    """

    id: UUID
    custodian: str
    made_by: str
    first_shown: bool
    second_shown: bool
    ready: bool
    for_another: bool
    created_at: datetime
    used_at: datetime | None
    version: int


class BreakGlassList(msgspec.Struct, frozen=True):
    """The accounts there are, by custodian; ``needed``: a sign-in service is in force, so the last stays."""

    accounts: list[BreakGlassOut]
    needed: bool


class Drawn(msgspec.Struct, frozen=True, kw_only=True):
    """A half's ``text``, which is shown this once and kept nowhere."""

    text: str
    half: Half
    account: BreakGlassOut
