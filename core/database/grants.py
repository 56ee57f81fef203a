"""Who may do what to which rows, derived from the class of each table. ``policies`` turns it into SQL."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

from sqlalchemy import MetaData, Table

from core.database.roles import (
    AGENCY,
    DEPARTMENT,
    HEALTH,
    IDENTITY,
    MISSION,
    PLATFORM,
    PROGRAM,
    PUBLIC,
    SCOPED,
    WORKER,
)
from core.database.tables import DataClass, TableClass
from core.errors import Misconfigured

TENANT: Final = "nullif(current_setting('app.tenant', true), '')::uuid"
OWN: Final = f"tenant_id = {TENANT}"
"""The wall. The same text on every table and for every role that it confines."""
ANY_TENANT: Final = f"{TENANT} IS NOT NULL"
"""Rows of every tenant, but none at all without a context."""
OWN_OR_TO_ALL: Final = f"scope_id = {TENANT} OR (scope_id IS NULL AND {ANY_TENANT})"
"""Rows about one's own scope, and those that the operator addresses to all."""
FOR_IT_OR_ALL: Final = f"{TENANT} IS NOT NULL AND (scope_ids IS NULL OR jsonb_exists(scope_ids, ({TENANT})::text))"
"""Rows for every scope, and those that name one's own among the scopes they are for: an empty list names none."""
CURRENT_MISSION: Final = "nullif(current_setting('app.mission', true), '')::uuid"
EVERY: Final = "true"

READ: Final = frozenset({"select"})
INSERT: Final = frozenset({"insert"})
APPEND: Final = frozenset({"select", "insert"})
WRITE: Final = frozenset({"select", "insert", "update", "delete"})


@dataclass(frozen=True, slots=True)
class Access:
    """What ``role`` may do to the rows of one table that satisfy ``rows`` (SQL).

    ``columns`` narrows the update to these columns; without it any but ``tenant_id`` may be
    updated. ``written`` is what a row must satisfy after it is written, where that differs
    from ``rows``. ``seen`` narrows the reading to these columns.
    """

    role: str
    operations: frozenset[str]
    rows: str
    columns: tuple[str, ...] | None = None
    written: str | None = None
    seen: tuple[str, ...] | None = None

    @property
    def confined(self) -> bool:
        """Whether the wall itself is what limits the role here."""
        return self.rows == OWN


def _scoped(operations: frozenset[str], rows: str, columns: tuple[str, ...] | None = None) -> list[Access]:
    return [Access(role, operations, rows, columns) for role in SCOPED]


_READ_BY_ALL = [Access(role, READ, EVERY) for role in (PUBLIC, IDENTITY, WORKER)]

_LIFTED = ("lifted_at", "lifted_by", "lift_reason")
"""What ending a stop writes."""
_ENDED = ("ended_at", "ended_by", "end_reason")
"""What ending a rule writes."""

