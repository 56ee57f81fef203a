"""The outbox is the queue: an event and one job per subscriber, in the transaction of the change."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import insert, select

from core.context import ScopeKind
from core.database.directory import ScopeRow
from core.database.writing import Writing
from core.events.models import EventRow, JobRow
from core.events.subscribers import Subscriber, subscribers_of
from core.ids import new_id


async def emit(writing: Writing, event: str, subject: tuple[str, UUID], *, tenant: UUID | None = None) -> UUID:
    """Write that ``event`` happened to ``subject`` (kind and id), with its jobs, and return its id.

    ``tenant`` is the scope whose row the subject is, the writing scope if none. If the
    transaction is rolled back, nothing happened and nobody is told.
    """
    ctx, owner = writing.ctx, tenant or writing.ctx.scope.id
    event_id = new_id(ctx.clock)
    about = {"subject_kind": subject[0], "subject_id": subject[1], "owner_id": owner}
    when = {"on_day": writing.on, "request_id": ctx.request_id}
    row = insert(EventRow).values(
        tenant_id=ctx.scope.id, id=event_id, name=event, at=writing.now, by_seat=ctx.actor.id, **about, **when
    )
    await writing.session.execute(row)
    jobs = [
        {
            "id": new_id(ctx.clock),
            "scope_id": scope_id,
            "subscriber": subscriber.name,
            "event_id": event_id,
            "event": event,
            "writer_id": ctx.scope.id,
            "created_at": writing.now,
            "due_at": writing.now,
            **about,
            **when,
        }
        for subscriber in subscribers_of(event)
        for scope_id in await _where(writing, subscriber, owner)
    ]
    if jobs:
        await writing.session.execute(insert(JobRow), jobs)
    return event_id


async def _where(writing: Writing, subscriber: Subscriber, owner: UUID) -> list[UUID]:
    """Return the scope in which to run ``subscriber``: one, or none if it is of another kind."""
    scope = writing.ctx.scope
    known: dict[UUID, ScopeKind] = {scope.id: scope.kind}
    if subscriber.side in ("program", "platform"):
        there = scope.kind == subscriber.side
        return [scope.id] if there else await _select(writing, ScopeRow.kind == subscriber.side)
    wanted = scope.id if subscriber.side == "writer" else owner
    if not subscriber.kinds:
        return [wanted]
    if wanted in known:
        return [wanted] if known[wanted] in subscriber.kinds else []
    return await _select(writing, ScopeRow.id == wanted, ScopeRow.kind.in_(subscriber.kinds))


async def _select(writing: Writing, *conditions: Any) -> list[UUID]:
    return list((await writing.session.scalars(select(ScopeRow.id).where(*conditions))).all())
