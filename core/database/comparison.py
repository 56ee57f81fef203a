"""Comparing a database with the models, in PostgreSQL's own words.

The models are built once more in a schema of their own, with their policies and grants, inside
a transaction that is taken back. Both schemas are then described from the catalogue by the same
queries, so that every type, constraint and policy is compared as the server understands it.
"""

from __future__ import annotations

from collections.abc import Iterable

from sqlalchemy import MetaData, text
from sqlalchemy.ext.asyncio import AsyncConnection

from core.database.policies import wall_sql

SCRATCH = "contingent_check"

_DESCRIPTIONS = {
    "table": """
        SELECT c.relname, concat_ws(', ',
            CASE c.relkind WHEN 'r' THEN 'a table' ELSE 'a relation of kind ' || c.relkind::text END,
            CASE WHEN c.relrowsecurity THEN 'row security' END, CASE WHEN c.relforcerowsecurity THEN 'forced' END,
            'owned by ' || pg_get_userbyid(c.relowner))
          FROM pg_class c WHERE c.relnamespace = s.id AND c.relkind NOT IN ('i', 'I', 'S', 't', 'c')""",
    "column": """
        SELECT c.relname || '.' || a.attname, concat_ws(' ', format_type(a.atttypid, a.atttypmod),
            (SELECT 'collate ' || o.collname FROM pg_collation o
              WHERE o.oid = a.attcollation AND o.collname <> 'default'),
            CASE WHEN a.attnotnull THEN 'not null' END, 'default ' || pg_get_expr(d.adbin, d.adrelid),
            CASE a.attidentity WHEN 'a' THEN 'identity always' WHEN 'd' THEN 'identity by default' END)
          FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum > 0 AND NOT a.attisdropped
          LEFT JOIN pg_attrdef d ON d.adrelid = c.oid AND d.adnum = a.attnum
         WHERE c.relnamespace = s.id AND c.relkind IN ('r', 'p')""",
    "constraint": """
        SELECT c.relname || '.' || k.conname, pg_get_constraintdef(k.oid)
          FROM pg_constraint k JOIN pg_class c ON c.oid = k.conrelid
         WHERE c.relnamespace = s.id AND k.contype <> 'n'""",
    "index": """
        SELECT c.relname, pg_get_indexdef(c.oid)
          FROM pg_class c WHERE c.relnamespace = s.id AND c.relkind IN ('i', 'I')""",
    "policy": """
        SELECT c.relname || '.' || p.polname, concat_ws(' ',
            CASE WHEN p.polpermissive THEN 'permissive' ELSE 'restrictive' END, 'for', p.polcmd::text,
            'to', (SELECT string_agg(coalesce(r.rolname, 'public'), ', ' ORDER BY r.rolname)
                FROM unnest(p.polroles) u LEFT JOIN pg_roles r ON r.oid = u),
            'using', pg_get_expr(p.polqual, p.polrelid), 'check', pg_get_expr(p.polwithcheck, p.polrelid))
          FROM pg_policy p JOIN pg_class c ON c.oid = p.polrelid WHERE c.relnamespace = s.id""",
    "grant": """
        SELECT c.relname || ' to ' || coalesce(r.rolname, 'public'),
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
          FROM pg_class c CROSS JOIN aclexplode(c.relacl) a LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace = s.id AND a.grantee <> c.relowner GROUP BY 1""",
    "column grant": """
        SELECT c.relname || '.' || t.attname || ' to ' || coalesce(r.rolname, 'public'),
            string_agg(a.privilege_type, ', ' ORDER BY a.privilege_type)
          FROM pg_class c JOIN pg_attribute t ON t.attrelid = c.oid CROSS JOIN aclexplode(t.attacl) a
          LEFT JOIN pg_roles r ON r.oid = a.grantee
         WHERE c.relnamespace = s.id AND a.grantee <> c.relowner GROUP BY 1""",
    "trigger": """
        SELECT c.relname || '.' || g.tgname, pg_get_triggerdef(g.oid)
          FROM pg_trigger g JOIN pg_class c ON c.oid = g.tgrelid WHERE c.relnamespace = s.id AND NOT g.tgisinternal""",
    "function": """
        SELECT f.oid::regprocedure::text, pg_get_functiondef(f.oid) FROM pg_proc f
         WHERE f.pronamespace = s.id AND f.prokind IN ('f', 'p') AND NOT EXISTS (
            SELECT FROM pg_depend e WHERE e.objid = f.oid AND e.deptype = 'e')""",
    "type": """
        SELECT y.typname, y.typtype::text
          FROM pg_type y WHERE y.typnamespace = s.id AND y.typtype IN ('e', 'd', 'r', 'm')""",
}  # fmt: skip
"""Queries of a name and a description; ``s.id`` is the schema's."""

_SCOPED = (
    "SELECT d.* FROM (SELECT oid AS id FROM pg_namespace WHERE nspname = :schema) s, LATERAL ({}) AS d(name, said)"
)

_KNOWN = {"alembic_version"}
"""What is in the schema besides the models."""


async def compare(connection: AsyncConnection, metadata: MetaData) -> list[str]:
    """Return every difference between the schema ``public`` and ``metadata``, one sentence each.

    To be called in a transaction of the owner's; nothing remains of the second schema.
    """
    there = await describe(connection, "public")
    nested = await connection.begin_nested()
    await connection.execute(text(f"CREATE SCHEMA {SCRATCH}"))
    await connection.execute(text(f"SET LOCAL search_path = {SCRATCH}"))
    await connection.run_sync(lambda sync: metadata.create_all(sync, checkfirst=False))
    raw = await connection.get_raw_connection()
    await raw.driver_connection.execute(wall_sql(metadata.sorted_tables, SCRATCH))  # type: ignore[union-attr]
    expected = await describe(connection, SCRATCH)
    await nested.rollback()
    return list(_differences(there, expected))


async def describe(connection: AsyncConnection, schema: str) -> dict[tuple[str, str], str]:
    """Return what the catalogue says of everything in ``schema``, by kind and name."""
    await connection.execute(text(f"SET LOCAL search_path = {schema}"))
    found: dict[tuple[str, str], str] = {}
    for kind, query in _DESCRIPTIONS.items():
        for name, said in await connection.execute(text(_SCOPED.format(query)), {"schema": schema}):
            if name.replace(" ", ".").split(".")[0] not in _KNOWN and not name.startswith("alembic_version_pkc"):
                found[kind, name] = said.replace(f"{schema}.", "")
    return found


def _differences(there: dict[tuple[str, str], str], expected: dict[tuple[str, str], str]) -> Iterable[str]:
    for kind, name in sorted(there.keys() | expected.keys()):
        has, wants = there.get((kind, name)), expected.get((kind, name))
        if has is None:
            yield f"{kind} {name} is missing: expected {wants}"
        elif wants is None:
            yield f"{kind} {name} is not in the models: {has}"
        elif has != wants:
            yield f"{kind} {name} is {has}: expected {wants}"