PLATFORM_TABLES: Final[dict[str, list[Access]]] = {
    # Every scope's names are known to all. The operator opens and renames scopes; a scope raises its
    # own generation number when its plugins or settings change.
    "scope": [
        *(Access(role, READ, EVERY) for role in SCOPED if role != PLATFORM),
        *(
            Access(role, frozenset({"update"}), f"id = {TENANT}", ("generation",), f"id = {TENANT}")
            for role in SCOPED
            if role != PLATFORM
        ),
        Access(
            PLATFORM,
            frozenset({"select", "insert", "update"}),
            ANY_TENANT,
            ("slug", "name_en", "name_fr", "zone", "generation"),
        ),
        *_READ_BY_ALL,
    ],
    # What scopes were called when: as open as the directory, written by the operator alone.
    "scope_name": [
        *(Access(role, READ, EVERY) for role in SCOPED if role != PLATFORM),
        Access(PLATFORM, APPEND, ANY_TENANT),
        *_READ_BY_ALL,
    ],
    # In which state an agency takes part: the operator writes it, an agency may pause itself.
    "standing": [
        Access(AGENCY, APPEND, f"scope_id = {TENANT}", written=f"scope_id = {TENANT} AND set_by = 'agency'"),
        Access(HEALTH, READ, f"scope_id = {TENANT}"),
        Access(PROGRAM, READ, ANY_TENANT),
        Access(PLATFORM, APPEND, ANY_TENANT),
        Access(WORKER, READ, EVERY),
    ],
    # Which scope runs which plugin: each writes its own, the operator sees that of all.
    "plugin_standing": [
        *(
            Access(
                role,
                frozenset({"select", "insert", "update"}),
                f"scope_id = {TENANT}",
                ("state", "cause", "since", "consented", "consented_version", "consented_at"),
                f"scope_id = {TENANT}",
            )
            for role in SCOPED
            if role != PLATFORM
        ),
        Access(PLATFORM, READ, ANY_TENANT),
    ],
    # Which plugins a scope has of its own: each writes its own, the operator sees that of all.
    "bundle_standing": [
        *(Access(role, WRITE, f"scope_id = {TENANT}", ("state", "since")) for role in SCOPED if role != PLATFORM),
        Access(PLATFORM, READ, ANY_TENANT),
    ],
    # Where plugins are stopped: each scope writes its own safe mode and reads what holds for it; the operator, all.
    "plugin_stop": [
        *(
            Access(role, operations, rows, _LIFTED, f"scope_id = {TENANT} AND by_scope = {TENANT} AND plugin IS NULL")
            for role in SCOPED
            if role != PLATFORM
            for operations, rows in (
                (READ, OWN_OR_TO_ALL),
                (frozenset({"insert", "update"}), f"scope_id = {TENANT} AND by_scope = {TENANT}"),
            )
        ),
        Access(PLATFORM, frozenset({"select", "insert", "update"}), ANY_TENANT, _LIFTED),
    ],
    # Which plugins the operator allows, and whom: each scope reads what holds for it, and nothing of another's.
    "plugin_allowance": [
        *(Access(role, READ, OWN_OR_TO_ALL) for role in SCOPED if role != PLATFORM),
        Access(PLATFORM, frozenset({"select", "insert", "update"}), ANY_TENANT, _ENDED),
    ],
    # What the operator recommends: a scope reads what is for every one, or for it by name.
    "plugin_profile": [
        *(Access(role, READ, FOR_IT_OR_ALL) for role in SCOPED if role != PLATFORM),
        Access(PLATFORM, frozenset({"select", "insert", "update"}), ANY_TENANT),
    ],
    # Ids of rows that wait for their seal: whoever writes a line adds one (IPOB's looks are in the agency's
    # chain), the sealer takes them.
    "audit_pending": [
        *(Access(role, INSERT, ANY_TENANT if role == PROGRAM else OWN) for role in SCOPED),
        Access(WORKER, WRITE, EVERY),
    ],
    # The queue. Scopes put jobs in, also for others (an agency's report is applied by IPOB's job), but never
    # in another's name.
    "job": [
        *_scoped(INSERT, f"writer_id = {TENANT}"),
        # The operator reads ids and kinds of error, and gives a dead job another chance; no content is in there.
        Access(PLATFORM, frozenset({"select", "update"}), ANY_TENANT, ("state", "attempts", "due_at")),
        Access(WORKER, WRITE, EVERY),
    ],
    "periodic": [Access(WORKER, WRITE, EVERY)],
    # Who is the same person in several scopes is known to the sign-in alone.
    "identity": [Access(IDENTITY, WRITE, EVERY)],
    "identity_seat": [Access(IDENTITY, WRITE, EVERY)],
    "sign_in_flow": [Access(IDENTITY, WRITE, EVERY)],
    # Which seat had to do with which case: an agency notes its own, and the sign-in compares.
    "touched": [
        *(Access(role, APPEND, f"scope_id = {TENANT}") for role in (AGENCY, HEALTH)),
        Access(IDENTITY, READ, EVERY),
    ],
    "touched_before": [Access(IDENTITY, APPEND, EVERY)],
    # Where signing in is stopped: each scope its own, the operator anywhere. Nothing is ever deleted.
    "sign_in_stop": [
        *(
            Access(
                role, frozenset({"select", "insert", "update"}), f"scope_id = {TENANT}", _LIFTED, f"scope_id = {TENANT}"
            )
            for role in SCOPED
            if role != PLATFORM
        ),
        Access(PLATFORM, frozenset({"select", "insert", "update"}), ANY_TENANT, _LIFTED),
    ],
    # Who asks how often, by digest. The worker deletes the rows that say nothing any more.
    "rate_bucket": [
        Access(IDENTITY, frozenset({"select", "insert", "update"}), EVERY, ("full_at",)),
        Access(WORKER, frozenset({"select", "delete"}), EVERY),
    ],
}
"""Tables without a tenant, named one by one."""

WRITTEN_ONCE: Final = frozenset({"plugin_difference"})
"""Tenant tables whose rows may go, with what they are about, and are never changed."""

WORKER_READS: Final = frozenset({"audit_line", "look"})
"""Tenant tables that the worker reads as itself, in the scope it has set: what it seals."""

