"""What goes in and out of the use cases on rules."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec

from auth.schemas import Reason
from core.text import t
from core.use_cases.fields import field

ClaimName = Annotated[
    str,
    field(
        t("Claim"),
        longest=200,
        help=t("As the sign-in service calls it: groups, roles, or /realm_access/roles for a list inside an object."),
    ),
]
ClaimValue = Annotated[
    str, field(t("Value"), longest=300, help=t("Exactly as it is sent, such as a group’s name or id."))
]
RoleKey = Annotated[str, field(t("Role"))]


class RuleIn(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to add. Without ``provider_id``: for the one provider that is in force."""

    provider_id: Annotated[str | None, field(t("Sign-in service"), widget="choice")] = None
    claim: ClaimName
    value: ClaimValue
    role: RoleKey
    reason: Reason


class RuleTried(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to try before it is added."""

    claim: ClaimName
    value: ClaimValue
    role: RoleKey


class EndRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to end."""

    id: str
    reason: Reason


class RuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in force; ``people`` have the role by it today."""

    id: UUID
    provider_id: UUID
    provider: str
    provider_off: bool
    claim: str
    value: str
    role: str
    reason: str
    made_by: str | None
    created_at: datetime
    people: int
    version: int


class RuleList(msgspec.Struct, frozen=True):
    """The rules in force, the oldest first; ``claims``: what was seen at sign-ins, by claim, with how many people."""

    rules: list[RuleOut]
    claims: dict[str, dict[str, int]]


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the rule would give the role at their next sign-in; ``has``: they have it already."""

    id: UUID
    name: str
    seen_at: datetime
    has: bool


class Preview(msgspec.Struct, frozen=True):
    """Whom a rule would give its role, by what they brought at their last sign-in, by name."""

    people: list[Gain]
    unseen: int
    """People who may sign in and have not since claims are kept: of them nothing can be said."""
