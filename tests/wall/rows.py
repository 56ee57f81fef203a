"""Rows for every table there is, made from column types, foreign keys and check constraints alone.

A new table is covered without a line written for it. Every text holds its tenant's name, so
that whatever shows one can be told apart.
"""

from __future__ import annotations

import itertools
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any
from uuid import NAMESPACE_URL, UUID, uuid5

import asyncpg
from sqlalchemy import CheckConstraint, Column, ForeignKeyConstraint, MetaData, Table, types
from sqlalchemy.dialects.postgresql import JSONB

from core.database.tables import TableClass

Row = dict[str, Any]
SHOWN_FROM = ("published_at", "submitted_at")
"""Columns from whose value on a row may be seen by the other side."""
SHOWN, HIDDEN = 0, 1
"""The two rows of each table and tenant: one with those columns set, one without."""
_INSTANT = datetime(2026, 11, 1, tzinfo=UTC)
_DAY = date(2026, 11, 1)


@dataclass(frozen=True)
class Tenant:
    """A scope with rows of its own."""

    id: UUID
    kind: str
    slug: str


@dataclass
class Land:
    """All tenants and their rows, by table, tenant and which of the two."""

    metadata: MetaData
    tenants: list[Tenant]
    rows: dict[tuple[str, UUID, int], Row] = field(default_factory=dict)

    def of_kind(self, kind: str) -> list[Tenant]:
        return [tenant for tenant in self.tenants if tenant.kind == kind]

    @property
    def tables(self) -> list[Table]:
        """The tables that have a tenant, those referred to first."""
        return [table for table in self.metadata.sorted_tables if "tenant_id" in table.columns]

    def owners(self, table: Table) -> list[Tenant]:
        """Return the tenants whose rows a table of this class holds."""
        kinds = {cls: {"program"} for cls in (TableClass.PROGRAM, TableClass.MISSION)} | {
            TableClass.SCOPE: {tenant.kind for tenant in self.tenants}
        }
        return [tenant for tenant in self.tenants if tenant.kind in kinds.get(table.info["class"], {"agency"})]

    def row(self, table: Table, tenant: Tenant, variant: int) -> Row | None:
        """Return a row that fits ``table`` but for its checks, or ``None`` if what it must refer to is missing."""
        values = {column.name: invented(column, tenant, variant) for column in table.columns}
        for key in table.foreign_key_constraints:
            names = [column.name for column in key.columns]
            referred = self._referred(key, tenant, variant)
            if referred is not None:
                values.update(zip(names, (referred[one.column.name] for one in key.elements), strict=True))
            elif all(table.columns[name].nullable for name in names if name != "tenant_id"):
                values.update({name: None for name in names if name != "tenant_id"})
            else:
                return None
        return values

    def _referred(self, key: ForeignKeyConstraint, tenant: Tenant, variant: int) -> Row | None:
        table = key.referred_table
        if table.name == "scope":
            return {"id": tenant.id}
        if "tenant_id" not in table.columns:
            return None
        own = next(iter(key.columns)).name == "tenant_id"
        holder = tenant if own else self.of_kind("program")[0]
        found = self.rows.get((table.name, holder.id, variant))
        return found or self.rows.get((table.name, holder.id, SHOWN))


def invented(column: Column[Any], tenant: Tenant, variant: int) -> Any:
    """Return a value of the column's type; the same place and variant give the same value."""
    if column.name == "tenant_id":
        return tenant.id
    if column.name in SHOWN_FROM and variant == HIDDEN:
        return None
    place = f"{column.table.name}.{column.name}.{tenant.slug}.{variant}"
    made: list[tuple[type[types.TypeEngine[Any]], Any]] = [
        (types.Uuid, uuid5(NAMESPACE_URL, place)),
        (types.Boolean, bool(variant)),
        (types.Integer, variant + 1),
        (types.Numeric, Decimal(variant + 1)),
        (types.Float, float(variant + 1)),
        (types.DateTime, _INSTANT + timedelta(hours=variant)),
        (types.Date, _DAY + timedelta(days=variant)),
        (JSONB, json.dumps({"of": place})),
        (types.LargeBinary, place.encode()),
        (types.String, place),
    ]
    for kind, value in made:
        if isinstance(column.type, kind):
            return value
    raise TypeError(f"{column.table.name}.{column.name}: say here how to make a {column.type!r}")


