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
    """What a role is called and what it gives.

    ``apart``: nobody gives it to themselves, and no program gives it, so that who runs the roles of a
    service does not by that come to what is closed to them.
    """

    title: Text
    permissions: frozenset[str]
    apart: bool = False


def _role(title: Text, permissions: str, *, apart: bool = False) -> Role:
    """Return a role with the ``permissions`` named in one line."""
    return Role(title, frozenset(permissions.split()), apart)


EVERYBODY = frozenset({"session.read", "session.end", "notification.read", "view.keep"})
"""What every seat gives, even one without a role: one's own sessions, what it was told, and saved views."""

APPROVAL_LINK = "approval.link"
BY_LINK = frozenset({APPROVAL_LINK})
"""What nobody has by a role: whoever has come by an approval link has it, for the one case it is for."""

_DECIDES = " approval.read approval.decide"
"""What a role needs so that a chain can name it: whether it decides a step is the chain's to say."""

_MONITOR = _role(t("Security monitoring"), "security.read")
"""For the program that watches over sign-in: it reads those lines of the log and nothing else."""

_AGENCY: dict[str, Role] = {
    "administrator": _role(
        t("Administrator"),
        "seat.read seat.manage provider.manage token.manage red_button.read red_button.press break_glass.manage"
        " approval.hold agency.read agency.pause agreement.write contract.propose"
        " sharing.read look.read audit.read security.read overview.read hr.read hr.scope approval.open approval.manage"
        " approval.chain plugin.read plugin.people plugin.manage plugin.log plugin.replay document.read"
        " member.end calendar.manage" + _DECIDES,
    ),
    "coordinator": _role(
        t("Peace operations coordinator"),
        "agency.read agreement.write sharing.read look.read overview.read mission.read call.read officer.read"
        " officer.write officer.own qualification.write hr.read interest.read interest.declare interest.answer"
        " conduct.attest nomination.read nomination.write nomination.release nomination.withdraw"
        " candidacy.reconsider approval.open approval.paper approval.manage document.read document.read_paper"
        " tour.read tour.list movement.report return.read return.track return.open return.manage return.close"
        " milestone.complete check_in.record contact.answer competency.write plugin.read plugin.people claim.read"
        " calendar.keep calendar.mission" + _DECIDES,
    ),
    "hr_clerk": _role(
        t("HR clerk"),
        "overview.read mission.read call.read officer.read officer.write qualification.write hr.read hr.load hr.scope"
        " document.read document.read_hr" + _DECIDES,
    ),
    "approver": _role(
        t("Approver"),
        "agency.read sharing.read overview.read mission.read call.read officer.read nomination.read conduct.attest"
        " approval.paper approval.delegate document.read document.read_paper" + _DECIDES,
    ),
    "supervisor": _role(
        t("Supervisor"),
        "overview.read mission.read call.read officer.read nomination.read approval.delegate tour.read tour.list"
        " return.read return.track"
        " milestone.supervise check_in.record competency.write" + _DECIDES,
    ),
    "health": _role(
        t("Health officer"),
        "overview.read officer.read fitness.read fitness.write tour.read tour.cause return.read return.track"
        " milestone.health contact.answer",
        apart=True,
    ),
    "privacy": _role(
        t("Privacy officer"),
        "agency.read sharing.read contract.propose privacy.write look.read audit.read red_button.read overview.read"
        " seat.read"
        " document.read document.read_paper member.end",
    ),
    "developer": _role(t("Plugin developer"), "plugin.read plugin.log plugin.replay plugin.upload"),
    "auditor": _role(
        t("Auditor"),
        "agency.read sharing.read look.read audit.read security.read red_button.read overview.read seat.read"
        " mission.read call.read officer.read"
        " hr.read interest.read nomination.read approval.read document.read document.read_paper tour.read tour.list"
        " return.read return.track plugin.read plugin.people claim.read",
    ),
    "monitor": _MONITOR,
    "member": _role(
        t("Member"),
        "mission.read call.read officer.read:own officer.own:own interest.declare:own interest.read:own"
        " nomination.read:own nomination.withdraw:own tour.read:own movement.report:own return.read:own"
        " milestone.complete:own check_in.record:own check_in.answer:own contact.ask:own competency.write:own"
        " member.enrol:own calendar.keep calendar.own",
    ),
}

