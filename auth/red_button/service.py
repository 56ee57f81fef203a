"""Use cases of the red button in one's own scope: stop signing in and end all that has begun, and let it go on."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from auth.break_glass.standing import end_secrets_seen_by, is_break_glass, ready_count
from auth.models import Seat
from auth.red_button.models import SignInStop
from auth.red_button.pressing import SUBJECT, account_of, end_all, ended_values, reach, stop, stop_out, tell_answerable
from auth.red_button.schemas import Pressed, PressIn, ResumeIn, StopList
from auth.roles import MANAGES
from core.context import ScopeKind
from core.errors import NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.work import Work

RED_BUTTON_READ = "red_button.read"
RED_BUTTON_PRESS = "red_button.press"
ANSWERED: frozenset[ScopeKind] = frozenset(MANAGES)
"""Where somebody answers for signing in: a commander’s seat is IPOB’s affair."""
SHOWN = 50
"""How many stops are listed: an old one says nothing that the audit log does not."""


@use_case(permission=RED_BUTTON_READ, input=Nothing, output=StopList, scopes=ANSWERED, reads=True)
async def list_stops(work: Work, data: Nothing) -> StopList:
    """List where signing in is, or was, stopped, and what stopping all of it would end."""
    return await _listed(work)


@use_case(permission=RED_BUTTON_PRESS, input=PressIn, output=Pressed, scopes=ANSWERED, backdated=NOW)
async def press_red_button(work: Work, data: PressIn) -> Pressed:
    """End all sessions and tokens of the scope, or of one account, at once, and stop signing in there."""
    seat: Seat | None = None if data.seat is None else await work.get(Seat, data.seat)
    seat_id = None if seat is None else seat.id
    row = await stop(work, work.ctx.scope, seat_id, data.reason)
    ended = await end_all(work)
    if seat_id is not None and seat_id != work.ctx.actor.id:
        # Whoever has the account could come back by two halves that it was shown; one's own are one's way back.
        await end_secrets_seen_by(work, seat_id, data.reason)
    after = ended_values(ended) | ({} if seat is None else {"account": seat.name})
    await work.audit("sign_in_stop.press", (SUBJECT, row.id), after=after, reason=data.reason)
    told = t("%(by)s stopped all signing in to your service.", by=row.by_name)
    if seat is not None:
        told = t("%(by)s stopped signing in to the account of %(name)s.", by=row.by_name, name=seat.name)
    await tell_answerable(work, told)
    ways_back = await ready_count(work.session, work.ctx.scope.id)
    return Pressed(stop=stop_out(row, seat.name if seat else None), ended=ended, ways_back=ways_back)


@use_case(
    permission=RED_BUTTON_PRESS,
    input=ResumeIn,
    output=StopList,
    scopes=ANSWERED,
    backdated=NOW,
    in_person=t("Do it on the page “Emergency stop”."),
    narrowed=t("a whole service: a break-glass account only"),
)
async def resume_sign_in(work: Work, data: ResumeIn) -> StopList:
    """Let people sign in again. Sessions and tokens from before stay ended."""
    row = await find_stop(work, data.id)
    if row.scope_id != work.ctx.scope.id:
        raise NotFound
    if row.seat_id is None and not await is_break_glass(work.session, work.ctx.scope.id, work.ctx.actor.id):
        raise Refused(
            t("Only a break-glass account, or the operator of the platform, lets people sign in again."),
            t("Enter with the two halves of a break-glass account, or telephone the operator."),
        )
    await lift(work, row, data.reason)
    told = t("%(by)s lets people sign in to your service again.", by=work.ctx.actor.name)
    await tell_answerable(work, told)
    return await _listed(work)


async def find_stop(work: Work, text: str) -> SignInStop:
    """Return a stop that the scope may see, locked until the transaction ends. Raises ``NotFound``."""
    try:
        key = UUID(text)
    except ValueError:
        raise NotFound from None
    row = await work.session.scalar(select(SignInStop).where(SignInStop.id == key).with_for_update())
    if row is None:
        raise NotFound
    return row


async def lift(work: Work, row: SignInStop, reason: str) -> None:
    """End a stop, and say so in the log of whoever does it."""
    if row.lifted_at is not None:
        raise Refused(t("Signing in goes on here already."), t("Look at the page “Emergency stop”."))
    row.lifted_at, row.lifted_by, row.lift_reason = work.now, work.ctx.actor.name, reason
    await work.session.flush()
    name = await account_of(work, row.seat_id)
    after = None if name is None else {"account": name}
    await work.audit("sign_in_stop.resume", (SUBJECT, row.id), after=after, reason=reason)


async def _listed(work: Work) -> StopList:
    own = select(SignInStop, Seat.name).outerjoin(
        Seat, (Seat.tenant_id == SignInStop.scope_id) & (Seat.id == SignInStop.seat_id)
    )
    rows = await work.session.execute(
        own.where(SignInStop.scope_id == work.ctx.scope.id).order_by(SignInStop.began_at.desc()).limit(SHOWN)
    )
    return StopList(
        stops=[stop_out(row, name) for row, name in rows],
        reach=await reach(work, spared=work.ctx.actor.id),
        ways_back=await ready_count(work.session, work.ctx.scope.id),
    )
