"""Who tries what on whom, and what may come of it.

What may come of it is written here by hand, from the documentation of the table classes, and
knows nothing of the code that generates policies and grants.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass, field
from typing import Any

import asyncpg
from sqlalchemy import Table
from sqlalchemy.ext.asyncio import AsyncSession

from core.clock import ManualClock
from core.context import Actor, Ctx, Scope
from core.database import sessions
from core.database.engines import Database
from core.database.roles import IDENTITY, PUBLIC, SCOPED, WORKER
from core.database.sessions import tenant_session, worker_session
from core.database.tables import DataClass, TableClass
from tests.platform import NOW
from tests.wall.case import Case, Operation
from tests.wall.operations import OPERATIONS
from tests.wall.rows import HIDDEN, SHOWN, SHOWN_FROM, Land, Row, Tenant, renewed

Opening = Callable[[Database], AbstractAsyncContextManager[AsyncSession]]
READ = frozenset({"select"})
WRITE = frozenset({"insert", "update", "delete"})
NOTHING: frozenset[str] = frozenset()


PLATFORM_WINDOWS = {
    ("audit_pending", "worker"): frozenset({"select", "insert", "update", "delete"}),
    ("audit_pending", "program"): frozenset({"insert"}),
}
"""Tables without a class of tenant that nevertheless name one: ids of what is to be sealed."""


@dataclass(frozen=True)
class Caller:
    """Somebody with a session: as whom, for which tenant."""

    kind: str
    tenant: Tenant | None
    opening: Opening

    @property
    def name(self) -> str:
        return f"{self.kind} of {self.tenant.slug}" if self.tenant else self.kind


@dataclass
class Findings:
    """How many attempts were made, and what came of them that should not have."""

    attempts: int = 0
    found: list[str] = field(default_factory=list)

    @property
    def bound(self) -> float:
        """The 95 % bound of the share of attempts that succeed, if none did: 3/N."""
        return 3 / self.attempts if self.attempts else 1.0


def callers(land: Land, *, everybody: bool = False) -> list[Caller]:
    """Return who can have a session: one of each kind, or ``everybody``. Agencies also with the health tables."""
    found = [
        *(
            Caller(role.removeprefix("contingent_"), None, _without_context(role))
            for role in (PUBLIC, IDENTITY, WORKER)
        ),
        *(Caller("nobody", None, _without_context(role)) for role in SCOPED),
    ]
    tenants = land.tenants if everybody else [land.of_kind(kind)[0] for kind in {one.kind: 0 for one in land.tenants}]
    found += [Caller(tenant.kind, tenant, _session_of(tenant, health=False)) for tenant in tenants]
    agencies = [tenant for tenant in tenants if tenant.kind == "agency"]
    found += [Caller("health", agency, _session_of(agency, health=True)) for agency in agencies]
    found += [Caller("worker", agency, _worker_for(agency)) for agency in agencies]
    return found


def window(caller: Caller, table: Table, row: Row) -> frozenset[str]:
    """Return what ``caller`` may do to a ``row`` of another tenant, by the class of its table."""
    table_class, shown = table.info["class"], any(row.get(name) is not None for name in SHOWN_FROM)
    if table_class is TableClass.PLATFORM:
        return PLATFORM_WINDOWS.get((table.name, caller.kind), NOTHING)
    if (table.name, caller.kind) == ("identity_provider", "identity"):
        # At which issuers people sign in: no other column, and none of a provider that is not on.
        return READ if row["state"] in {"enforced", "retiring"} else NOTHING
    if caller.tenant is None or any(column.info["class"] is DataClass.HEALTH for column in table.columns):
        return NOTHING
    mission = row["id"] if table.name == "mission" else row.get("mission_id")
    given = {
        (TableClass.ASSIGNED, "program"): READ | ({"insert"} if table.info["append_only"] else WRITE),
        (TableClass.FACT, "program"): READ | {"insert"},
        (TableClass.SUBMITTED, "program"): READ if shown else NOTHING,
        (TableClass.PROGRAM, "agency"): READ if shown else NOTHING,
        (TableClass.PROGRAM, "health"): READ if shown else NOTHING,
        # Departments of the Arrangement read what is published to everybody, and no row about a person.
        (TableClass.PROGRAM, "department"): READ if shown else NOTHING,
        (TableClass.MISSION, "mission"): READ if mission == caller.tenant.id else NOTHING,
        (TableClass.PROGRAM, "mission"): READ if shown and mission == caller.tenant.id else NOTHING,
    }
    return given.get((table_class, caller.kind), NOTHING)


async def try_everything(
    database: Database,
    land: Land,
    table: Table,
    *,
    findings: Findings,
    only: set[str] | None = None,
    everybody: bool = False,
) -> None:
    """Let every caller (or those of the kinds in ``only``) try every operation on ``table``'s rows of others."""
    for caller in callers(land, everybody=everybody):
        if only is not None and caller.kind not in only:
            continue
        async with caller.opening(database) as session:
            raw = await (await session.connection()).get_raw_connection()
            await _try_all(raw.driver_connection, caller, land, table, findings)


