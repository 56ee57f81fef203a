"""What the catalogue says of every table there is: classed, forced, led by its tenant, and nothing around it."""

from __future__ import annotations

from typing import Any

import pytest
from sqlalchemy import text

from core.database import migrating
from core.database.comparison import compare
from core.database.engines import Database
from core.database.grants import WRITTEN_ONCE
from core.database.roles import APPLICATION, LOGINS, OWNER
from core.database.rooms import load_models
from core.database.tables import DataClass, TableClass
from core.database.target import Target
from tests.wall.rows import Land

pytestmark = pytest.mark.wall


@pytest.fixture
async def catalogue(wall_target: Target, land: Land) -> Any:
    """Return a function that reads the catalogue as the owner."""

    async def read(query: str, **values: object) -> list[tuple[Any, ...]]:
        async with migrating.owner_transaction(wall_target) as connection:
            return [tuple(row) for row in await connection.execute(text(query), values)]

    return read


async def test_policies_grants_and_structure_are_those_of_the_models(wall_target: Target, land: Land) -> None:
    async with migrating.owner_transaction(wall_target) as connection:
        assert await compare(connection, load_models()) == []


async def test_every_table_is_classed_and_every_row_behind_a_forced_policy(catalogue: Any) -> None:
    found = await catalogue(
        "SELECT relname, relrowsecurity AND relforcerowsecurity, pg_get_userbyid(relowner) FROM pg_class"
        " WHERE relnamespace = 'public'::regnamespace AND relkind IN ('r', 'p')"
    )
    tables = load_models().tables
    assert {name for name, _, _ in found} == set(tables)
    for name, forced, owner in found:
        assert isinstance(tables[name].info["class"], TableClass)
        assert forced, f"{name} has no forced row security"
        assert owner == OWNER


async def test_the_wall_has_the_same_words_on_every_table(catalogue: Any) -> None:
    walls = await catalogue(
        "SELECT tablename, permissive, cmd, qual, with_check FROM pg_policies WHERE policyname = 'tenant_wall'"
    )
    assert len({row[1:] for row in walls}) == 1
    assert walls[0][1:3] == ("RESTRICTIVE", "ALL")
    assert walls[0][3] == walls[0][4]
    tenant_tables = {name for name, table in load_models().tables.items() if "tenant_id" in table.columns}
    assert {row[0] for row in walls} == tenant_tables


async def test_every_policy_that_lets_write_checks_what_is_written(catalogue: Any) -> None:
    assert not await catalogue(
        "SELECT tablename, policyname FROM pg_policies WHERE cmd IN ('ALL', 'INSERT', 'UPDATE') AND with_check IS NULL"
    )


async def test_there_is_no_policy_for_everybody(catalogue: Any) -> None:
    assert not await catalogue("SELECT tablename, policyname FROM pg_policies WHERE 'public' = ANY (roles)")


def test_keys_are_led_by_the_tenant() -> None:
    faults = []
    for table in load_models().sorted_tables:
        if table.info["class"] is TableClass.PLATFORM:
            continue
        for constraint in [*table.indexes, *table.constraints]:
            columns = [column.name for column in getattr(constraint, "columns", ())]
            kind = type(constraint).__name__
            if kind in {"PrimaryKeyConstraint", "UniqueConstraint", "Index"} and columns[0] != "tenant_id":
                faults.append(f"{table.name}: {kind} on {columns}")
        for key in table.foreign_key_constraints:
            there, here = [one.column.name for one in key.elements], next(iter(key.columns)).name
            if key.referred_table.name == "scope":
                continue
            published = key.referred_table.info["class"] is TableClass.PROGRAM
            if there[0] != "tenant_id" or (here != "tenant_id" and not published):
                faults.append(f"{table.name}: foreign key to {key.referred_table.name} on {there}")
    assert not faults, "\n".join(faults)


def test_no_delete_runs_on_into_other_rows() -> None:
    keys = [key for table in load_models().sorted_tables for key in table.foreign_key_constraints]
    assert not [key.name for key in keys if key.ondelete or key.onupdate]


async def test_nothing_else_is_in_the_schema(catalogue: Any) -> None:
    assert not await catalogue(
        "SELECT relname, relkind FROM pg_class WHERE relnamespace = 'public'::regnamespace"
        " AND relkind NOT IN ('r', 'i', 'S', 't')"
    )
    assert not await catalogue("SELECT proname FROM pg_proc WHERE pronamespace = 'public'::regnamespace")
    assert not await catalogue("SELECT tgname FROM pg_trigger WHERE NOT tgisinternal")
    assert not await catalogue("SELECT rulename FROM pg_rules WHERE schemaname = 'public'")
    others = await catalogue("SELECT nspname FROM pg_namespace WHERE nspname NOT LIKE 'pg\\_%'")
    assert {name for (name,) in others} == {"public", "information_schema"}


