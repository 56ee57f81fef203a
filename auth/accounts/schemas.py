"""What goes in and out of the use cases on service accounts and their tokens."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Literal
from uuid import UUID

import msgspec

from auth.schemas import Reason
from auth.tokens import LONGEST_DAYS, EndCause
from core.text import t
from core.use_cases.fields import field

LONGEST_OVERLAP = 168
"""Hours for which a token and the one that replaces it may both be used: a week."""
KINDS = {"api": t("A program that calls the API"), "scim": t("The directory that says who works here (SCIM)")}
ENDED = {
    "expired": t("it ran out"),
    "stop": t("emergency stop"),
    "maker": t("whoever let it in acts for the service no more"),
    "unvouched": t("the sign-in service no longer stood behind whoever let it in"),
    "operator": t("withdrawn by the operator"),
    "shut_out": t("shut out"),
}
"""Why a program has ended."""
Days = Annotated[int, field(t("Lasts, in days"), widget="number", least=1, most=LONGEST_DAYS)]


class AccountIn(msgspec.Struct, frozen=True, kw_only=True):
    """A program to let in: what it is, and what it may do. It begins with one token."""

    name: Annotated[
        str,
        field(
            t("Name of the program"), longest=80, help=t("The log calls it so: Payroll export, Entra ID, dashboard.")
        ),
    ]
    kind: Annotated[Literal["api", "scim"], field(t("Kind"), choices=KINDS)]
    role: Annotated[
        str | None,
        field(t("Role"), help=t("A program needs one, the least that is enough; a directory has none."), depends=True),
    ] = None
    reads_only: Annotated[
        bool, field(t("Reading only"), widget="checkbox", help=t("It then changes nothing, whatever its role allows."))
    ] = True
    days: Days
    reason: Reason


class Rotate(msgspec.Struct, frozen=True, kw_only=True):
    """Give an account a new token; the one it has lasts ``overlap_hours`` longer, so that nothing stands still.

    One that has ended has none to overlap with.
    """

    id: str
    overlap_hours: Annotated[
        int, field(t("Hours for which the old one still works"), widget="number", least=0, most=LONGEST_OVERLAP)
    ] = 24
    days: Days
    reason: Reason


class EndAccount(msgspec.Struct, frozen=True, kw_only=True):
    """End an account: all its tokens, at once."""

    id: str
    reason: Reason


class TokenOut(msgspec.Struct, frozen=True, kw_only=True):
    """A token of an account, never its text."""

    id: UUID
    created_at: datetime
    expires_at: datetime
    last_used_at: datetime | None


class AccountOut(msgspec.Struct, frozen=True, kw_only=True):
    """A program that is let in, with the tokens that work now, the newest first; of one that has ended, the last one.

    ``outlived``: whoever made the newest comes in no more, or may let nobody in. They have seen its text, so it is to
    be replaced. ``end_cause``: why it has ended. One that was shut out stays so; another may be given a new token.
    """

    id: UUID
    name: str
    kind: str
    roles: list[str]
    reads_only: bool
    made_by: str | None
    outlived: Literal["gone", "role"] | None
    tokens: list[TokenOut]
    ended_at: datetime | None = None
    end_cause: EndCause | Literal["expired"] | None = None


class AccountList(msgspec.Struct, frozen=True):
    """The programs that are let in now, by name, and those that have ended lately, the last one first."""

    accounts: list[AccountOut]
    ended: list[AccountOut] = []


class Made(msgspec.Struct, frozen=True, kw_only=True):
    """A new token's ``text``, which is shown this once and kept nowhere, and the account it is for."""

    text: str
    account: AccountOut
