"""Tables without a tenant: each by name, with who may do what to them, and what of that ends at one's own scope."""

from __future__ import annotations

from typing import Any
from uuid import UUID, uuid5

import asyncpg
import pytest
from sqlalchemy import text

from core.database import migrating
from core.database.engines import Database
from core.database.roles import APPLICATION, IDENTITY, PUBLIC, SCOPED, WORKER
from core.database.rooms import load_models
from core.database.tables import TableClass
from core.database.target import Target
from tests.wall.attempts import Caller, callers
from tests.wall.rows import Land

pytestmark = pytest.mark.wall

CALL = {
    "agency": "contingent_agency",
    "program": "contingent_program",
    "department": "contingent_department",
    "mission": "contingent_mission",
    "platform": "contingent_platform",
    "health": "contingent_health",
}
READ, ADD, APPEND = frozenset({"select"}), frozenset({"insert"}), frozenset({"select", "insert"})
CHANGE, OPEN = frozenset({"select", "update"}), frozenset({"select", "insert", "update"})
ALL = OPEN | {"delete"}
EXPECTED: dict[str, dict[str, frozenset[str]]] = {
    "scope": {
        **dict.fromkeys(SCOPED, CHANGE),
        "contingent_platform": OPEN,
        **dict.fromkeys((PUBLIC, IDENTITY, WORKER), READ),
    },
    "scope_name": {**dict.fromkeys(APPLICATION, READ), "contingent_platform": APPEND},
    "standing": {
        "contingent_agency": APPEND,
        "contingent_health": READ,
        "contingent_program": READ,
        "contingent_platform": APPEND,
        WORKER: READ,
    },
    "plugin_standing": {**dict.fromkeys(SCOPED, OPEN), "contingent_platform": READ},
    "bundle_standing": {**dict.fromkeys(SCOPED, ALL), "contingent_platform": READ},
    "plugin_stop": dict.fromkeys(SCOPED, OPEN),
    "plugin_allowance": {**dict.fromkeys(SCOPED, READ), "contingent_platform": OPEN},
    "plugin_profile": {**dict.fromkeys(SCOPED, READ), "contingent_platform": OPEN},
    "audit_pending": {**dict.fromkeys(SCOPED, ADD), WORKER: ALL},
    "job": {**dict.fromkeys(SCOPED, ADD), "contingent_platform": OPEN, WORKER: ALL},
    "periodic": {WORKER: ALL},
    "identity": {IDENTITY: ALL},
    "identity_seat": {IDENTITY: ALL},
    "sign_in_flow": {IDENTITY: ALL},
    "touched": {"contingent_agency": APPEND, "contingent_health": APPEND, IDENTITY: READ},
    "touched_before": {IDENTITY: APPEND},
    "sign_in_stop": dict.fromkeys(SCOPED, OPEN),
    "rate_bucket": {IDENTITY: OPEN, WORKER: READ | {"delete"}},
}
HELD = """
SELECT r.rolname, o.operation FROM pg_roles r, unnest(ARRAY['select', 'insert', 'update', 'delete']) o(operation)
 WHERE r.rolname = ANY (:roles) AND CASE o.operation WHEN 'delete' THEN has_table_privilege(r.rolname, :name, 'DELETE')
    ELSE has_any_column_privilege(r.rolname, :name, o.operation) END
"""


async def test_each_platform_table_is_granted_by_name(wall_target: Target, land: Land) -> None:
    names = [name for name, table in load_models().tables.items() if table.info["class"] is TableClass.PLATFORM]
    assert set(names) == set(EXPECTED), "a table without a tenant is named here, with who may do what to it"
    for name in names:
        async with migrating.owner_transaction(wall_target) as connection:
            held: dict[str, set[str]] = {}
            for role, operation in await connection.execute(text(HELD), {"roles": list(APPLICATION), "name": name}):
                held.setdefault(role, set()).add(operation)
        assert held == EXPECTED[name], name


async def run(caller: Caller, database: Database, query: str, *values: Any) -> str:
    """Run one statement as ``caller`` and take it back; return its tag, or what refused it."""
    async with caller.opening(database) as session:
        driver = session.info["driver"]
        await driver.execute("SAVEPOINT one")
        try:
            tag: str = await driver.execute(query, *values)
        except asyncpg.InsufficientPrivilegeError:
            tag = "refused"
        await driver.execute("ROLLBACK TO one")
        return tag


def others(land: Land, caller: Caller) -> list[UUID]:
    assert caller.tenant is not None
    return [tenant.id for tenant in land.tenants if tenant.id != caller.tenant.id]


def scoped(land: Land) -> list[Caller]:
    return [caller for caller in callers(land) if caller.tenant is not None and caller.kind in CALL]


