"""Rows that every page can show and most use cases can work with: told of as before, and in the middle of a life."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any, ClassVar

from sqlalchemy import Table

from auth.roles import ROLES
from tests.http.land import OneId
from tests.matrix.telling import MEANT, Telling, make_telling
from tests.wall.rows import SHOWN, Land, Row, Tenant, insertion, invented

INSTANT = datetime(2026, 11, 1, tzinfo=UTC)
ENDINGS = {
    "answered_at",
    "applied_at",
    "closed_at",
    "done_on",
    "ended_at",
    "ends_on",
    "held_at",
    "read_at",
    "recalled_at",
    "removed_at",
    "revoked_at",
    "used_at",
    "withdrawn_at",
}
"""Columns in which a day or an instant says that something is over."""
A_ROLE = {str(kind): next(iter(roles)) for kind, roles in ROLES.items()}
"""The role that is granted in a scope of each kind."""
LASTING = {"expires_at", "idle_until"}
"""Columns that say until when something holds."""
WHOSE = {"account_id", "created_by", "from_seat", "made_by", "seat_id"}
"""Columns that name a seat or a program: whoever is tried."""


class Meaning(Telling):
    """Land in which nothing of the row that is tried is over, and every value is one that its room knows."""

    meant: ClassVar[Mapping[str, tuple[Any, Any]]] = MEANT | {
        "agency_profile.confidence": ("A", "B"),
        "agency_profile.kind": ("regional", "regional"),
        "agency_settings.acts": (["board_resolution"], []),
        "approval_case.state": ("open", "open"),
        "approval_decision.verdict": ("approve", "refuse"),
        "approval_link.snapshot_sealed": (None, None),
        "approval_step.role": ("approver", "approver"),
        "approval_step.state": ("open", "open"),
        "assessment.kind": ("interview", "language"),
        "assessment.result": ("met", "not_met"),
        "audit_seal.row_kind": ("line", "line"),
        "break_glass.first_digest": (None, None),
        "check_in.kind": ("first_week", "year"),
        "contact_request.choice": ("health", "peer"),
        "contingent_member.state": ("in_mission", "on_leave"),
        "document.chunks": (0, 0),
        "dossier.conduct": (None, None),
        "external_act.kind": ("board_resolution", "board_resolution"),
        "fitness.kind": ("medical", "psychological"),
        "fitness.outcome": ("fit", "unfit"),
        "health_milestone.outcome": ("done", "done"),
        "hr_run.counts": ({"out_of_scope": 1}, {"out_of_scope": 0}),
        "hr_row.changes": ({}, {}),
        "hr_row.values": ({}, {}),
        "hr_row.verdict": ("changed", "added"),
        "identity_provider.state": ("draft", "enforced"),
        "identity_provider.secret_sealed": (None, None),
        "milestone.owner": ("health", "officer"),
        "milestone.state": ("open", "open"),
        "mission.evidence": ("confirmed", "listed"),
        "mission.organization": ("UN", "EU"),
        "movement.kind": ("departed", "arrived"),
        "officer.gender": ("woman", "man"),
        "officer.language": ("en", "fr"),
        "officer.status": ("active", "leave"),
        "program_milestone.owner": ("program", "mission"),
        "program_milestone.state": ("open", "open"),
        "provider_test.missing": ([], []),
        "provider_test.roles": ([], []),
        "provider_test.why": (None, None),
        "relink.rows": ([{"outcome": "matched"}], []),
        "seat.active": (True, False),
        "sharing_field.purpose": ("selection", "selection"),
        "seat.shut_by_directory": (False, True),
    }

    def row(self, table: Table, tenant: Tenant, variant: int) -> Row | None:
        made = super().row(table, tenant, variant)
        if made is not None and table.name == "role_grant":
            made["role"] = A_ROLE[tenant.kind]
        if made is None or variant != SHOWN:
            return made
        made |= {name: None for name in ENDINGS & made.keys() if table.columns[name].nullable}
        made |= {name: INSTANT.replace(year=2027) for name in LASTING & made.keys()}
        return made | {name: self.id_of(tenant, variant) for name in WHOSE & made.keys()}


def make_meaning() -> OneId:
    """Return the tenants; their rows are made by ``tests.wall.rows.settle``."""
    return make_telling(Meaning)


async def tell_of_agencies(connection: Any, land: Land) -> None:
    """Give the agency what the directory knows of it, and the operator's profile: no tenant's rows."""
    agency = land.of_kind("agency")[0]
    known = {"id": agency.id, "scope_id": agency.id, "since": date(2020, 1, 1), "recorded_at": INSTANT}
    names = {"slug": agency.slug, "code_en": "A", "code_fr": "A", "name_en": "Service", "name_fr": "Service"}
    standing = {"state": "active", "set_by": "operator", "reason": "Opened."}
    for table, row in {"scope_name": names, "standing": standing}.items():
        await connection.execute(*insertion(land.metadata.tables[table], known | row))
    profile = land.metadata.tables["plugin_profile"]
    recommended = land.row(profile, land.of_kind("platform")[0], SHOWN)
    assert recommended is not None
    await connection.execute(*insertion(profile, recommended))


async def stop_and_fail(connection: Any, land: OneId) -> None:
    """Add a stop of all signing in to each scope and a job that gave up, which are in no tenant's table either."""
    stop, job = (land.metadata.tables[name] for name in ("sign_in_stop", "job"))
    for tenant in land.tenants:
        made = {column.name: invented(column, tenant, SHOWN) for table in (stop, job) for column in table.columns}
        made |= {"id": land.id_of(tenant, SHOWN), "scope_id": tenant.id, "state": "dead", "seat_id": None}
        for table in (stop, job):
            row = {name: made[name] for name in table.columns.keys()}  # noqa: SIM118 - not a dictionary
            await connection.execute(*insertion(table, row | {name: None for name in row if name.startswith("lift")}))
