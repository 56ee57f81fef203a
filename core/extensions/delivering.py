"""Delivering to one plugin what waits for it: read now, called now, written down, tried again."""

from __future__ import annotations

import logging
from datetime import datetime
from typing import Any, Literal
from uuid import UUID

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.subscribers import Event
from core.extensions.models import Delivery
from core.extensions.telling import ATTEMPTS, OVERTAKEN, how_delivered
from core.hooks.answers import Failure, redact
from core.hooks.marking import Rejected
from core.use_cases.work import Work

REFUSED = "refused"
GONE: Literal["gone"] = "gone"
UNTOLD = (GONE, OVERTAKEN)
"""Why there is nothing to tell a plugin any more: what it is about is gone, or was told with another delivery."""

log = logging.getLogger("contingent.plugins")


class NotDelivered(Exception):
    """It was not done, and is to be tried again."""


async def attempt(ctx: Ctx, event: Event) -> None:
    """Make one attempt at the delivery that the job names. Raises ``NotDelivered`` where another is to follow.

    A job that a person's sending again has overtaken makes none: of one delivery there is one job.

    The attempt is written down before the plugin is called: one that takes its process with it counts too.
    """
    async with tenant_session(ctx) as session:
        row = await _waiting(ctx, session, event.subject_id)
        if row is None or row.sending_id != event.id:
            return
        row.attempts += 1
        row.tried_at = ctx.clock.now()
    outcome = await _tell(ctx, row)
    async with tenant_session(ctx) as session:
        found = await _waiting(ctx, session, row.id)
        if found is None:
            return
        if found.attempts != row.attempts:
            raise NotDelivered  # this worker lost its claim, and another is at it by now: what comes of that counts
        now = ctx.clock.now()
        note(found, outcome, now)
        delivered = how_delivered(found)
        work = Work(ctx, session, found.on_day, now)
        if delivered is not None and delivered.done is not None and found.state == "done":
            await delivered.done(work, found, outcome)
        if delivered is not None and delivered.lost is not None and found.state == "dead":
            await delivered.lost(work, found, final=isinstance(outcome, Rejected) and outcome.final)
        again = found.state == "waiting"
    if again:
        raise NotDelivered


async def _tell(ctx: Ctx, row: Delivery) -> Any:
    """Read what is to be told and tell the plugin: return its answer, why there is none, or one of ``UNTOLD``.

    What cannot be read is no failure of the plugin's.
    """
    delivered = how_delivered(row)
    if delivered is None:
        return GONE
    try:
        async with tenant_session(ctx) as session:
            given = await delivered.read(Work(ctx, session, row.on_day, ctx.clock.now()), row)
    except Exception as error:  # noqa: BLE001 - whatever it was, the delivery is tried again
        why = redact(error)
        log.error("what plugin %s was to be told could not be read: %s", row.plugin, why)  # noqa: TRY400 - see redact
        return Failure(ctx.scope.id, row.plugin, row.hook, "raised", why)
    if given is None or given == OVERTAKEN:
        return given or GONE
    return await ctx.hooks.deliver(row.plugin, delivered.spec, **given)


def note(row: Delivery, outcome: Any, now: datetime) -> None:
    """Write down what came of an attempt, and whether another is to follow."""
    final = False
    match outcome:
        case "gone" | "overtaken":
            _end(row, "dropped", now, cause=outcome)
        case Failure(cause="disabled"):
            _end(row, "dropped", now, cause="disabled")
        case Rejected():
            row.cause, row.reason, row.failure, final = REFUSED, dict(outcome.reason), None, outcome.final
        case Failure():
            row.cause, row.reason, row.failure = outcome.cause, None, outcome.error or None
        case _:
            _end(row, "done", now)
    if row.state == "waiting" and (final or row.attempts >= ATTEMPTS):
        row.state, row.ended_at = "dead", now


def _end(row: Delivery, state: str, now: datetime, *, cause: str | None = None) -> None:
    row.state, row.ended_at = state, now
    row.cause, row.reason, row.failure = cause, None, None


async def _waiting(ctx: Ctx, session: Any, id: UUID) -> Delivery | None:
    row: Delivery | None = await session.get(Delivery, (ctx.scope.id, id), with_for_update=True)
    return row if row is not None and row.state == "waiting" else None