OF_ONES_OWN = frozenset(
    {one for one in _AGENCY["member"].permissions if one.endswith(":own")} | {"session.read", "session.end"}
)
"""What member access gives, whatever the seat has been granted: one's own file, and nothing of anybody else."""

_PROGRAM: dict[str, Role] = {
    "planner": _role(
        t("Planner"),
        "seat.read seat.manage provider.manage token.manage red_button.read red_button.press break_glass.manage"
        " agency.read contract.accept dashboard.read"
        " strength.read mission.read mission.write mission.move call.read call.write call.open candidacy.read tour.read"
        " tour.plan tour.order return.read calendar.keep calendar.mission calendar.manage",
    ),
    "selection": _role(
        t("Selection"),
        "agency.read dashboard.read strength.read mission.read call.read candidacy.read candidacy.screen"
        " candidacy.select tour.read document.read document.read_paper",
    ),
    "support": _role(
        t("Deployment support"),
        "agency.read dashboard.read strength.read mission.read call.read candidacy.read tour.read tour.plan tour.order"
        " tour.move tour.cause return.read milestone.program document.read document.read_paper"
        " calendar.keep calendar.mission",
    ),
    "health": _role(
        t("Health services"),
        "dashboard.read mission.read call.read candidacy.read candidacy.health tour.read tour.cause",
        apart=True,
    ),
    "finance": _role(t("Finance"), "agency.read dashboard.read strength.read mission.read tour.read"),
    "analyst": _role(
        t("Analyst"),
        "agency.read dashboard.read strength.read mission.read call.read candidacy.read tour.read return.read",
    ),
    "auditor": _role(
        t("Auditor"),
        "agency.read seat.read audit.read security.read red_button.read"
        " dashboard.read strength.read mission.read call.read candidacy.read tour.read"
        " return.read document.read document.read_paper",
    ),
    "monitor": _MONITOR,
}

_DEPARTMENT: dict[str, Role] = {
    "assessor": _role(
        t("Assessor"),
        "seat.read seat.manage provider.manage token.manage red_button.read red_button.press break_glass.manage"
        " audit.read security.read mission.read",
    ),
    "analyst": _role(t("Analyst"), "mission.read"),
}

_MISSION: dict[str, Role] = {"commander": _role(t("Contingent commander"), "contingent.read")}

_PLATFORM: dict[str, Role] = {
    "operator": _role(
        t("Operator"),
        "seat.read seat.manage provider.manage token.manage red_button.read red_button.press red_button.order"
        " break_glass.manage audit.read security.read agency.read agency.move agency.rename queue.read queue.replay"
        " plugin.offer plugin.read plugin.stop",
    )
}

ROLES: Mapping[ScopeKind, Mapping[str, Role]] = {
    "agency": _AGENCY,
    "program": _PROGRAM,
    "department": _DEPARTMENT,
    "mission": _MISSION,
    "platform": _PLATFORM,
}
"""Every role there is, by kind of scope and key."""


AWAY = frozenset({"leave", "seconded"})
"""Standings in the service's worker file in which somebody decides nothing; a delegate may, in their place."""
GONE = frozenset({"suspended", "retired", "left"})
"""Those in which somebody acts for it in nothing at all."""
RESTS = {
    **dict.fromkeys(AWAY, t("As the worker file has it, this person is away: they decide nothing, a delegate may.")),
    **dict.fromkeys(
        GONE,
        t("As the worker file has it, this person does not act for the service: membership is all that counts."),
    ),
}
"""What follows for their roles, for the page that says why somebody has them."""
MEMBER = "member"
MANAGES: Mapping[ScopeKind, str] = {
    "agency": "administrator",
    "program": "planner",
    "department": "assessor",
    "platform": "operator",
}
"""The role of whoever answers for sign-in and access, by kind of scope; a mission's is answered for by IPOB."""


def counting(roles: frozenset[str], standing: str | None) -> frozenset[str]:
    """Return which of the granted ``roles`` count for somebody whose officer file says ``standing``.

    Membership always does: no officer is locked out of their own file. Nothing is ended, so
    that whoever is back has what they had, and the worker file and the grants never fight.
    """
    return roles & {MEMBER} if standing in GONE else roles


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
