"""What goes in and out of the use cases on fresh sign-in before an action."""

from __future__ import annotations

from typing import Annotated
from uuid import UUID

import msgspec

from auth.schemas import Reason
from core.text import t
from core.use_cases.fields import field
from core.use_cases.step_up import ACTIONS

_MINUTES = field(
    t("Minutes since the person proved who they are, at most"),
    help=t("From 5 minutes to a day. The sign-in service must then tell when it was (auth_time)."),
    least=5,
    most=1440,
)
_ACR = field(t("acr: one of these"), longest=300, help=t("Separated by spaces, as the sign-in service spells them."))
_AMR = field(t("amr: all of these"), longest=300, help=t("Methods such as mfa, hwk or otp, separated by spaces."))
_ACRS = field(t("acrs: this context"), longest=100, help=t("Of Entra ID alone, such as c1."))


class RuleIn(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked before an action; it takes the place of what was asked so far."""

    action: Annotated[str, field(t("Before this action"), choices=ACTIONS)]
    minutes: Annotated[int | None, _MINUTES] = None
    acr: Annotated[str, _ACR] = ""
    amr: Annotated[str, _AMR] = ""
    acrs: Annotated[str, _ACRS] = ""
    reason: Reason


class EndRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to end."""

    id: str
    reason: Reason


class RuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """What is asked before an action."""

    id: UUID
    action: str
    minutes: int | None
    acr: list[str]
    amr: list[str]
    acrs: str | None
    reason: str
    made_by: str
    version: int


class RuleList(msgspec.Struct, frozen=True):
    """The rules in force, by action."""

    rules: list[RuleOut]
