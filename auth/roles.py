"""Roles as data: which permissions each role gives, by the kind of scope whose seats may hold it.

A permission is ``<subject>.<verb>``, a constant of the room that asks for it; here it is text,
because this is a table. A contract test compares the two: every permission that a use case asks
for is given by some role of its scopes, and nothing here is asked for nowhere. ``:own`` gives it
only for what belongs to the officer in the seat.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import lru_cache

import msgspec

from core.context import ScopeKind
from core.text import Text, t


class Role(msgspec.Struct, frozen=True):
    """What a role is called and what it gives."""

    title: Text
    permissions: frozenset[str]


def _role(title: Text, permissions: str) -> Role:
    """Return a role with the ``permissions`` named in one line."""
    return Role(title, frozenset(permissions.split()))


_SELF = " session.read session.end"
"""What everybody has: to see their own seat and to leave it."""

_AGENCY: dict[str, Role] = {
    "administrator": _role(t("Administrator"), "seat.read seat.manage" + _SELF),
    "coordinator": _role(
        t("Peace operations coordinator"),
        "mission.read call.read interest.read interest.answer nomination.read nomination.write nomination.release"
        " nomination.withdraw approval.read approval.open approval.paper tour.read movement.report return.read"
        " return.open return.manage return.close milestone.complete check_in.record contact.answer competency.write"
        + _SELF,
    ),
    "hr_clerk": _role(t("HR clerk"), "mission.read call.read" + _SELF),
    "approver": _role(
        t("Approver"),
        "approval.read approval.decide approval.paper approval.delegate nomination.read conduct.attest call.read"
        " mission.read" + _SELF,
    ),
    "supervisor": _role(
        t("Supervisor"), "tour.read return.read milestone.complete check_in.record competency.write" + _SELF
    ),
    "health": _role(t("Health officer"), "return.read milestone.health contact.answer" + _SELF),
    "privacy": _role(t("Privacy officer"), "seat.read" + _SELF),
    "developer": _role(t("Plugin developer"), "" + _SELF),
    "auditor": _role(
        t("Auditor"),
        "seat.read mission.read call.read interest.read nomination.read approval.read tour.read return.read" + _SELF,
    ),
    "member": _role(
        t("Member"),
        "mission.read call.read interest.declare:own interest.read:own nomination.read:own nomination.withdraw:own"
        " approval.read:own tour.read:own return.read:own milestone.complete:own check_in.record:own contact.ask:own"
        " competency.write:own" + _SELF,
    ),
}

_PROGRAM: dict[str, Role] = {
    "planner": _role(
        t("Planner"),
        "mission.read mission.write mission.move call.read call.write call.open candidacy.read tour.read tour.plan"
        " tour.order" + _SELF,
    ),
    "selection": _role(
        t("Selection"),
        "mission.read call.read candidacy.read candidacy.screen candidacy.select candidacy.reconsider nomination.read"
        " tour.read" + _SELF,
    ),
    "support": _role(
        t("Deployment support"),
        "mission.read call.read candidacy.read tour.read tour.plan tour.order tour.move return.read milestone.program"
        + _SELF,
    ),
    "health": _role(t("Health services"), "mission.read tour.read" + _SELF),
    "finance": _role(t("Finance"), "mission.read tour.read" + _SELF),
    "analyst": _role(t("Analyst"), "mission.read call.read candidacy.read tour.read return.read" + _SELF),
    "auditor": _role(t("Auditor"), "seat.read mission.read call.read candidacy.read tour.read return.read" + _SELF),
}

_DEPARTMENT: dict[str, Role] = {
    "assessor": _role(t("Assessor"), "" + _SELF),
    "analyst": _role(t("Analyst"), "" + _SELF),
}

_MISSION: dict[str, Role] = {"commander": _role(t("Contingent commander"), "" + _SELF)}

_PLATFORM: dict[str, Role] = {"operator": _role(t("Operator"), "seat.read seat.manage" + _SELF)}

ROLES: Mapping[ScopeKind, Mapping[str, Role]] = {
    "agency": _AGENCY,
    "program": _PROGRAM,
    "department": _DEPARTMENT,
    "mission": _MISSION,
    "platform": _PLATFORM,
}
"""Every role there is, by kind of scope and key."""


@lru_cache(maxsize=1024)
def permissions_of(kind: ScopeKind, roles: frozenset[str]) -> frozenset[str]:
    """Return what ``roles`` give together in a scope of ``kind``; an unknown role gives nothing."""
    known = ROLES[kind]
    return frozenset().union(*(known[role].permissions for role in roles if role in known))


def unknown_roles(kind: ScopeKind, roles: Iterable[str]) -> list[str]:
    """Return those of ``roles`` that a scope of ``kind`` does not have."""
    return [role for role in roles if role not in ROLES[kind]]


@lru_cache(maxsize=1024)
def title_of(kind: ScopeKind, roles: frozenset[str]) -> Text:
    """Return the names of ``roles`` in their order, as the header and the lists show them."""
    return Text("%(roles)s", {"roles": [role.title for key, role in ROLES[kind].items() if key in roles]})
