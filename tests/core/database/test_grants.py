"""What the class of a table gives to whom; a declaration that leaves it open does not pass."""

from __future__ import annotations

import pytest
from sqlalchemy import BigInteger, Column, MetaData, Table, Uuid

from core.database.grants import Access, access_to, updatable
from core.database.policies import WALL, grants_of, policies_of, wall_sql
from core.database.roles import AGENCY, APPLICATION, DEPARTMENT, HEALTH, IDENTITY, OWNER, PROGRAM, SCOPED
from core.database.rooms import load_models
from core.database.tables import DataClass, TableClass
from core.errors import Misconfigured

TABLES = load_models().tables


def table(table_class: TableClass, *names: str, data_class: DataClass = DataClass.PUBLIC) -> Table:
    columns = [Column(name, Uuid(), primary_key=name == "id", info={"class": data_class}) for name in ("id", *names)]
    info = {"class": table_class, "append_only": False, "worker_writes": False}
    return Table("sample", MetaData(), *columns, info=info)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (table(TableClass.AGENCY), "has no tenant_id"),
        (table(TableClass.SUBMITTED, "tenant_id"), "has no submitted_at"),
        (table(TableClass.PLATFORM), "has no grants: name them"),
        (table(TableClass.SUBMITTED, "tenant_id", "submitted_at", data_class=DataClass.HEALTH), "must be agency"),
    ],
)
def test_a_declaration_that_leaves_it_open_is_refused(wrong: Table, said: str) -> None:
    with pytest.raises(Misconfigured, match=said):
        access_to(wrong)


def test_a_serial_is_refused() -> None:
    serial = Table("sample", MetaData(), Column("id", BigInteger(), primary_key=True), info={"class": TableClass.SCOPE})
    with pytest.raises(Misconfigured, match=r"add Identity\(\)"):
        access_to(serial)


def who(name: str) -> dict[str, frozenset[str]]:
    return {access.role: access.operations for access in access_to(TABLES[name])}


def test_each_class_gives_what_it_says() -> None:
    read, append = frozenset({"select"}), frozenset({"select", "insert"})
    write = append | {"update", "delete"}
    assert who("officer") == {AGENCY: write, HEALTH: write}
    assert who("fitness") == {HEALTH: write}
    assert who("nomination") == {AGENCY: write, HEALTH: write, PROGRAM: read}
    assert who("tour") == {PROGRAM: write, AGENCY: read, HEALTH: read}
    assert who("tour_fact") == dict.fromkeys((AGENCY, HEALTH, PROGRAM), append)
    # An agency reads who looked at its people; nobody can say of IPOB that it looked but IPOB.
    assert who("look") == {PROGRAM: append, AGENCY: read, HEALTH: read, "contingent_worker": read}
    assert who("mission") == {PROGRAM: write, **dict.fromkeys((AGENCY, HEALTH, DEPARTMENT, "contingent_mission"), read)}
    assert who("program_milestone_note") == {PROGRAM: write}
    assert who("seat") == dict.fromkeys(SCOPED, write)
    assert who("identity_provider") == {**dict.fromkeys(SCOPED, write), IDENTITY: read}
    assert who("audit_seal") == {**dict.fromkeys(SCOPED, read), "contingent_worker": append}


def test_departments_have_their_own_rows_read_what_is_published_and_no_agency_s() -> None:
    held = {name for name in TABLES if DEPARTMENT in who(name)}
    classes = {TableClass.SCOPE, TableClass.PLATFORM, TableClass.PROGRAM}
    assert all(TABLES[name].info["class"] in classes for name in held)
    published = {name for name in held if TABLES[name].info["class"] is TableClass.PROGRAM}
    assert published == {"mission", "position", "call", "call_position"}


def test_a_tenant_is_never_among_what_can_be_updated() -> None:
    for one in TABLES.values():
        for access in access_to(one):
            assert "tenant_id" not in updatable(one, access)
            assert bool(updatable(one, access)) == ("update" in access.operations)
    narrowed = Access(AGENCY, frozenset({"update"}), "true", ("tenant_id", "note"))
    assert updatable(TABLES["interest"], narrowed) == ("note",)


def test_the_owner_sees_every_row_and_everybody_confined_shares_one_wall() -> None:
    for one in TABLES.values():
        policies = {policy.name: policy for policy in policies_of(one)}
        assert policies["owner_all"].roles == (OWNER,)
        confined = {access.role for access in access_to(one) if access.confined}
        assert set(policies[WALL].roles if WALL in policies else ()) == confined
        assert all(policy.roles != () and set(policy.roles) <= {OWNER, *APPLICATION} for policy in policies.values())


def test_the_sql_is_the_same_each_time_and_names_every_table() -> None:
    tables = load_models().sorted_tables
    sql = wall_sql(tables)
    assert sql == wall_sql(tables)
    for one in tables:
        assert f'ALTER TABLE public."{one.name}" FORCE ROW LEVEL SECURITY;' in sql
    assert not [grant for one in tables for grant in grants_of(one) if "ALL" in grant or " PUBLIC" in grant]
