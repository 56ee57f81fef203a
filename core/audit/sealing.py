"""The sealer: gives committed rows their place and hash in their scope's chain.

A chain computed by the transaction itself would serialize a tenant; so the worker does it
once a second, after the commit, one sealer per scope at a time.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import delete, exists, func, insert, or_, select, tuple_
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.chain import LINE, LOOK, Head, canonical, link
from core.audit.models import AuditLine, AuditPending, AuditSeal, Look
from core.clock import Clock
from core.database.engines import Database
from core.database.sessions import worker_session

TABLES: dict[str, type[AuditLine | Look]] = {LINE: AuditLine, LOOK: Look}
AT_ONCE = 1_000
"""Rows sealed in one transaction."""


async def seal_all(database: Database, clock: Clock) -> int:
    """Seal what every scope has committed and return the number of rows sealed."""
    async with worker_session(database) as session:
        waiting = (await session.scalars(select(AuditPending.tenant_id).distinct())).all()
    sealed = 0
    for tenant_id in waiting:
        while (done := await _seal_some(database, tenant_id, clock.now())) == AT_ONCE:
            sealed += done
        sealed += done
    return sealed


async def _seal_some(database: Database, tenant_id: UUID, now: datetime) -> int:
    async with worker_session(database, tenant=tenant_id) as session:
        mine = select(func.pg_try_advisory_xact_lock(func.hashtextextended(f"seal:{tenant_id}", 0)))
        if not await session.scalar(mine):
            return 0
        return await _seal(session, tenant_id, now)


async def _seal(session: AsyncSession, tenant_id: UUID, now: datetime) -> int:
    # What waits and has no row stays as the trace of a row that is gone, and must hold nobody up.
    there = [
        exists().where(AuditPending.row_kind == kind, table.tenant_id == tenant_id, table.id == AuditPending.row_id)
        for kind, table in TABLES.items()
    ]
    pending = (
        select(AuditPending.row_kind, AuditPending.row_id)
        .where(AuditPending.tenant_id == tenant_id, or_(*there))
        .order_by(AuditPending.row_id)
        .limit(AT_ONCE)
    )
    keys = [(row.row_kind, row.row_id) for row in await session.execute(pending)]
    rows = {**await _rows(session, tenant_id, LINE, keys), **await _rows(session, tenant_id, LOOK, keys)}
    head = await head_of(session, tenant_id)
    seals: list[dict[str, Any]] = []
    for kind, key in keys:
        head = link(head, tenant_id, canonical(kind, rows[kind, key]))
        seals.append(
            {
                "tenant_id": tenant_id,
                "sequence": head.sequence,
                "row_kind": kind,
                "row_id": key,
                "hash": head.hash,
                "sealed_at": now,
            }
        )
    if not seals:
        return 0
    await session.execute(insert(AuditSeal), seals)
    sealed = tuple_(AuditPending.row_kind, AuditPending.row_id).in_([(s["row_kind"], s["row_id"]) for s in seals])
    await session.execute(delete(AuditPending).where(AuditPending.tenant_id == tenant_id, sealed))
    return len(seals)


async def _rows(
    session: AsyncSession, tenant_id: UUID, kind: str, keys: Iterable[tuple[str, UUID]]
) -> dict[tuple[str, UUID], dict[str, Any]]:
    wanted = [key for its_kind, key in keys if its_kind == kind]
    if not wanted:
        return {}
    return {(kind, row["id"]): row for row in await read_rows(session, tenant_id, kind, wanted)}


async def read_rows(session: AsyncSession, tenant_id: UUID, kind: str, ids: Iterable[UUID]) -> list[dict[str, Any]]:
    """Return the rows of one kind with these ids as plain values, by column."""
    table = TABLES[kind]
    columns = list(table.__table__.columns)
    found = await session.execute(select(*columns).where(table.tenant_id == tenant_id, table.id.in_(list(ids))))
    return [dict(row) for row in found.mappings()]


async def head_of(session: AsyncSession, tenant_id: UUID) -> Head:
    """Return where the scope's chain ends."""
    last = select(AuditSeal.sequence, AuditSeal.hash).where(AuditSeal.tenant_id == tenant_id)
    row = (await session.execute(last.order_by(AuditSeal.sequence.desc()).limit(1))).first()
    return Head(row.sequence, row.hash) if row else Head()
