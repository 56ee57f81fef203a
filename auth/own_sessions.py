"""Use cases on one's own sessions: where one is signed in, and ending it there."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auth.models import Session
from auth.schemas import KeepOne, OwnSession, OwnSessions
from auth.service import EVERYWHERE, SESSION_READ
from auth.sessions import end_session, lasts
from core.errors import NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, ById, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

SESSION_END = "session.end"


@use_case(permission=SESSION_READ, input=Nothing, output=OwnSessions, scopes=EVERYWHERE, reads=True)
async def list_own_sessions(work: Work, data: Nothing) -> OwnSessions:
    """List the browsers in which the caller is signed in to this seat, the latest first."""
    return OwnSessions([shown(OwnSession, row) for row in await _open(work)])


@use_case(permission=SESSION_END, input=ById, output=OwnSessions, scopes=EVERYWHERE, backdated=NOW)
async def end_own_session(work: Work, data: ById) -> OwnSessions:
    """End one of the caller's own sessions, at once and in every process."""
    row = next((one for one in await _open(work) if str(one.id) == data.id), None)
    if row is None:
        raise NotFound
    await _end(work, row.id)
    return await list_own_sessions(work, Nothing())


@use_case(permission=SESSION_END, input=KeepOne, output=OwnSessions, scopes=EVERYWHERE, backdated=NOW)
async def end_other_sessions(work: Work, data: KeepOne) -> OwnSessions:
    """End all of the caller's own sessions but the one named."""
    others = [row.id for row in await _open(work) if str(row.id) != data.keep]
    if not others:
        raise Refused(t("You are signed in nowhere else."), t("There is nothing to end."))
    for session_id in others:
        await _end(work, session_id)
    return await list_own_sessions(work, Nothing())


async def _open(work: Work) -> list[Session]:
    mine = select(Session).where(
        Session.tenant_id == work.ctx.scope.id, Session.seat_id == work.ctx.actor.id, Session.ended_at.is_(None)
    )
    rows = await work.session.scalars(mine.order_by(Session.created_at.desc(), Session.id))
    return [row for row in rows if lasts(row.ended_at, row.idle_until, row.expires_at, work.now)]


async def _end(work: Work, session_id: UUID) -> None:
    await end_session(work.session, work.ctx.scope, session_id, work.now)
    await work.audit("session.end", ("session", session_id))
