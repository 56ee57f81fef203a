"""Reading the audit log and the looks of one's own scope."""

from __future__ import annotations

from typing import Any

import msgspec
from sqlalchemy import and_, select

from core.audit.chain import LINE
from core.audit.models import AuditLine, AuditSeal, Look
from core.context import SCOPE_KINDS, Assurance
from core.journal.permissions import AUDIT_READ, LOOK_READ
from core.journal.schemas import LineList, LineOut, ListLines, ListLooks, LookList, LookOut
from core.use_cases.declaration import ById, use_case
from core.use_cases.output import shown
from core.use_cases.paging import cut
from core.use_cases.periods import within
from core.use_cases.work import Work

EVERY_KIND = frozenset(SCOPE_KINDS)


@use_case(permission=AUDIT_READ, input=ListLines, output=LineList, scopes=EVERY_KIND, reads=True)
async def list_lines(work: Work, data: ListLines) -> LineList:
    """List what was done in this scope, the latest first."""
    scope = work.ctx.scope
    query = sealed_lines(work).where(*within(AuditLine, scope.zone, data.start, data.end))
    if data.who:
        query = query.where(AuditLine.actor_name.icontains(data.who, autoescape=True))
    if data.subject:
        query = query.where(AuditLine.subject_kind == data.subject)
    if data.action:
        query = query.where(AuditLine.action.endswith(f".{data.action}", autoescape=True))
    if data.subject_id:
        query = query.where(AuditLine.subject_id == data.subject_id)
    if data.after:
        query = query.where(AuditLine.id < data.after)
    found = (await work.session.execute(query.order_by(AuditLine.id.desc()).limit(data.limit + 1))).all()
    return LineList(*cut([line_out(*row) for row in found], data.limit))


@use_case(permission=AUDIT_READ, input=ById, output=LineOut, scopes=EVERY_KIND, reads=True)
async def read_line(work: Work, data: ById) -> LineOut:
    """Read one line with what was there before and after."""
    line = await work.get(AuditLine, data.id)
    found = (await work.session.execute(sealed_lines(work).where(AuditLine.id == line.id))).one()
    return line_out(*found)


@use_case(permission=LOOK_READ, input=ListLooks, output=LookList, reads=True)
async def list_looks(work: Work, data: ListLooks) -> LookList:
    """List each time somebody outside opened something about this service's people."""
    scope = work.ctx.scope
    query = select(Look).where(Look.tenant_id == scope.id, *within(Look, scope.zone, data.start, data.end))
    if data.subject_id:
        query = query.where(Look.subject_id == data.subject_id)
    if data.after:
        query = query.where(Look.id < data.after)
    found = (await work.session.scalars(query.order_by(Look.id.desc()).limit(data.limit + 1))).all()
    return LookList(*cut([shown(LookOut, row) for row in found], data.limit))


def sealed_lines(work: Work) -> Any:
    """Return the query of this scope's lines, each with its place in the chain."""
    own_seal = and_(
        AuditSeal.tenant_id == AuditLine.tenant_id, AuditSeal.row_kind == LINE, AuditSeal.row_id == AuditLine.id
    )
    lines = select(AuditLine, AuditSeal.sequence, AuditSeal.hash).outerjoin(AuditSeal, own_seal)
    return lines.where(AuditLine.tenant_id == work.ctx.scope.id)


def line_out(row: AuditLine, sequence: int | None, hash: str | None) -> LineOut:  # noqa: A002 - the column's name
    """Return one row of ``sealed_lines`` as it is told."""
    assurance = msgspec.convert(row.assurance, Assurance | None)
    return shown(LineOut, row, sequence=sequence, hash=hash, assurance=assurance)
