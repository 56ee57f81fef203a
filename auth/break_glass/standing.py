"""Which break-glass accounts could be used now: what set-up, the red button and the last one's end ask."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.break_glass.models import BreakGlass
from auth.one_person import seats_of_one
from auth.sessions import end_sessions_of
from core.audit.models import AuditLine
from core.errors import Refused
from core.text import t
from core.use_cases.work import Work

SUBJECT = "break_glass"
SHOWN = "break_glass.show"
"""The line of a half that was shown, and to whom."""

READY = BreakGlass.ended_at.is_(None) & BreakGlass.first_digest.is_not(None) & BreakGlass.second_digest.is_not(None)
"""Both halves were handed out, and not used yet."""


async def has_break_glass(session: AsyncSession, scope_id: UUID) -> bool:
    """Say whether somebody could enter the scope without its provider: to be asked before one is enforced."""
    return await ready_count(session, scope_id) > 0


async def ready_count(session: AsyncSession, scope_id: UUID) -> int:
    """Return how many break-glass accounts of the scope could be used now."""
    return await session.scalar(select(func.count()).where(BreakGlass.tenant_id == scope_id, READY)) or 0


async def is_break_glass(session: AsyncSession, scope_id: UUID, seat_id: UUID) -> bool:
    """Say whether a seat is that of a break-glass account."""
    chosen = select(BreakGlass.id).where(BreakGlass.tenant_id == scope_id, BreakGlass.seat_id == seat_id)
    return await session.scalar(chosen.limit(1)) is not None


async def keep_apart(work: Work, seat_id: UUID) -> None:
    """Refuse what would make of a break-glass account's seat one that somebody sits in every day."""
    if await is_break_glass(work.session, work.ctx.scope.id, seat_id):
        raise Refused(
            t("This is a break-glass account’s: nobody signs in to it by a provider, and no role is given to it."),
            t("Add the person on the page “People and roles”, or hand out the account’s two halves."),
        )


async def drawers(work: Work) -> dict[tuple[UUID, str], UUID]:
    """Return by account and half to which seat of the scope it was shown last, whether or not it is good any more."""
    return {(key, half): seat for key, half, seat in await _showings(work)}


async def people_behind(work: Work, seat_id: UUID) -> frozenset[UUID]:
    """Return the seats of the scope in which whoever acts in this one sits too, as far as is known.

    In the seat of a break-glass account that is whoever was ever shown a half of it.
    """
    found: frozenset[UUID] = frozenset()
    more = await seats_of_one(work.session, {seat_id})
    chosen = select(BreakGlass.id, BreakGlass.seat_id).where(BreakGlass.tenant_id == work.ctx.scope.id)
    accounts = [(row.id, row.seat_id) for row in await work.session.execute(chosen)]
    showings = await _showings(work)
    while more != found:
        found = more
        entered = {key for key, seat in accounts if seat in found}
        more = await seats_of_one(work.session, found | {seat for key, _, seat in showings if key in entered})
    return found


async def are_one_person(work: Work, one: UUID, other: UUID) -> bool:
    """Say whether it is known that the same person may act in both seats."""
    return one == other or not (await people_behind(work, one)).isdisjoint(await people_behind(work, other))


async def end_secrets_seen_by(work: Work, seat_id: UUID, reason: str) -> None:
    """Make both halves worthless of each account of which one person was shown both, and end the session it has.

    Nobody is shown both as the same person: but that two seats are one person's may be known only later.
    Who acts by such an account themselves keeps it.
    """
    shown = await drawers(work)
    chosen = select(BreakGlass).where(
        BreakGlass.tenant_id == work.ctx.scope.id,
        BreakGlass.ended_at.is_(None),
        BreakGlass.seat_id != work.ctx.actor.id,
        BreakGlass.id.in_([key for key, half in shown if half == "first"]),
    )
    theirs = await people_behind(work, seat_id)
    for row in (await work.session.scalars(chosen.with_for_update())).all():
        if not theirs >= {shown[row.id, "first"], shown.get((row.id, "second"))}:
            continue
        row.first_digest = row.second_digest = None
        await work.session.flush()
        await end_sessions_of(work.session, work.ctx.scope, row.seat_id, work.now)
        await work.audit("break_glass.renew", (SUBJECT, row.id), after={"custodian": row.custodian}, reason=reason)


async def _showings(work: Work) -> list[tuple[UUID, str, UUID]]:
    """Return each half that was shown, the first first: of which account, which half, to which seat."""
    chosen = select(AuditLine.subject_id, AuditLine.after["half"].astext, AuditLine.seat_id).where(
        AuditLine.tenant_id == work.ctx.scope.id, AuditLine.action == SHOWN
    )
    return [(row[0], row[1], row[2]) for row in await work.session.execute(chosen.order_by(AuditLine.id))]
