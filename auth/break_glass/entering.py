"""Entering by both halves: once, for an hour, as an administrator, and everybody answerable hears it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.break_glass.models import BreakGlass
from auth.break_glass.standing import SUBJECT
from auth.models import Seat
from auth.red_button.pressing import tell_answerable
from auth.red_button.stops import account_stopped
from auth.renewals import SIGN_IN
from auth.sessions import end_session, end_sessions_of, find_session, open_break_glass
from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.settings import Settings
from core.text import t
from core.tokens import digest
from core.use_cases.work import Work

USED = "break_glass_used"
"""The event: the operator hears of it."""


async def enter(
    ctx: Ctx, settings: Settings, halves: tuple[str, str], *, before: str | None, device: str | None
) -> str | None:
    """Return the secret of a new session for whoever has both halves of one account, in whichever order; else ``None``.

    The halves are worthless afterwards. ``before`` is the cookie of the session whose place it takes.
    """
    async with tenant_session(ctx) as session:
        row = await _of_both(session, ctx.scope.id, halves)
        if row is None or await account_stopped(session, ctx.scope.id, row.seat_id):
            await _note_one_half(ctx, session, halves)
            return None
        now = ctx.clock.now()
        row.first_digest = row.second_digest = None
        row.used_at = now
        await session.flush()
        # One session an account: of two, nobody could tell whose is whose.
        await end_sessions_of(session, ctx.scope, row.seat_id, now)
        previous = await find_session(session, ctx.scope, before, now)
        if previous is not None:
            await end_session(session, ctx.scope, previous.id, now)
        _, secret = await open_break_glass(session, ctx.clock, settings, ctx.scope, seat_id=row.seat_id, device=device)
        seat = await session.get(Seat, (ctx.scope.id, row.seat_id))
        assert seat is not None
        acting = ctx.acting_as(Actor(id=seat.id, name=seat.name))
        work = Work(acting, session, ctx.today, now)
        await work.audit("break_glass.enter", (SUBJECT, row.id), after={"custodian": row.custodian})
        told = t("Alarm: the break-glass account of %(custodian)s was used just now.", custodian=row.custodian)
        await tell_answerable(work, told)
        await work.emit(USED, (SUBJECT, row.id))
        return secret


async def _of_both(session: AsyncSession, scope_id: UUID, halves: tuple[str, str]) -> BreakGlass | None:
    one, other = (digest(half) for half in halves)
    either = or_(
        and_(BreakGlass.first_digest == one, BreakGlass.second_digest == other),
        and_(BreakGlass.first_digest == other, BreakGlass.second_digest == one),
    )
    chosen = select(BreakGlass).where(BreakGlass.tenant_id == scope_id, BreakGlass.ended_at.is_(None), either)
    found: BreakGlass | None = await session.scalar(chosen.with_for_update())
    return found


async def _note_one_half(ctx: Ctx, session: AsyncSession, halves: tuple[str, str]) -> None:
    """Keep, and tell, that somebody has one half of an account and not the other. Of mere guesses nothing is kept."""
    digests = [digest(half) for half in halves]
    chosen = select(BreakGlass).where(
        BreakGlass.tenant_id == ctx.scope.id,
        BreakGlass.ended_at.is_(None),
        or_(BreakGlass.first_digest.in_(digests), BreakGlass.second_digest.in_(digests)),
    )
    work = Work(ctx.acting_as(SIGN_IN), session, ctx.today, ctx.clock.now())
    for row in (await session.scalars(chosen)).all():
        await work.audit("break_glass.refused", (SUBJECT, row.id), after={"custodian": row.custodian})
        told = t(
            "Somebody tried to enter with one half of the break-glass account of %(custodian)s.",
            custodian=row.custodian,
        )
        await tell_answerable(work, told)