async def test_no_login_is_stronger_than_its_grants(catalogue: Any) -> None:
    strong = await catalogue(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles) AND"
        " (rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication)",
        roles=[*LOGINS, OWNER],
    )
    assert not strong
    members = await catalogue(
        "SELECT m.rolname, r.rolname FROM pg_auth_members a JOIN pg_roles m ON m.oid = a.member"
        " JOIN pg_roles r ON r.oid = a.roleid WHERE m.rolname = ANY (:roles)",
        roles=list(LOGINS),
    )
    assert members == [("contingent_migrator", OWNER)]


async def test_no_application_login_may_create_or_truncate_anything(catalogue: Any) -> None:
    for role in APPLICATION:
        may = await catalogue(
            "SELECT has_database_privilege(:role, current_database(), 'CREATE, TEMP'),"
            " has_schema_privilege(:role, 'public', 'CREATE')",
            role=role,
        )
        assert may == [(False, False)]
    assert not await catalogue(
        "SELECT c.relname, r.rolname FROM pg_class c, pg_roles r WHERE c.relnamespace = 'public'::regnamespace"
        " AND c.relkind = 'r' AND r.rolname = ANY (:roles) AND"
        " has_table_privilege(r.rolname, c.oid, 'TRUNCATE, REFERENCES, TRIGGER')",
        roles=list(APPLICATION),
    )


async def test_nobody_may_update_a_tenant(catalogue: Any) -> None:
    assert not await catalogue(
        "SELECT c.relname, r.rolname FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid, pg_roles r"
        " WHERE c.relnamespace = 'public'::regnamespace AND c.relkind = 'r' AND a.attname = 'tenant_id'"
        " AND r.rolname = ANY (:roles) AND has_column_privilege(r.rolname, c.oid, a.attnum, 'UPDATE')",
        roles=list(APPLICATION),
    )


async def test_facts_and_append_only_tables_are_never_changed(catalogue: Any) -> None:
    for name, table in load_models().tables.items():
        if table.info["append_only"] or table.info["class"] is TableClass.FACT:
            assert not await catalogue(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)"
                " AND (has_table_privilege(rolname, :name, 'DELETE')"
                " OR has_any_column_privilege(rolname, :name, 'UPDATE'))",
                roles=list(APPLICATION),
                name=name,
            ), f"{name} can be changed"


@pytest.mark.parametrize("name", sorted(WRITTEN_ONCE))
async def test_what_is_written_once_is_never_changed(catalogue: Any, name: str) -> None:
    assert not await catalogue(
        "SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles)"
        " AND has_any_column_privilege(rolname, :name, 'UPDATE')",
        roles=list(APPLICATION),
        name=name,
    )


async def test_health_is_granted_to_its_own_login_alone(catalogue: Any) -> None:
    for name, table in load_models().tables.items():
        if any(column.info["class"] is DataClass.HEALTH for column in table.columns):
            held = await catalogue(
                "SELECT rolname FROM pg_roles WHERE rolname = ANY (:roles) AND"
                " (has_table_privilege(rolname, :name, 'SELECT, INSERT, DELETE') OR"
                " has_any_column_privilege(rolname, :name, 'SELECT, INSERT, UPDATE'))",
                roles=list(APPLICATION),
                name=name,
            )
            assert held == [("contingent_health",)], name


async def test_ipob_has_no_grant_on_an_agency_s_tables(catalogue: Any) -> None:
    for name, table in load_models().tables.items():
        if table.info["class"] is TableClass.AGENCY:
            assert await catalogue(
                "SELECT has_table_privilege('contingent_program', :name, 'SELECT, INSERT, UPDATE, DELETE')"
                " OR has_any_column_privilege('contingent_program', :name, 'SELECT, INSERT, UPDATE')",
                name=name,
            ) == [(False,)], name


async def test_large_objects_and_the_list_of_activity_are_closed(walled: Database, catalogue: Any) -> None:
    for role in APPLICATION:
        assert await catalogue(
            "SELECT has_function_privilege(:role, 'lo_create(oid)', 'EXECUTE')"
            " OR has_function_privilege(:role, 'pg_stat_get_activity(integer)', 'EXECUTE')",
            role=role,
        ) == [(False,)]
