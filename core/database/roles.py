"""The database's roles. Each logs in as itself; none becomes another.

``contingent_platform`` is an addition to the design's list: a seat of the operator has a
scope of its own like everybody else, and needs grants (to open a scope) that no agency's
login may have and that the worker's and the migrator's must not lend it.
"""

from __future__ import annotations

from typing import Final

from core.context import ScopeKind

OWNER: Final = "contingent_owner"
"""Owns every table. Nobody logs in as it."""
MIGRATOR: Final = "contingent_migrator"
"""The owner's only member: changes the structure, makes backups."""
AGENCY: Final = "contingent_agency"
PROGRAM: Final = "contingent_program"
DEPARTMENT: Final = "contingent_department"
MISSION: Final = "contingent_mission"
PLATFORM: Final = "contingent_platform"
HEALTH: Final = "contingent_health"
"""An agency's session that may also read and write the tables with health columns."""
PUBLIC: Final = "contingent_public"
IDENTITY: Final = "contingent_identity"
"""The sign-in itself, before it is known who comes: chooser and callback."""
WORKER: Final = "contingent_worker"
"""Claims jobs and seals the audit log; does everything else in the scope's ordinary session."""

SCOPED: Final = (AGENCY, PROGRAM, DEPARTMENT, MISSION, PLATFORM, HEALTH)
"""The roles that act for one scope, set as ``app.tenant``."""
APPLICATION: Final = (*SCOPED, PUBLIC, IDENTITY, WORKER)
"""Every role that a web process or a worker logs in as."""
LOGINS: Final = (MIGRATOR, *APPLICATION)

_BY_KIND: dict[ScopeKind, str] = {
    "agency": AGENCY,
    "program": PROGRAM,
    "department": DEPARTMENT,
    "mission": MISSION,
    "platform": PLATFORM,
}


def role_for(kind: ScopeKind, *, health: bool = False) -> str:
    """Return the role that acts for a scope of this ``kind``; ``health`` asks for the health tables too."""
    return HEALTH if health else _BY_KIND[kind]


def password_variable(role: str) -> str:
    """Return the environment variable that holds the role's password: ``CONTINGENT_AGENCY_PASSWORD``."""
    return f"{role.upper()}_PASSWORD"
