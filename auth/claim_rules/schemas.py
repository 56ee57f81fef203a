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
GroupId = Annotated[
    str,
    field(
        t("Group in the directory"),
        widget="choice",
        help=t("It is known by its identifier: a rule goes along when the group gets another name."),
    ),
]


class RuleIn(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to add. Without ``provider_id``: for the one provider that is in force."""

    provider_id: Annotated[str | None, field(t("Sign-in service"), widget="choice")] = None
    claim: ClaimName
    value: ClaimValue
    role: RoleKey
    reason: Reason


class RuleTried(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to try before it is added. Without ``provider_id``: on what any provider last said."""

    provider_id: Annotated[str | None, field(t("Sign-in service"), widget="choice")] = None
    claim: ClaimName
    value: ClaimValue
    role: RoleKey


class GroupRuleIn(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to add for whoever is in a group of the directory."""

    group_id: GroupId
    role: RoleKey
    reason: Reason


class GroupRuleTried(msgspec.Struct, frozen=True, kw_only=True):
    """A rule for a group to try before it is added."""

    group_id: GroupId
    role: RoleKey


class EndRule(msgspec.Struct, frozen=True, kw_only=True):
    """A rule to end."""

    id: str
    reason: Reason


class RuleOut(msgspec.Struct, frozen=True, kw_only=True):
    """A rule in force; ``people`` have the role by it today.

    ``source``: a ``claim`` of a provider with its ``value``, or the group of the ``directory`` with this id, and its
    name today.
    """

    id: UUID
    source: str
    provider_id: UUID | None
    provider: str | None
    provider_off: bool
    claim: str | None
    value: str | None
    group_id: UUID | None
    group: str | None
    role: str
    reason: str
    made_by: str | None
    created_at: datetime
    people: int
    version: int


class GroupOut(msgspec.Struct, frozen=True, kw_only=True):
    """A group of the directory; ``members``: accounts and groups that are in it directly."""

    id: UUID
    name: str
    external_id: str | None
    members: int


class RuleList(msgspec.Struct, frozen=True):
    """The rules in force, the oldest first, and what one can be made of.

    ``claims``: what was seen at sign-ins, by claim, with how many people; ``groups`` of the directory by name.
    """

    rules: list[RuleOut]
    claims: dict[str, dict[str, int]]
    groups: list[GroupOut]


class Gain(msgspec.Struct, frozen=True, kw_only=True):
    """Somebody whom the rule would give the role; ``has``: they have it already.

    ``seen_at``: their last sign-in. ``account``: that by which they are in the group, if it is about one.
    """

    id: UUID
    name: str
    seen_at: datetime | None
    has: bool
    account: str | None = None


class Preview(msgspec.Struct, frozen=True):
    """Whom a rule would give its role, by name: by what they last brought, or by who is in the group."""

    people: list[Gain]
    unseen: int
    """Of whom nothing can be said: people who have not signed in since claims are kept, accounts that are nobody's."""
