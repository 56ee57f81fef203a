"""Every way to read, each as a function that says how many of another tenant's rows it reached."""

from __future__ import annotations

from io import BytesIO
from typing import Any

import asyncpg

from tests.wall.case import Case, operation


@operation("select")
async def select(connection: Any, case: Case) -> int:
    return len(await connection.fetch(f"SELECT * FROM {case.name} WHERE {case.where}", *case.key))


@operation("select")
async def select_everything(connection: Any, case: Case) -> int:
    rows = await connection.fetch(f"SELECT * FROM {case.name}")
    return sum(all(row[name] == case.foreign[name] for name in case.key_names) for row in rows)


@operation("select")
async def count(connection: Any, case: Case) -> int:
    return int(await connection.fetchval(f"SELECT count(*) FROM {case.name} WHERE {case.where}", *case.key))


@operation("select")
async def exists(connection: Any, case: Case) -> int:
    return int(await connection.fetchval(f"SELECT EXISTS (SELECT FROM {case.name} WHERE {case.where})", *case.key))


@operation("select")
async def error_in_a_condition(connection: Any, case: Case) -> int:
    """A condition that fails on the row must not be evaluated before the policy."""
    wrong = f"CASE WHEN tenant_id = '{case.tenant}' THEN 0 ELSE 1 END"
    try:
        return len(
            await connection.fetch(f"SELECT 1 FROM {case.name} WHERE 1 / {wrong} = 1 AND {case.where}", *case.key)
        )
    except asyncpg.DivisionByZeroError:
        return 1


@operation("select")
async def copy_out(connection: Any, case: Case) -> int:
    read = BytesIO()
    await connection.copy_from_query(f"SELECT * FROM {case.name} WHERE {case.where}", *case.key, output=read)
    return len(read.getvalue().splitlines())


@operation("select")
async def copy_table_out(connection: Any, case: Case) -> int:
    read = BytesIO()
    await connection.copy_from_table(case.table.name, columns=case.key_names, output=read)
    wanted = "\t".join(str(case.foreign[name]) for name in case.key_names).encode()
    return read.getvalue().splitlines().count(wanted)


@operation("select")
async def common_table_expression(connection: Any, case: Case) -> int:
    query = f"WITH x AS MATERIALIZED (SELECT * FROM {case.name}) SELECT * FROM x WHERE {case.where}"
    return len(await connection.fetch(query, *case.key))


@operation("select")
async def join(connection: Any, case: Case) -> int:
    query = f"SELECT t.* FROM scope s JOIN {case.name} t ON t.tenant_id = s.id WHERE {case.matching('t.')}"
    return len(await connection.fetch(query, *case.key))


@operation("select")
async def lateral(connection: Any, case: Case) -> int:
    of_all = f"SELECT * FROM {case.name} t WHERE t.tenant_id = s.id"
    query = f"SELECT x.* FROM scope s, LATERAL ({of_all}) x WHERE {case.matching('x.')}"
    return len(await connection.fetch(query, *case.key))


@operation("select")
async def scalar_subquery(connection: Any, case: Case) -> int:
    query = f"SELECT coalesce((SELECT 1 FROM {case.name} WHERE {case.where}), 0)"
    return int(await connection.fetchval(query, *case.key))


@operation("select")
async def cursor(connection: Any, case: Case) -> int:
    reading = await connection.cursor(f"SELECT * FROM {case.name} WHERE {case.where}", *case.key)
    return len(await reading.fetch(10))


@operation("select")
async def prepared(connection: Any, case: Case) -> int:
    statement = await connection.prepare(f"SELECT * FROM {case.name} WHERE {case.where}")
    for _ in range(6):  # from the sixth time on the server keeps one plan for all parameters
        rows = await statement.fetch(*case.key)
    return len(rows)


@operation("never")
async def prepared_for_the_other(connection: Any, case: Case) -> int:
    """A plan made while the other tenant was set must not show its rows once it is not."""
    before = await connection.fetchval("SELECT current_setting('app.tenant', true)")
    statement = await connection.prepare(f"SELECT * FROM {case.name} WHERE {case.where}")
    await connection.execute("SELECT set_config('app.tenant', $1, true)", str(case.tenant))
    for _ in range(6):
        await statement.fetch(*case.key)
    await connection.execute("SELECT set_config('app.tenant', $1, true)", before or "")
    now = len(await statement.fetch(*case.key))
    return max(0, now - await count(connection, case))


@operation("never", tolerated=(asyncpg.FeatureNotSupportedError,))
async def statistics(connection: Any, case: Case) -> int:
    """The server's notes on frequent values are values."""
    return len(await connection.fetch("SELECT 1 FROM pg_stats WHERE tablename = $1", case.table.name))
