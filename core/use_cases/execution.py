"""The one way a use case is run from outside: permission, transactions, idempotency, retries."""

from __future__ import annotations

from contextlib import nullcontext
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple, TypeVar

import msgspec
from sqlalchemy.exc import DBAPIError
from sqlalchemy.ext.asyncio import AsyncSession
from sqlalchemy.orm.exc import StaleDataError

from core.context import Actor, Ctx
from core.database.sessions import tenant_session
from core.errors import Conflict, Forbidden, NotFound
from core.hooks.types import Transition
from core.text import t
from core.use_cases.authorizing import authorize
from core.use_cases.conflicts import refuse_touched
from core.use_cases.declaration import UseCase
from core.use_cases.idempotency import Remembered, UnderWay, hold, release, remember, remembered
from core.use_cases.step_up import require_step_up
from core.use_cases.work import Moved, Still, Work

FOREIGN_KEY = "23503"
UNIQUE = "23505"
PASSING = frozenset({UNIQUE, "40001", "40P01"})
"""States after which a second attempt may do better: added meanwhile, not serializable, deadlock."""

PAUSE, PATIENCE = 0.1, 15.0
"""Seconds between two looks whether a call that was sent twice is done, and for how long to look."""

In = TypeVar("In", bound=msgspec.Struct)
Out = TypeVar("Out")


@dataclass(frozen=True, slots=True)
class Call:
    """What came with the input; ``since`` when its key is claimed, if it was claimed in an earlier transaction."""

    on: date | None
    key: str | None
    expected: int | None
    still: Still | None
    since: datetime | None = None


class Asked(NamedTuple):
    """What hooks said before the transaction."""

    permit: Transition | None
    decided: Any


async def execute(
    case: UseCase[In, Out],
    ctx: Ctx,
    data: In,
    *,
    on: date | None = None,
    key: str | None = None,
    expected: int | None = None,
    still: Still | None = None,
) -> Out:
    """Run ``case`` for ``ctx`` and return its output.

    ``on`` is the civil date from which the change is true (today in the scope's zone if
    none); ``key`` the idempotency key: a second call with the same key and input returns
    the first answer, for which it waits if need be, and is ``Refused`` if that was shown once; ``expected`` the
    version the caller saw. ``still`` is asked first in the transaction that changes, and before the hooks are asked:
    the caller was found in another, and reading what they sent takes as long as they like. What is
    done is done by whoever they are then.

    Raises what the use case raises, and ``Forbidden``, ``NotFound`` (another kind of
    scope, or an identifier of nothing in this one), ``StepUpNeeded``, ``Conflict`` (the row moved
    twice under us, or somebody added the same).
    """
    if ctx.scope.kind not in case.scopes:
        raise NotFound
    let_in(case, ctx.actor)
    require_step_up(ctx.actor, case.step_up)
    case.require_person(ctx.actor)
    key = None if case.forgets else key
    call = Call(on=on, key=key, expected=expected, still=still)
    if (case.before or case.transition) and (key or still) is not None:
        ctx, first, call = await _claim(case, ctx, data, call)
        if first is not None:
            return _as_answered(case, first)
    try:
        return await _attempts(case, ctx, data, call)
    except BaseException:
        if call.key is not None and call.since is not None:
            async with tenant_session(ctx) as session:
                await release(Work(ctx, session, ctx.today, ctx.clock.now()), call.key, call.since)
        raise


def let_in(case: UseCase[In, Out], actor: Actor) -> None:
    """Raise ``Forbidden`` unless ``actor`` may do ``case`` for at least some subject."""
    if not actor.may_at_all(case.permission) or (actor.reads_only and not case.reads):
        raise Forbidden(case.permission)


async def acting_now(case: UseCase[In, Out], ctx: Ctx, session: AsyncSession, *, still: Still | None) -> Ctx:
    """Return ``ctx`` as whoever acts by now, for whom ``session`` then is, if they may still do ``case``."""
    if still is None:
        return ctx
    now = ctx.acting_as(await still(session))
    let_in(case, now.actor)
    session.info["ctx"] = now
    return now


