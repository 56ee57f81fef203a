"""What a press does in its scope: one row that stops signing in, and an end to all that had begun."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, func, or_, select, true, update

from auth.linking.models import SeatInvitation
from auth.linking.withdrawing import withdraw_open
from auth.models import BREAK_GLASS, ApiToken, Seat, Session
from auth.red_button.models import SignInStop
from auth.red_button.schemas import Reach, StopOut
from auth.red_button.stops import is_stopped, session_stopped, token_stopped
from auth.roles import MANAGES
from auth.sessions import end_stopped_sessions
from core.calendars.ending import end_addresses
from core.calendars.models import CalendarAddress
from core.context import Scope
from core.errors import Refused
from core.text import Text, t
from core.use_cases.work import Work

SUBJECT = "sign_in_stop"
STOPPED = "sign_in_stopped"
"""The event: the scope, and the operator, hear of it."""
PAGE = "/emergency"


async def stop(work: Work, scope: Scope, seat_id: UUID | None, reason: str) -> SignInStop:
    """Write the row by which nobody signs in to ``scope``, or to one account of it, any more."""
    if await open_stop(work, scope.id, seat_id) is not None:
        raise Refused(
            t("Signing in is stopped here already."),
            t("Look at the page “Emergency stop”: it says who did it, and why."),
        )
    row = SignInStop(
        id=work.new_id(),
        scope_id=scope.id,
        seat_id=seat_id,
        reason=reason,
        by_scope=work.ctx.scope.id,
        by_seat=work.ctx.actor.id,
        by_name=work.ctx.actor.name,
        began_at=work.now,
    )
    work.session.add(row)
    await work.session.flush()
    await work.emit(STOPPED, (SUBJECT, row.id), tenant=scope.id)
    return row


async def open_stop(work: Work, scope_id: UUID, seat_id: UUID | None) -> SignInStop | None:
    """Return the stop that is on for this scope as a whole, or for one account of it."""
    chosen = select(SignInStop).where(
        SignInStop.scope_id == scope_id,
        SignInStop.seat_id.is_(None) if seat_id is None else SignInStop.seat_id == seat_id,
        SignInStop.lifted_at.is_(None),
    )
    found: SignInStop | None = await work.session.scalar(chosen)
    return found


async def end_all(work: Work) -> Reach:
    """End what the open stops of the scope end, and return how many sessions and tokens that were.

    The rows of the stops have done so for every request: this keeps the lists honest. It may come late, so it ends
    what they ended and nothing else: who has come in by a break-glass account meanwhile stays.
    """
    now, links = work.now, SeatInvitation
    found = await _reach(work, session_stopped(), token_stopped())
    await end_stopped_sessions(work.session, work.ctx.scope, now)
    ended = update(ApiToken).where(*_tokens(work), token_stopped())
    await work.session.execute(ended.values(revoked_at=now, end_cause="stop"))
    stopped = or_(*(is_stopped(links.tenant_id, seat, links.created_at) for seat in (links.made_by, links.seat_id)))
    await withdraw_open(work.session, work.ctx.scope, stopped, now)
    calendars = CalendarAddress
    await end_addresses(work, is_stopped(calendars.tenant_id, calendars.seat_id, calendars.made_at))
    return found


def ended_values(ended: Reach) -> dict[str, Any]:
    """Return what a press ended, as the audit line tells it."""
    return {"sessions_ended": ended.sessions, "tokens_ended": ended.programs + ended.directories}


async def reach(work: Work, *, spared: UUID) -> Reach:
    """Return what a press for the whole scope would end now; ``spared``: the seat of whoever would press."""
    return await _reach(work, or_(Session.kind != BREAK_GLASS, Session.seat_id != spared), true())


async def _reach(work: Work, sessions: ColumnElement[bool], tokens: ColumnElement[bool]) -> Reach:
    counted = select(func.count()).where(
        Session.tenant_id == work.ctx.scope.id,
        Session.ended_at.is_(None),
        Session.idle_until > work.now,
        Session.expires_at > work.now,
        sessions,
    )
    kinds = select(ApiToken.kind, func.count()).where(*_tokens(work), tokens).group_by(ApiToken.kind)
    by_kind = {kind: count async for kind, count in await work.session.stream(kinds)}
    return Reach(
        sessions=await work.session.scalar(counted) or 0,
        programs=by_kind.get("api", 0),
        directories=by_kind.get("scim", 0),
    )


def _tokens(work: Work) -> tuple[ColumnElement[bool], ...]:
    """Return what is true of a token of the scope that works."""
    return ApiToken.tenant_id == work.ctx.scope.id, ApiToken.revoked_at.is_(None), ApiToken.expires_at > work.now


async def tell_answerable(work: Work, text: Text) -> None:
    """Tell the administrators, and an agency's privacy officer."""
    for role in {MANAGES[work.ctx.scope.kind], *(("privacy",) if work.ctx.scope.kind == "agency" else ())}:
        await work.notify(text, link=PAGE, role=role)


def stop_out(row: SignInStop, account: str | None) -> StopOut:
    """Return a stop as it is told."""
    return StopOut(
        id=row.id,
        seat_id=row.seat_id,
        account=account,
        reason=row.reason,
        by_name=row.by_name,
        by_operator=row.by_scope != row.scope_id,
        began_at=row.began_at,
        lifted_at=row.lifted_at,
        lifted_by=row.lifted_by,
        lift_reason=row.lift_reason,
    )


async def account_of(work: Work, seat_id: UUID | None) -> str | None:
    """Return the name of an account of this scope."""
    if seat_id is None:
        return None
    found: str | None = await work.session.scalar(
        select(Seat.name).where(Seat.tenant_id == work.ctx.scope.id, Seat.id == seat_id)
    )
    return found