SIGN_IN_READS: Final = {
    "identity_provider": Access(
        IDENTITY, READ, "state IN ('enforced', 'retiring')", seen=("tenant_id", "issuer", "person_claim")
    )
}
"""What the sign-in reads of tenant tables, of every scope: at which issuers people sign in, and what names them there.

By it the sign-in says that an issuer is shared. No scope's own login sees more by it than before.
"""


def access_to(table: Table) -> list[Access]:
    """Return who may do what to ``table``, from its class and the classes of its columns.

    Raises ``Misconfigured`` if the declaration leaves that open.
    """
    table_class: TableClass = table.info["class"]
    counter = table.autoincrement_column
    if counter is not None and counter.identity is None:
        raise Misconfigured(
            f"{table.name}.{counter.name} would be a serial, which needs a grant of its own: add Identity()"
        )
    if table_class is TableClass.PLATFORM:
        if table.name not in PLATFORM_TABLES:
            raise Misconfigured(
                f"platform table {table.name!r} has no grants: name them in core/database/grants.py, PLATFORM_TABLES"
            )
        return PLATFORM_TABLES[table.name]
    if "tenant_id" not in table.columns:
        raise Misconfigured(f"table {table.name!r} of class {table_class} has no tenant_id: add TenantRow")
    if any(column.info["class"] is DataClass.HEALTH for column in table.columns):
        if table_class is not TableClass.AGENCY:
            raise Misconfigured(f"table {table.name!r} has health columns: its class must be agency, not {table_class}")
        return [Access(HEALTH, WRITE, OWN)]
    found = _BY_CLASS[table_class](table)
    if table.name in WORKER_READS:
        found.append(Access(WORKER, READ, OWN))
    if table.name in SIGN_IN_READS:
        found.append(SIGN_IN_READS[table.name])
    return found


def _program(table: Table) -> list[Access]:
    found = [Access(PROGRAM, _writing(table), OWN)]
    if "published_at" in table.columns:
        published = f"{ANY_TENANT} AND published_at IS NOT NULL"
        found += [Access(role, READ, published) for role in (AGENCY, HEALTH, DEPARTMENT)]
        key = "id" if table.name == "mission" else "mission_id"
        if key in table.columns:
            found.append(Access(MISSION, READ, f"{key} = {CURRENT_MISSION} AND published_at IS NOT NULL"))
    return found


def _agency(table: Table) -> list[Access]:
    return [Access(AGENCY, _writing(table), OWN), Access(HEALTH, _writing(table), OWN)]


def _submitted(table: Table) -> list[Access]:
    if "submitted_at" not in table.columns:
        raise Misconfigured(f"table {table.name!r} is submitted but has no submitted_at")
    return [*_agency(table), Access(PROGRAM, READ, f"{ANY_TENANT} AND submitted_at IS NOT NULL")]


def _assigned(table: Table) -> list[Access]:
    return [
        Access(PROGRAM, _writing(table), ANY_TENANT),
        Access(AGENCY, READ, OWN),
        Access(HEALTH, READ, OWN),
    ]


def _fact(table: Table) -> list[Access]:
    return [Access(AGENCY, APPEND, OWN), Access(HEALTH, APPEND, OWN), Access(PROGRAM, APPEND, ANY_TENANT)]


def _mission(table: Table) -> list[Access]:
    return [Access(PROGRAM, _writing(table), OWN), Access(MISSION, READ, f"mission_id = {CURRENT_MISSION}")]


def _scope(table: Table) -> list[Access]:
    if table.info["worker_writes"]:
        return [*_scoped(READ, OWN), Access(WORKER, _writing(table), OWN)]
    return _scoped(_writing(table), OWN)


def _writing(table: Table) -> frozenset[str]:
    if table.info["append_only"]:
        return APPEND
    return WRITE - {"update"} if table.name in WRITTEN_ONCE else WRITE


_BY_CLASS: Final = {
    TableClass.PROGRAM: _program,
    TableClass.AGENCY: _agency,
    TableClass.SUBMITTED: _submitted,
    TableClass.ASSIGNED: _assigned,
    TableClass.FACT: _fact,
    TableClass.MISSION: _mission,
    TableClass.SCOPE: _scope,
}


def access_by_table(metadata: MetaData) -> dict[str, list[Access]]:
    """Return ``access_to`` of each table, by name."""
    return {name: access_to(table) for name, table in sorted(metadata.tables.items())}


def updatable(table: Table, access: Access) -> tuple[str, ...]:
    """Return the columns that the role may update: never ``tenant_id``."""
    if "update" not in access.operations:
        return ()
    names: Iterable[str] = access.columns or (column.name for column in table.columns)
    return tuple(name for name in names if name != "tenant_id")
