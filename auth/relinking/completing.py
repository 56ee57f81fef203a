"""What a change of provider does to links: at once, and later for what a process that died has left undone.

What the scope keeps is committed before the links, so whatever is still to be linked or unlinked has its line.
"""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.models import IdentityProvider
from auth.one_person import UNLINK
from auth.relinking.comparing import Line, Row, await_numbers, compare
from auth.relinking.models import Relink
from auth.relinking.seating import sit_down_all, sittings, stand_up_all
from core.audit.models import AuditLine
from core.personnel.models import Officer
from core.use_cases.work import Work

_SO = frozenset({"matched", "linked"})


def rows_of(relink: Relink) -> list[Row]:
    """Return what was previewed."""
    return msgspec.convert(relink.rows, list[Row])


def to_link(relink: Relink) -> list[Row]:
    """Return the rows of those whom the change links."""
    return [row for row in rows_of(relink) if row.outcome == "matched"]


async def pair(work: Work, relink: Relink) -> tuple[IdentityProvider, IdentityProvider]:
    """Return the old provider and the new."""
    return (
        await work.get(IdentityProvider, relink.old_provider_id),
        await work.get(IdentityProvider, relink.new_provider_id),
    )


async def compared(
    work: Work, session: AsyncSession, old: IdentityProvider, new: IdentityProvider, lines: list[Line] | None
) -> list[Row]:
    """Return what would become of ``lines``, and of the people of whom none speaks; ``None``: all come by number."""
    seats = await sittings(work, session, old.issuer, new.issuer)
    chosen = select(Officer.employee_number, Officer.status).where(Officer.tenant_id == work.ctx.scope.id)
    officers = {row.employee_number: row.status for row in await work.session.execute(chosen)}
    if lines is None:
        return await_numbers(seats, frozenset(number for number, status in officers.items() if status == "active"))
    sitting = {subject: one.seat_id for one in seats for subject in one.new}
    return compare(lines, seats, frozenset(officers), sitting, same_issuer=old.issuer == new.issuer)


async def still_so(work: Work, session: AsyncSession, relink: Relink) -> tuple[int, dict[str, UUID]]:
    """Return how many of those whom the change links are as they were, and who of them is yet to be linked."""
    held = to_link(relink)
    # Whoever was found without a number is known by the seat.
    lines = [
        Line(row.employee_number or "", row.subject or "", row.line, None if row.employee_number else row.seat_id)
        for row in held
    ]
    again = await compared(work, session, *await pair(work, relink), lines)
    known = {_whose(row) for row in held}
    same = [row for row in again if row.outcome in _SO and _whose(row) in known]
    rest = [row for row in same if row.outcome == "matched"]
    return len(same), {row.subject: row.seat_id for row in rest if row.subject and row.seat_id}


async def link_rest(work: Work, session: AsyncSession, relink: Relink) -> None:
    """Link who was to be linked and is not yet, where it is still so and nobody has unlinked them since."""
    _, new = await pair(work, relink)
    _, rest = await still_so(work, session, relink)
    if not rest:
        return
    unlinked = select(AuditLine.before["subject"].astext).where(
        AuditLine.tenant_id == work.ctx.scope.id,
        AuditLine.action == UNLINK,
        AuditLine.at >= relink.applied_at,
        AuditLine.before["issuer"].astext == new.issuer,
    )
    gone = set(await work.session.scalars(unlinked))
    left = {subject: seat_id for subject, seat_id in rest.items() if subject not in gone}
    await sit_down_all(work, session, new.issuer, left)


async def unlink_old(work: Work, session: AsyncSession, relink: Relink, until: datetime) -> list[tuple[UUID, str]]:
    """Unlink the old accounts, linked ``until`` then, of those whom the change linked; return (seat, subject).

    Where old and new are of one issuer, what was linked since the change is a new account that somebody has corrected.
    """
    old, new = await pair(work, relink)
    if old.issuer == new.issuer and relink.applied_at is not None:
        until = min(until, relink.applied_at)
    seats = {row.seat_id: row.subject for row in to_link(relink) if row.seat_id and row.subject}
    return await stand_up_all(work, session, old.issuer, seats, until=until, same_issuer=old.issuer == new.issuer)


def _whose(row: Row) -> tuple[str | None, str | None, UUID | None]:
    return row.employee_number, row.subject, row.seat_id
