"""Coming in by member access: what is shown proves whose it is, the access is looked at, a session begins.

Each attempt is one transaction that always commits: a challenge or a code is used up whatever comes
of it. What is known leaves an audit line when it is refused; what anybody can send leaves none.
"""

from __future__ import annotations

import logging
from datetime import date, datetime, time, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID
from zoneinfo import ZoneInfo

import msgspec
from sqlalchemy import exists, select

from auth.member.challenges import claim
from auth.member.codes import digest_of
from auth.member.models import MemberAccess, MemberCode, Passkey
from auth.member.passkeys import Assertion, Unproved, check_assertion, read_assertion
from auth.member.term import NO_END, last_day, stays_of
from auth.models import Seat, Session
from auth.red_button.stops import check_account
from auth.relying_party.refusals import SignInRefused
from auth.renewals import SIGN_IN
from auth.secrets import form_secret
from auth.sessions import Origin, end_session, find_session, open_session
from auth.step_up.rules import ANEW, CODE, LAST
from core.context import Actor, Assurance, Ctx, Scope
from core.database.sessions import tenant_session
from core.settings import Settings
from core.use_cases.work import Work

log = logging.getLogger("contingent.member")


class Why(StrEnum):
    """Why somebody was not let in: for the audit log. The person is told the same of all but the first."""

    CHALLENGE = "challenge"
    UNKNOWN = "unknown"
    UNPROVED = "unproved"
    COUNTED_BACK = "counted_back"
    USED = "used"
    ENDED = "ended"
    RELINKED = "relinked"
    OVER = "over"
    STOPPED = "stopped"


class Attempt(msgspec.Struct, frozen=True):
    """One attempt of a browser: by which means, the challenge it was shown, its cookies, how it will be recognized."""

    way: str
    shown: str
    challenge_id: str
    browser: str | None
    before: str | None
    device: str | None = None


class _Proved(msgspec.Struct, frozen=True):
    """Whose access somebody has shown a means of, and what is wrong with that means."""

    access_id: UUID | None
    why: Why | None = None


async def enter(ctx: Ctx, settings: Settings, attempt: Attempt) -> str | Why:
    """Return the secret of a new session in ``ctx.scope``, an agency, or why there is none."""
    acting = ctx.acting_as(SIGN_IN)
    async with tenant_session(acting) as session:
        outcome = await _try(Work(acting, session, ctx.today, ctx.clock.now()), settings, attempt)
    if isinstance(outcome, Why):
        log.info("member access refused: %s", outcome)
    return outcome


async def fault_of(work: Work, access: MemberAccess, seat: Seat) -> tuple[Why | None, date]:
    """Return what keeps an access from letting its officer in today, and its last day."""
    stays = await stays_of(work.session, work.ctx.scope.id, [access.officer_id])
    last = last_day(stays[access.officer_id], access.opened_on)
    assert last is not None
    if access.ended_at is not None:
        return Why.ENDED, last
    if seat.officer_id != access.officer_id:
        return Why.RELINKED, last
    try:
        await check_account(work.session, work.ctx.scope.id, seat.id)
    except SignInRefused:
        return Why.STOPPED, last
    return (Why.OVER if work.ctx.today > last else None), last


async def _try(work: Work, settings: Settings, attempt: Attempt) -> str | Why:
    challenge = await _claimed(work, attempt)
    if challenge is None:
        return Why.CHALLENGE
    prove = _by_code if attempt.way == CODE else _by_passkey
    proved = await prove(work, settings, attempt.shown, challenge)
    if proved.access_id is None:
        return proved.why or Why.UNKNOWN
    access: MemberAccess = await work.get(MemberAccess, proved.access_id)
    seat: Seat = await work.get(Seat, access.seat_id)
    fault, last = await fault_of(work, access, seat)
    why = proved.why or fault
    if why is not None:
        after = {"way": attempt.way, "why": why.value}
        await work.audit("member_access.refused", ("member_access", access.id), after=after)
        return why
    return await _begin(work, settings, attempt, access, seat, _midnight_after(work.ctx.scope, last))


