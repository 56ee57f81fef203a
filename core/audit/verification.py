"""Is a scope's log what was written? Recomputes its chain from the database, and exports it."""

from __future__ import annotations

from collections.abc import AsyncIterator
from datetime import datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import exists, func, select
from sqlalchemy.ext.asyncio import AsyncSession

from core.audit.chain import Head, canonical
from core.audit.following import FORMAT, Exported, Follower, Opening, Report
from core.audit.models import AuditSeal
from core.audit.sealing import TABLES, read_rows

AT_ONCE = 1_000


async def verify(
    session: AsyncSession, tenant_id: UUID, *, known: Head | None = None, now: datetime | None = None
) -> Report:
    """Recompute the scope's chain in ``session`` (one that reads this scope) and report.

    ``known`` is a head kept from an earlier report or export: with it, a chain that was
    rewritten as a whole or cut off at its end is found as well. With ``now``, a row that has
    waited too long for its seal is a break too.
    """
    follower = Follower(tenant_id, known)
    async for sequence, stated, row in _sealed(session, tenant_id):
        follower.follow(sequence, stated, row)
    unsealed, oldest = 0, None
    for kind in TABLES:
        count, first = await _unsealed(session, tenant_id, kind)
        unsealed += count
        oldest = min((moment for moment in (oldest, first) if moment is not None), default=None)
    return follower.report(unsealed, oldest, now=now)


async def _sealed(session: AsyncSession, tenant_id: UUID) -> AsyncIterator[tuple[int, str, bytes | None]]:
    after = 0
    while True:
        page = select(AuditSeal.sequence, AuditSeal.hash, AuditSeal.row_kind, AuditSeal.row_id)
        page = page.where(AuditSeal.tenant_id == tenant_id, AuditSeal.sequence > after)
        seals = (await session.execute(page.order_by(AuditSeal.sequence).limit(AT_ONCE))).all()
        if not seals:
            return
        rows: dict[tuple[str, UUID], dict[str, Any]] = {}
        # Departments and the operator have no looks, and may not ask for any.
        for kind in sorted({seal.row_kind for seal in seals}):
            ids = [seal.row_id for seal in seals if seal.row_kind == kind]
            rows |= {(kind, row["id"]): row for row in await read_rows(session, tenant_id, kind, ids)}
        for seal in seals:
            values = rows.get((seal.row_kind, seal.row_id))
            yield seal.sequence, seal.hash, None if values is None else canonical(seal.row_kind, values)
        after = seals[-1].sequence


async def _unsealed(session: AsyncSession, tenant_id: UUID, kind: str) -> tuple[int, datetime | None]:
    table = TABLES[kind]
    seal = exists().where(AuditSeal.tenant_id == tenant_id, AuditSeal.row_kind == kind, AuditSeal.row_id == table.id)
    found = await session.execute(select(func.count(), func.min(table.at)).where(table.tenant_id == tenant_id, ~seal))
    count, first = found.one()
    return count, first


async def export(session: AsyncSession, tenant_id: UUID, slug: str, *, marking: str = "") -> AsyncIterator[bytes]:
    """Yield the scope's sealed log as lines of JSON that ``verify_lines`` needs nothing else to check."""
    yield msgspec.json.encode(Opening(FORMAT, tenant_id, slug, marking)) + b"\n"
    async for sequence, stated, row in _sealed(session, tenant_id):
        yield msgspec.json.encode(Exported(sequence, stated, msgspec.Raw(row or b"null"))) + b"\n"
