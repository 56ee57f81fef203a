"""The administrator's SQL: run once or ten times, it gives the same roles and rights."""

from __future__ import annotations

import pytest

from core.database import embedded
from core.database.bootstrap import bootstrap_sql
from core.database.roles import APPLICATION, LOGINS, MIGRATOR, OWNER
from tests.servers import copy_database

STATE = """
SELECT rolname, rolcanlogin, rolsuper, rolbypassrls FROM pg_roles WHERE rolname LIKE 'contingent%' ORDER BY 1;
SELECT datname, pg_get_userbyid(datdba), datacl FROM pg_database WHERE datname = current_database();
SELECT nspname, pg_get_userbyid(nspowner), nspacl FROM pg_namespace WHERE nspname = 'public';
SELECT roleid::regrole, member::regrole FROM pg_auth_members WHERE roleid = 'contingent_owner'::regrole;
"""


@pytest.fixture
def name(server: embedded.Server, worker_id: str) -> str:
    name = f"bootstrapped_{worker_id}"
    copy_database(server, name, template="template0")
    return name


def test_it_can_be_run_again(server: embedded.Server, name: str) -> None:
    before = server.psql(STATE, database=name)
    server.psql(f"BEGIN; {bootstrap_sql()} COMMIT;", database=name)
    assert server.psql(STATE, database=name) == before
    assert f"{OWNER}|{MIGRATOR}" in before


def test_nothing_is_left_to_everybody(server: embedded.Server, name: str) -> None:
    everybody = (
        "SELECT has_database_privilege('pg_monitor', current_database(), 'CONNECT, CREATE, TEMP')"
        " OR has_schema_privilege('pg_monitor', 'public', 'USAGE, CREATE')"
    )
    assert server.psql(everybody, database=name).strip() == "f"
    for role in APPLICATION:
        rights = (
            f"SELECT has_database_privilege('{role}', current_database(), 'CONNECT'),"
            f" has_database_privilege('{role}', current_database(), 'CREATE, TEMP'),"
            f" has_schema_privilege('{role}', 'public', 'USAGE'), has_schema_privilege('{role}', 'public', 'CREATE')"
        )
        assert server.psql(rights, database=name).strip() == "t|f|t|f"


def test_what_is_printed_holds_no_password_and_what_is_run_holds_them_quoted() -> None:
    assert "PASSWORD '" not in bootstrap_sql()
    assert "ALTER ROLE contingent_agency PASSWORD 'it''s';" in bootstrap_sql({"contingent_agency": "it's"})
    with pytest.raises(ValueError, match="backslash"):
        bootstrap_sql({"contingent_agency": "a\\b"})


def test_it_names_every_role() -> None:
    for role in (OWNER, *LOGINS):
        assert f"CREATE ROLE {role};" in bootstrap_sql()
