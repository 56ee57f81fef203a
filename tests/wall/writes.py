"""Every way to write, each as a function that says how many of another tenant's rows it reached.

To be refused is to reach none. An error other than a refusal is a finding too: it says
something of a row that one should not know of.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import asyncpg

from tests.wall.case import Case, operation
from tests.wall.rows import Row, insertion, renewed


@operation("select", "update")
async def select_for_update(connection: Any, case: Case) -> int:
    return len(await connection.fetch(f"SELECT 1 FROM {case.name} WHERE {case.where} FOR UPDATE", *case.key))


@operation("insert")
async def insert_foreign(connection: Any, case: Case) -> int:
    return await _insert(connection, case, case.fresh)


@operation("insert")
async def insert_foreign_again(connection: Any, case: Case) -> int:
    """A row that is there already must be refused in the same words as one that is not."""
    return await _insert(connection, case, case.foreign)


@operation("insert", "select")
async def insert_returning(connection: Any, case: Case) -> int:
    return await _insert(connection, case, case.fresh, "RETURNING *")


@operation("never")
async def insert_own_with_a_foreign_key(connection: Any, case: Case) -> int:
    """One's own row that refers to the other tenant's row."""
    reached = 0
    for names in _keys_within_the_tenant(case):
        row = renewed(case.table, case.own or {}) | {name: case.foreign[name] for name in names}
        reached += await _unless_refused(connection, case, *insertion(case.table, row))
    return reached


@operation("never")
async def update_own_to_a_foreign_key(connection: Any, case: Case) -> int:
    """One's own row, that from now on refers to the other tenant's."""
    reached = 0
    for names in _keys_within_the_tenant(case):
        setting = ", ".join(f'"{name}" = ${n}' for n, name in enumerate(names, start=2))
        query = f"UPDATE {case.name} SET {setting} WHERE tenant_id = $1"
        mine = (case.own or {})["tenant_id"]
        reached += await _unless_refused(connection, case, query, mine, *(case.foreign[name] for name in names))
    return reached


@operation("never", tolerated=(asyncpg.ForeignKeyViolationError,))
async def insert_own_with_a_foreign_id(connection: Any, case: Case) -> int:
    """One's own row with the other's id and values: if that is refused as a duplicate, it told that there is one."""
    if case.own is None:
        return 0
    try:
        await connection.execute(*insertion(case.table, case.foreign | {"tenant_id": case.own["tenant_id"]}))
    except asyncpg.UniqueViolationError as error:
        return int(_names_another_tenant(error, case))
    return 0


@operation("update")
async def update(connection: Any, case: Case) -> int:
    column = case.settable
    return _affected(
        await connection.execute(f"UPDATE {case.name} SET {column} = {column} WHERE {case.where}", *case.key)
    )


@operation("update", "select")
async def update_returning(connection: Any, case: Case) -> int:
    column = case.settable
    query = f"UPDATE {case.name} SET {column} = {column} WHERE {case.where} RETURNING *"
    return len(await connection.fetch(query, *case.key))


@operation("update", "select")
async def update_without_a_condition(connection: Any, case: Case) -> int:
    column = case.settable
    query = (
        f"WITH u AS (UPDATE {case.name} SET {column} = {column} RETURNING *) SELECT count(*) FROM u WHERE {case.where}"
    )
    return int(await connection.fetchval(query, *case.key))


@operation("never", tolerated=(asyncpg.ForeignKeyViolationError, asyncpg.UniqueViolationError))
async def move_to_another_tenant(connection: Any, case: Case) -> int:
    mine = case.own or case.foreign
    query = f"UPDATE {case.name} SET tenant_id = $1 WHERE tenant_id = $2"
    return _affected(await connection.execute(query, case.tenant, mine["tenant_id"]))


@operation("never", tolerated=(asyncpg.ForeignKeyViolationError, asyncpg.UniqueViolationError))
async def take_from_another_tenant(connection: Any, case: Case) -> int:
    query = (
        f"UPDATE {case.name} SET tenant_id = nullif(current_setting('app.tenant', true), '')::uuid WHERE {case.where}"
    )
    return _affected(await connection.execute(query, *case.key))


@operation("delete")
async def delete(connection: Any, case: Case) -> int:
    return await _removed(connection, f"DELETE FROM {case.name} WHERE {case.where}", case)


@operation("delete", "select")
async def delete_in_an_expression(connection: Any, case: Case) -> int:
    query = f"WITH d AS (DELETE FROM {case.name} WHERE {case.where} RETURNING *) SELECT count(*) FROM d"
    try:
        return int(await connection.fetchval(query, *case.key))
    except asyncpg.ForeignKeyViolationError:
        return 1


@operation("insert", "update", "select")
async def upsert(connection: Any, case: Case) -> int:
    keys = ", ".join(f'"{column.name}"' for column in case.table.primary_key)
    column = case.settable
    return await _insert(
        connection, case, case.foreign, f"ON CONFLICT ({keys}) DO UPDATE SET {column} = excluded.{column}"
    )


@operation("insert")
async def insert_or_nothing(connection: Any, case: Case) -> int:
    await connection.execute(*insertion(case.table, case.foreign, "ON CONFLICT DO NOTHING"))
    return 1


@operation("update", "select")
async def merge_and_update(connection: Any, case: Case) -> int:
    column = case.settable
    return _affected(await connection.execute(f"{_merging(case)} WHEN MATCHED THEN UPDATE SET {column} = t.{column}"))


@operation("delete", "select")
async def merge_and_delete(connection: Any, case: Case) -> int:
    return await _removed(connection, f"{_merging(case)} WHEN MATCHED THEN DELETE", case, parameters=False)


@operation("never", tolerated=(asyncpg.FeatureNotSupportedError,))
async def copy_in(connection: Any, case: Case) -> int:
    names = [column.name for column in case.table.columns if column.identity is None]
    record = [tuple(case.fresh[name] for name in names)]
    return _affected(await connection.copy_records_to_table(case.table.name, columns=names, records=record))


@operation("never")
async def truncate(connection: Any, case: Case) -> int:
    await connection.execute(f"TRUNCATE {case.name} CASCADE")
    return 1


@operation("never")
async def change_the_table(connection: Any, case: Case) -> int:
    await connection.execute(f"ALTER TABLE {case.name} DISABLE ROW LEVEL SECURITY")
    return 1


def _affected(tag: str) -> int:
    return int(tag.rsplit(" ", 1)[-1])


def _keys_within_the_tenant(case: Case) -> Iterator[list[str]]:
    """Yield the columns of each foreign key between rows of one tenant, without the tenant."""
    for key in case.table.foreign_key_constraints:
        names = [column.name for column in key.columns]
        within = case.own is not None and names[0] == "tenant_id" and len(names) > 1
        if within and all(case.foreign[name] is not None for name in names):
            yield names[1:]


async def _unless_refused(connection: Any, case: Case, query: str, *parameters: Any) -> int:
    await connection.execute("SAVEPOINT one_key")
    try:
        return _affected(await connection.execute(query, *parameters))
    except asyncpg.ForeignKeyViolationError:
        await connection.execute("ROLLBACK TO one_key")
    except asyncpg.UniqueViolationError as error:
        await connection.execute("ROLLBACK TO one_key")
        return int(_names_another_tenant(error, case))
    return 0


async def _insert(connection: Any, case: Case, row: Row, after: str = "") -> int:
    try:
        await connection.execute(*insertion(case.table, row, after))
    except (asyncpg.UniqueViolationError, asyncpg.ForeignKeyViolationError, asyncpg.CheckViolationError) as error:
        if row is case.foreign or row is case.fresh:
            return 1  # the policy let it pass, and something else stopped it
        raise error from None
    return 1


async def _removed(connection: Any, query: str, case: Case, *, parameters: bool = True) -> int:
    try:
        return _affected(await connection.execute(query, *(case.key if parameters else ())))
    except asyncpg.ForeignKeyViolationError:
        return 1  # it was found, and only its references kept it


def _merging(case: Case) -> str:
    same = " AND ".join(f'"{column.name}" = {_literal(case.foreign[column.name])}' for column in case.table.primary_key)
    return f"MERGE INTO {case.name} t USING (SELECT 1 AS one) s ON {same}"


def _literal(value: Any) -> str:
    return "'" + str(value).replace("'", "''") + "'"


def _names_another_tenant(error: Exception, case: Case) -> bool:
    """Whether what clashed was not led by one's own tenant."""
    clashing = getattr(error, "constraint_name", None)
    keys: list[Any] = [*case.table.indexes, *case.table.constraints]
    for one in keys:
        if one.name == clashing:
            return bool(next(iter(one.columns)).name != "tenant_id")
    return True