async def _try_all(connection: Any, caller: Caller, land: Land, table: Table, findings: Findings) -> None:
    await connection.execute("SAVEPOINT attempt")
    for case, owner in cases(caller, land, table):
        allowed = window(caller, table, case.foreign)
        for operation in OPERATIONS:
            reached, said = await _attempt(connection, operation, case)
            findings.attempts += 1
            fault = None
            if said is not None:
                fault = f"was told {said}"
            elif reached and not operation.needs <= allowed:
                fault = f"reached {reached}"
            elif not reached and operation.needs <= allowed and operation.needs == READ:
                fault = "did not reach what it may read"
            if fault:
                findings.found.append(f"{caller.name} · {operation.name} · {table.name} of {owner.slug}: {fault}")
            await connection.execute("ROLLBACK TO attempt")
    await connection.execute("ROLLBACK")
    await connection.execute("BEGIN")


async def _attempt(connection: Any, operation: Operation, case: Case) -> tuple[int, str | None]:
    try:
        return await operation.attempt(connection, case), None
    except (asyncpg.InsufficientPrivilegeError, *operation.tolerated):
        return 0, None
    except asyncpg.PostgresError as error:
        return 0, f"{type(error).__name__}: {error}"


def cases(caller: Caller, land: Land, table: Table) -> Iterator[tuple[Case, Tenant]]:
    """Yield every row of ``table`` that is another tenant's."""
    own = land.rows.get((table.name, caller.tenant.id, SHOWN)) if caller.tenant else None
    for owner in land.owners(table):
        if caller.tenant is not None and owner.id == caller.tenant.id:
            continue
        for variant in (SHOWN, HIDDEN) if set(SHOWN_FROM) & set(table.columns.keys()) else (SHOWN,):
            foreign = land.rows.get((table.name, owner.id, variant))
            if foreign is not None:
                yield Case(table, foreign, own, renewed(table, foreign)), owner


def _session_of(tenant: Tenant, *, health: bool) -> Opening:
    scope = Scope(id=tenant.id, kind=tenant.kind, slug=tenant.slug, name_en="", name_fr="")  # type: ignore[arg-type]

    def opening(database: Database) -> AbstractAsyncContextManager[AsyncSession]:
        actor = Actor(id=tenant.id, name="Somebody")
        return tenant_session(Ctx(scope=scope, actor=actor, clock=ManualClock(NOW), database=database), health=health)

    return opening


def _worker_for(tenant: Tenant) -> Opening:
    return lambda database: worker_session(database, tenant=tenant.id)


def _without_context(role: str) -> Opening:
    """A login whose context was forgotten: what a session made past ``tenant_session`` would be."""
    return lambda database: sessions._session(database, role, "BEGIN")
