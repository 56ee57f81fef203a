"""Use cases of a service on its officers' member access: see who has one, end one, allow it again."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import ColumnElement, delete, func, select

from auth.member.models import MemberAccess, MemberCode, Passkey
from auth.member.schemas import AccessList, AccessOut, SwitchAccess
from auth.member.term import NO_END, last_day, stays_of
from auth.models import Seat, Session
from auth.sessions import end_sessions_through
from core.errors import Refused
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

MEMBER_END = "member.end"


@use_case(permission=MEMBER_END, input=Nothing, output=AccessList, reads=True)
async def list_member_access(work: Work, data: Nothing) -> AccessList:
    """List the officers who have member access, with how they come in and until when."""
    scope_id = work.ctx.scope.id
    chosen = (
        select(MemberAccess, Officer)
        .join(Officer, (Officer.tenant_id == MemberAccess.tenant_id) & (Officer.id == MemberAccess.officer_id))
        .join(Seat, (Seat.tenant_id == MemberAccess.tenant_id) & (Seat.id == MemberAccess.seat_id))
        .where(MemberAccess.tenant_id == scope_id, Seat.officer_id == MemberAccess.officer_id)
        .order_by(Officer.family_name, Officer.given_name, MemberAccess.id)
    )
    found = (await work.session.execute(chosen)).all()
    stays = await stays_of(work.session, scope_id, [officer.id for _, officer in found])
    passkeys = await _counted(work, Passkey)
    codes = await _counted(work, MemberCode, MemberCode.used_at.is_(None))
    last_in = select(Session.access_id, func.max(Session.created_at)).where(
        Session.tenant_id == scope_id, Session.access_id.is_not(None)
    )
    seen = {row[0]: row[1] for row in await work.session.execute(last_in.group_by(Session.access_id))}
    accesses = []
    for access, officer in found:
        last = last_day(stays[officer.id], access.opened_on)
        accesses.append(
            shown(
                AccessOut,
                access,
                officer=f"{officer.given_name} {officer.family_name}",
                employee_number=officer.employee_number,
                last_day=None if last == NO_END else last,
                passkeys=passkeys.get(access.id, 0),
                codes_left=codes.get(access.id, 0),
                last_session_at=seen.get(access.id),
            )
        )
    return AccessList(accesses)


@use_case(
    permission=MEMBER_END,
    input=SwitchAccess,
    output=AccessList,
    backdated=NOW,
    in_person=t("Do it on the page of member access."),
)
async def switch_member_access(work: Work, data: SwitchAccess) -> AccessList:
    """End an officer's member access with its passkeys, codes and sessions, or allow them to set it up again."""
    access: MemberAccess = await work.get(MemberAccess, data.id)
    work.check_version(access)
    if (access.ended_at is None) == data.open:
        raise Refused(t("It is so already."), t("Look at the list again."))
    subject = ("member_access", access.id)
    if data.open:
        access.ended_at = access.ended_by = access.end_reason = None
        await work.session.flush()
        await work.audit("member_access.reopen", subject, reason=data.reason)
        return await list_member_access(work, Nothing())
    access.ended_at, access.ended_by, access.end_reason = work.now, work.ctx.actor.id, data.reason
    await work.session.flush()
    for table in (Passkey, MemberCode):
        await work.session.execute(
            delete(table).where(table.tenant_id == access.tenant_id, table.access_id == access.id)
        )
    ended = await end_sessions_through(work.session, work.ctx.scope, access.id, work.now)
    await work.audit("member_access.end", subject, after={"sessions_ended": ended}, reason=data.reason)
    return await list_member_access(work, Nothing())


async def _counted(work: Work, table: type[Passkey | MemberCode], *wanted: ColumnElement[bool]) -> dict[UUID, int]:
    chosen = select(table.access_id, func.count()).where(table.tenant_id == work.ctx.scope.id, *wanted)
    return {row[0]: row[1] for row in await work.session.execute(chosen.group_by(table.access_id))}