def _judge(error: DBAPIError, *, last: bool) -> None:
    """Raise what a database error means to the caller; return if it is worth another attempt.

    Use cases check before they write. What is left is what came between the check and the
    write, and identifiers that no use case looked up: those are not this scope's.
    """
    state = getattr(error.orig, "sqlstate", None)
    if state == FOREIGN_KEY:
        raise NotFound from error
    if state not in PASSING:
        raise error
    if last:
        raise Conflict(t("Somebody else added the same at this moment.")) from error


async def _claim(case: UseCase[In, Out], ctx: Ctx, data: In, call: Call) -> tuple[Ctx, Remembered | None, Call]:
    """Return who acts now and, where there is a key, its first answer or the call with since when it is claimed.

    It is claimed before the hooks are asked: what one of them does is not done twice, though the same is sent twice
    in one instant. Whoever comes second waits for the first. Raises ``Conflict`` where that takes too long.
    """
    ends = ctx.clock.monotonic() + PATIENCE
    claims = call.key is not None and not case.reads
    while True:
        try:
            async with tenant_session(ctx, read_only=not claims) as session:
                acting = await acting_now(case, ctx, session, still=call.still)
                require_step_up(acting.actor, case.step_up)
                if call.key is None or not claims:
                    return acting, None, call
                work = Work(acting, session, call.on or acting.today, acting.clock.now())
                first = await remembered(work, case, call.key, data, call.on)
                return acting, first, replace(call, since=work.now)
        except UnderWay:
            if ctx.clock.monotonic() > ends:
                raise Conflict(
                    t("The same was sent before and is not finished."), t("Wait a minute, then open the page again.")
                ) from None
        await ctx.clock.sleep(PAUSE)


async def _attempts(case: UseCase[In, Out], ctx: Ctx, data: In, call: Call) -> Out:
    """Run the use case, once more if something came in between; hooks are asked anew only if that moved."""
    asked: Asked | None = None
    for attempt in (1, 2):
        try:
            asked = asked or await _ask(case, ctx, data, call.on or ctx.today)
            return await _attempt(case, ctx, data, call, asked)
        except Moved:
            asked = None
            if attempt == 2:
                raise Conflict from None
        except StaleDataError:
            if attempt == 2 or call.expected is not None:
                raise Conflict from None
        except DBAPIError as error:
            _judge(error, last=attempt == 2)
    raise Conflict


async def _ask(case: UseCase[In, Out], ctx: Ctx, data: In, day: date) -> Asked:
    """Ask the hooks. Whoever touched the case is refused before: what a plugin has done is not taken back."""
    if case.cases is not None and (case.before or case.transition) and ctx.scope.kind == "program":
        async with tenant_session(ctx, read_only=True) as session:
            work = Work(ctx, session, day, ctx.clock.now())
            await refuse_touched(work, await case.cases(work, data, None))
    permit = await authorize(ctx, await case.transition(ctx, data, day)) if case.transition else None
    return Asked(permit, await case.before(ctx, data) if case.before else None)


async def _attempt(case: UseCase[In, Out], ctx: Ctx, data: In, call: Call, asked: Asked) -> Out:
    read_only = case.reads and not case.records(ctx.scope.kind)
    async with (
        case.around(ctx) if case.around else nullcontext() as around,
        tenant_session(ctx, read_only=read_only, health=case.health) as session,
    ):
        ctx = await acting_now(case, ctx, session, still=call.still)
        require_step_up(ctx.actor, case.step_up)
        work = Work(ctx, session, call.on or ctx.today, ctx.clock.now(), expected=call.expected, around=around)
        work.still, work.permit, work.decided = call.still, asked.permit, asked.decided
        if case.reads or call.key is None:
            return await _run(case, work, data)
        if call.since is not None:
            await hold(work, call.key, call.since)
        elif (first := await remembered(work, case, call.key, data, call.on)) is not None:
            return _as_answered(case, first)
        result = await _run(case, work, data)
        if case.shown_once is None:
            await remember(work, call.key, result)
        return result


def _as_answered(case: UseCase[In, Out], first: Remembered) -> Out:
    answer: Out = msgspec.convert(first.answer, case.output, strict=False)
    return answer


async def _run(case: UseCase[In, Out], work: Work, data: In) -> Out:
    result = await case(work, data)
    if not (case.reads or case.quiet or work.audited):
        raise AssertionError(
            f"{case.key} wrote nothing to the audit log: every change has an actor, a reason and a date"
        )
    return result