async def _begin(  # noqa: PLR0917 - all that a session begins with
    work: Work, settings: Settings, attempt: Attempt, access: MemberAccess, seat: Seat, until: datetime | None
) -> str:
    ctx, session = work.ctx.acting_as(Actor(id=seat.id, name=seat.name)), work.session
    previous = await find_session(session, ctx.scope, attempt.before, work.now)
    if previous is not None:
        await end_session(session, ctx.scope, previous.id, work.now)
    session_id, secret = await open_session(
        session,
        ctx.clock,
        settings,
        ctx.scope,
        seat_id=seat.id,
        origin=Origin(access_id=access.id, until=until),
        assurance=Assurance(at=work.now, amr=(attempt.way, *await _besides(work, attempt, access, previous))),
        device=attempt.device,
        forms=_forms(previous, seat.id, attempt.before),
    )
    own = Work(ctx, session, ctx.today, work.now)
    await own.audit("session.begin", ("session", session_id), after={"way": attempt.way})
    return secret


async def _claimed(work: Work, attempt: Attempt) -> bytes | None:
    try:
        key = UUID(attempt.challenge_id)
    except ValueError:
        return None
    return await claim(work.session, work.ctx, key, browser=attempt.browser)


async def _by_code(work: Work, settings: Settings, shown: str, challenge: bytes) -> _Proved:
    digest = digest_of(shown)
    if digest is None:
        return _Proved(None)
    row = await work.session.scalar(
        select(MemberCode)
        .where(MemberCode.tenant_id == work.ctx.scope.id, MemberCode.digest == digest)
        .with_for_update()
    )
    if row is None:
        return _Proved(None)
    if row.used_at is not None:
        return _Proved(row.access_id, Why.USED)
    row.used_at = work.now
    return _Proved(row.access_id)


async def _by_passkey(work: Work, settings: Settings, shown: str, challenge: bytes) -> _Proved:
    try:
        sent = read_assertion(shown)
    except Unproved:
        return _Proved(None, Why.UNPROVED)
    found = await work.session.execute(
        select(Passkey, MemberAccess.seat_id)
        .join(MemberAccess, (MemberAccess.tenant_id == Passkey.tenant_id) & (MemberAccess.id == Passkey.access_id))
        .where(Passkey.tenant_id == work.ctx.scope.id, Passkey.credential_id == sent.id)
        .with_for_update(of=Passkey)
    )
    one: Any = found.first()
    return _Proved(None) if one is None else await _check(work, settings, sent, challenge, *one)


async def _check(  # noqa: PLR0917 - what the answer is held against
    work: Work, settings: Settings, sent: Assertion, challenge: bytes, passkey: Passkey, seat_id: UUID
) -> _Proved:
    try:
        count = check_assertion(settings.address, challenge, sent, public_key=passkey.public_key, seat_id=seat_id)
    except Unproved:
        return _Proved(passkey.access_id, Why.UNPROVED)
    if count <= passkey.sign_count and (count or passkey.sign_count):
        # Two devices have this passkey, or somebody plays back an old answer.
        return _Proved(passkey.access_id, Why.COUNTED_BACK)
    passkey.sign_count, passkey.last_used_at = count, work.now
    return _Proved(passkey.access_id)


async def _besides(work: Work, attempt: Attempt, access: MemberAccess, previous: Session | None) -> list[str]:
    """Return what more is to be said of a code: that it came after another, or that nothing else is left."""
    if attempt.way != CODE:
        return []
    if previous is not None and previous.access_id == access.id:
        return [ANEW]
    mine = (MemberCode.tenant_id == access.tenant_id) & (MemberCode.access_id == access.id)
    left = exists().where(mine, MemberCode.used_at.is_(None))
    known = exists().where(Passkey.tenant_id == access.tenant_id, Passkey.access_id == access.id)
    return [] if await work.session.scalar(select(left | known)) else [LAST]


def _forms(previous: Session | None, seat_id: UUID, secret: str | None) -> bytes | None:
    """Return the form secret that goes on where the same person only proved anew who they are."""
    if previous is None or secret is None or previous.seat_id != seat_id or previous.access_id is None:
        return None
    return previous.form_secret or form_secret(secret)


def _midnight_after(scope: Scope, last: date) -> datetime | None:
    return None if last == NO_END else datetime.combine(last + timedelta(days=1), time(), ZoneInfo(scope.zone))