def fitting(table: Table, row: Row) -> Iterator[Row]:
    """Yield ``row`` with every combination of values that its check constraints speak of, as made first."""
    choices: dict[str, list[Any]] = {}
    for constraint in table.constraints:
        if not isinstance(constraint, CheckConstraint):
            continue
        text = str(constraint.sqltext)
        literals = re.findall(r"'([^']*)'", text)
        for column in table.columns:
            if re.search(rf"\b{column.name}\b", text) and column.name != "tenant_id":
                made = row[column.name]
                strange = text.startswith(f"{column.name} IN (") and made not in literals
                values = choices.setdefault(column.name, [] if strange else [made])
                if isinstance(column.type, types.String):
                    values += literals
                if column.nullable:
                    values.append(None)
    for chosen in itertools.islice(itertools.product(*choices.values()), 2_000):
        yield row | dict(zip(choices, chosen, strict=True))


async def settle(connection: Any, land: Land) -> None:
    """Fill every table through ``connection``, a superuser's. Fails if a table stays empty."""
    for tenant in land.tenants:
        names = (tenant.slug, f"Service {tenant.slug}", _INSTANT)
        await connection.execute(
            "INSERT INTO scope (id, kind, slug, name_en, name_fr, zone, generation, created_at)"
            " VALUES ($1, $2, $3, $4, $4, 'America/Toronto', 1, $5)",
            tenant.id,
            tenant.kind,
            *names,
        )
    for table in land.tables:
        for tenant, variant in itertools.product(land.owners(table), (SHOWN, HIDDEN)):
            row = land.row(table, tenant, variant)
            kept = await _insert_first(connection, table, row) if row is not None else None
            if kept is not None:
                land.rows[table.name, tenant.id, variant] = kept
        empty = [one.slug for one in land.owners(table) if (table.name, one.id, SHOWN) not in land.rows]
        assert len(empty) < len(land.owners(table)), f"no row could be made for table {table.name}"


async def _insert_first(connection: Any, table: Table, row: Row) -> Row | None:
    for candidate in fitting(table, row):
        try:
            async with connection.transaction():
                await connection.execute(*insertion(table, candidate))
        except asyncpg.CheckViolationError:
            continue
        except asyncpg.UniqueViolationError:
            return None  # one row a tenant is all there can be
        return candidate
    return None


def insertion(table: Table, row: Mapping[str, Any], after: str = "") -> tuple[Any, ...]:
    """Return the statement that inserts ``row``, and its parameters. Identities are left to the server."""
    names = [name for name in row if table.columns[name].identity is None]
    columns, places = ", ".join(f'"{name}"' for name in names), ", ".join(f"${n}" for n in range(1, len(names) + 1))
    return f'INSERT INTO "{table.name}" ({columns}) VALUES ({places}) {after}', *(row[name] for name in names)


def renewed(table: Table, row: Row) -> Row:
    """Return ``row`` as another row of the same tenant: what has to be unique is new."""
    changed = dict(row)
    bound = {column.name for key in table.foreign_key_constraints for column in key.columns}
    for column in table.columns:
        value = row[column.name]
        if column.name in bound or value is None:
            continue
        if isinstance(value, UUID):
            changed[column.name] = uuid5(value, "renewed")
        elif isinstance(value, str) and value.count(".") >= 3 and not value.startswith("{"):
            changed[column.name] = f"{value}.renewed"
    return changed
