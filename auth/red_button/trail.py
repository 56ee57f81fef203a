"""What an account saw, decided and did since an instant."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, or_, select

from auth.models import Seat
from auth.red_button.schemas import SeenOut, TrailIn, TrailOut
from auth.red_button.service import ANSWERED, RED_BUTTON_READ
from core.audit.models import AuditLine, Look
from core.journal.schemas import LineOut
from core.journal.service import line_out, sealed_lines
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.paging import cut
from core.use_cases.work import Work

SEEING = (".see", ".export")
"""What the actions end with that tell what somebody was shown of their own scope."""

DECISIONS = (
    "approval.",
    "approval_case.",
    "candidacy.",
    "contract.",
    "delegation.",
    "nomination.",
    "seat.grant",
    "seat.revoke",
)
"""What the actions begin with by which somebody decides on others: on a case, a candidacy, a contract, a role."""


@use_case(permission=RED_BUTTON_READ, input=TrailIn, output=TrailOut, scopes=ANSWERED, reads=True)
async def account_trail(work: Work, data: TrailIn) -> TrailOut:
    """List what an account decided, did besides, or was shown since an instant, the latest first."""
    seat: Seat = await work.get(Seat, data.id)
    deciding = or_(*(AuditLine.action.startswith(one, autoescape=True) for one in DECISIONS))
    seeing = or_(*(AuditLine.action.endswith(one, autoescape=True) for one in SEEING))
    parts = {"decided": deciding, "did": ~deciding & ~seeing, "saw": seeing}
    query = sealed_lines(work).where(
        or_(AuditLine.seat_id == seat.id, AuditLine.behalf_of == seat.id),
        parts[data.part],
        *_within(AuditLine, data.since, data),
    )
    found = (await work.session.execute(query.order_by(AuditLine.id.desc()).limit(data.limit + 1))).all()
    lines: list[LineOut | SeenOut] = [line_out(*row) for row in found]
    seen = await _seen(work, seat, data) if data.part == "saw" else []
    rows, following = cut(sorted([*lines, *seen], key=lambda row: row.id, reverse=True), data.limit)
    return TrailOut(
        account=seat.name,
        lines=[row for row in rows if isinstance(row, LineOut)],
        seen=[row for row in rows if isinstance(row, SeenOut)],
        next=following,
    )


async def _seen(work: Work, seat: Seat, data: TrailIn) -> list[SeenOut]:
    """Return the looks that the account left with agencies; what it saw of its own scope are lines."""
    if work.ctx.scope.kind != "program":
        return []  # IPOB alone looks into agencies: departments and the operator may not even ask for looks
    chosen = select(Look).where(
        Look.by_scope == work.ctx.scope.id, Look.by_seat == seat.id, *_within(Look, data.since, data)
    )
    rows = await work.session.scalars(chosen.order_by(Look.id.desc()).limit(data.limit + 1))
    return [shown(SeenOut, row, agency=row.tenant_id) for row in rows]


def _within(table: Any, since: datetime, data: TrailIn) -> list[ColumnElement[bool]]:
    found = [table.at >= since]
    return found if data.after is None else [*found, table.id < data.after]
