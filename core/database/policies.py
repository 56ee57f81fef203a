"""Row-level security and grants as SQL, generated from the table classes and replaced as a whole."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from sqlalchemy import Table

from core.database.grants import OWN, Access, access_to, updatable
from core.database.roles import APPLICATION, OWNER

WALL = "tenant_wall"
"""The restrictive policy: whatever another policy may one day allow, it stays within the tenant."""


@dataclass(frozen=True, slots=True)
class Policy:
    """One row-level policy. ``command``: all, select, insert, update or delete."""

    name: str
    table: str
    permissive: bool
    command: str
    roles: tuple[str, ...]
    using: str | None
    check: str | None

    def sql(self, schema: str = "public") -> str:
        """Return the statement that creates it."""
        kind = "PERMISSIVE" if self.permissive else "RESTRICTIVE"
        using = f" USING ({self.using})" if self.using else ""
        check = f" WITH CHECK ({self.check})" if self.check else ""
        return (
            f'CREATE POLICY {self.name} ON {schema}."{self.table}" AS {kind} FOR {self.command.upper()} '
            f"TO {', '.join(self.roles)}{using}{check}"
        )


def policies_of(table: Table) -> list[Policy]:
    """Return the policies of ``table``.

    The roles that the wall confines share two: a restrictive one and the permissive one
    without which nobody would see a row, with the same text. Every other role has its own,
    and so has the owner: under forced security a migration or a backup would otherwise see
    no row, silently.
    """
    accesses = access_to(table)
    found = [Policy("owner_all", table.name, True, "all", (OWNER,), "true", "true")]
    confined = tuple(sorted({one.role for one in accesses if one.confined}))
    if confined:
        found.append(Policy(WALL, table.name, False, "all", confined, OWN, OWN))
        found.append(Policy("own_rows", table.name, True, "all", confined, OWN, OWN))
    found += [policy for one in accesses if not one.confined for policy in _apart(table.name, one)]
    return sorted(found, key=lambda policy: policy.name)


def _apart(table: str, access: Access) -> Iterator[Policy]:
    for operation in sorted(access.operations):
        name = f"{access.role.removeprefix('contingent_')}_{operation}"
        using = None if operation == "insert" else access.rows
        check = (access.written or access.rows) if operation in {"insert", "update"} else None
        yield Policy(name, table, True, operation, (access.role,), using, check)


def grants_of(table: Table, schema: str = "public") -> list[str]:
    """Return the ``GRANT`` statements of ``table``."""
    found = []
    for access in access_to(table):
        whole = sorted(access.operations - {"update"})
        if whole:
            seen = f" ({_columns(access.seen)})" if access.seen else ""
            found.append(f'GRANT {", ".join(whole).upper()}{seen} ON {schema}."{table.name}" TO {access.role}')
        columns = updatable(table, access)
        if columns:
            found.append(f'GRANT UPDATE ({_columns(columns)}) ON {schema}."{table.name}" TO {access.role}')
    return found


def _columns(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


_CLEAR = """\
DO $$ DECLARE one record; BEGIN
  FOR one IN SELECT policyname, tablename FROM pg_catalog.pg_policies WHERE schemaname = '{schema}'
  LOOP EXECUTE format('DROP POLICY %I ON {schema}.%I', one.policyname, one.tablename); END LOOP;
END $$;
REVOKE ALL ON ALL TABLES IN SCHEMA {schema} FROM PUBLIC, {roles};
REVOKE ALL ON ALL SEQUENCES IN SCHEMA {schema} FROM PUBLIC, {roles};
"""


def wall_sql(tables: Iterable[Table], schema: str = "public") -> str:
    """Return the SQL that replaces every policy and grant by the ones the models ask for.

    ``tables`` are all that there are in ``schema``. To be run by the owner, in the transaction
    of the migration: nobody sees the moment between.
    """
    statements = []
    for table in tables:
        statements.append(f'ALTER TABLE {schema}."{table.name}" ENABLE ROW LEVEL SECURITY')
        statements.append(f'ALTER TABLE {schema}."{table.name}" FORCE ROW LEVEL SECURITY')
        statements += [policy.sql(schema) for policy in policies_of(table)]
        statements += grants_of(table, schema)
    return _CLEAR.format(schema=schema, roles=", ".join(APPLICATION)) + "".join(
        f"{statement};\n" for statement in statements
    )