async def test_a_scope_raises_its_own_generation_and_nothing_else_of_the_directory(
    walled: Database, land: Land
) -> None:
    raised = "UPDATE scope SET generation = generation + 1 WHERE id = $1"
    for caller in scoped(land):
        assert caller.tenant is not None
        assert await run(caller, walled, raised, caller.tenant.id) == "UPDATE 1"
        operator = caller.kind == "platform"
        for other in others(land, caller):
            assert await run(caller, walled, raised, other) == ("UPDATE 1" if operator else "UPDATE 0")
        renamed = await run(caller, walled, "UPDATE scope SET name_en = 'Mine' WHERE id = $1", caller.tenant.id)
        assert renamed == ("UPDATE 1" if operator else "refused")
        for column in ("id", "kind", "created_at"):
            assert await run(caller, walled, f"UPDATE scope SET {column} = {column}") == "refused"
        assert await run(caller, walled, "DELETE FROM scope") == "refused"


async def test_a_scope_speaks_in_the_queue_in_its_own_name_only(walled: Database, land: Land) -> None:
    columns = [
        column.name for column in land.metadata.tables["job"].columns if column.name not in {"position", "failure"}
    ]
    places = ", ".join(f"${n}" for n in range(1, len(columns) + 1))
    query = f"INSERT INTO job ({', '.join(columns)}) VALUES ({places})"
    for caller in scoped(land):
        assert caller.tenant is not None
        for writer in (caller.tenant.id, *others(land, caller)):
            expected = "INSERT 0 1" if writer == caller.tenant.id else "refused"
            for receiver in others(land, caller):
                values = job(land, columns, writer, receiver)
                assert await run(caller, walled, query, *values) == expected


def job(land: Land, columns: list[str], writer: UUID, receiver: UUID) -> list[Any]:
    sample = land.row(land.metadata.tables["job"], land.tenants[0], 0)
    assert sample is not None
    values = sample | {"id": uuid5(writer, receiver.hex), "writer_id": writer, "scope_id": receiver, "state": "waiting"}
    return [values[name] for name in columns]


async def test_an_agency_knows_the_state_of_itself_and_ipob_that_of_all(walled: Database, land: Land) -> None:
    columns = "id, scope_id, state, set_by, since, reason, recorded_at"
    row = f"INSERT INTO standing ({columns}) VALUES ($1, $2, $3, 'agency', now(), 'why', now())"
    by_kind = {caller.kind: caller for caller in scoped(land)}
    agency = by_kind["agency"]
    assert agency.tenant is not None
    mine, theirs = agency.tenant.id, others(land, agency)[0]
    assert await run(agency, walled, row, uuid5(mine, "standing"), mine, "on_hold") == "INSERT 0 1"
    forged = row.replace("'agency'", "'operator'")
    assert await run(agency, walled, forged, uuid5(mine, "standing"), mine, "active") == "refused"
    assert await run(agency, walled, row, uuid5(mine, "standing"), theirs, "withdrawn") == "refused"
    assert await run(by_kind["program"], walled, row, uuid5(mine, "standing"), mine, "withdrawn") == "refused"
    for kind in ("department", "mission"):
        assert await run(by_kind[kind], walled, "SELECT * FROM standing") == "refused"


async def test_an_agency_notes_for_itself_who_touched_which_case_and_nobody_else_reads_it(
    walled: Database, land: Land
) -> None:
    note = "INSERT INTO touched (scope_id, seat_id, case_id, first_at) VALUES ($1, $2, $2, now())"
    own = "SELECT * FROM touched WHERE scope_id <> nullif(current_setting('app.tenant', true), '')::uuid"
    for caller in scoped(land):
        assert caller.tenant is not None
        agency = caller.kind in {"agency", "health"}
        seat = uuid5(caller.tenant.id, "seat")
        assert await run(caller, walled, note, caller.tenant.id, seat) == ("INSERT 0 1" if agency else "refused")
        for other in others(land, caller):
            assert await run(caller, walled, note, other, seat) == "refused"
        assert await run(caller, walled, own) == ("SELECT 0" if agency else "refused")
        assert await run(caller, walled, "DELETE FROM touched") == "refused"
        assert await run(caller, walled, "UPDATE touched SET seat_id = case_id") == "refused"


async def test_who_is_the_same_person_is_known_to_the_sign_in_alone(walled: Database, land: Land) -> None:
    for caller in callers(land):
        for table in ("identity", "identity_seat", "sign_in_flow"):
            seen = await run(caller, walled, f"SELECT * FROM {table}")
            assert seen == ("SELECT 0" if caller.kind == "identity" else "refused"), f"{caller.name} on {table}"


async def test_the_sign_in_reads_at_which_issuers_people_sign_in_and_nothing_else_of_a_provider(
    walled: Database, land: Land
) -> None:
    told = {"tenant_id", "issuer", "person_claim"}
    sign_in = next(caller for caller in callers(land) if caller.kind == "identity")
    for column in land.metadata.tables["identity_provider"].columns:
        seen = await run(sign_in, walled, f"SELECT {column.name} FROM identity_provider")
        assert seen.startswith("SELECT") == (column.name in told), column.name
    for change in ("UPDATE identity_provider SET issuer = issuer", "DELETE FROM identity_provider"):
        assert await run(sign_in, walled, change) == "refused"
