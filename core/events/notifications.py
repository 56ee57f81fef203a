"""Sentences for people, kept until they are read. Rendered in the reader's language when shown."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import func, insert, select, update
from sqlalchemy.ext.asyncio import AsyncSession

from core.database.writing import Writing
from core.events.models import ChannelAddress, NotificationRow
from core.events.outbox import emit
from core.ids import new_id
from core.text import Text

NOTIFIED = "notification_made"
"""The event of a notification whose reader is told in a channel, too."""
NOTIFICATION = "notification"


async def notify(
    writing: Writing,
    sentence: str,
    *,
    link: str,
    role: str | None = None,
    seat: UUID | None = None,
    params: Mapping[str, Any] | None = None,
) -> int:
    """Tell everybody in this scope who holds ``role``, or one ``seat``; return how many were told.

    ``sentence`` is translatable, ``params`` are its values (text, numbers, dates, sentences).
    ``link`` is an address within the scope: ``/nominations/…``.
    """
    if (role is None) == (seat is None):
        raise TypeError("notify() takes a role or a seat, not both and not neither")
    ctx = writing.ctx
    if seat is not None:
        seats = [seat]
    else:
        seats = [person.id for person in await ctx.people.holders(writing.session, role or "")]
    rows: list[dict[str, Any]] = [
        {
            "tenant_id": ctx.scope.id,
            "id": new_id(ctx.clock),
            "seat_id": one,
            "sentence": sentence,
            "params": {name: packed(value) for name, value in (params or {}).items()},
            "link": link,
            "at": writing.now,
        }
        for one in dict.fromkeys(seats)
    ]
    if rows:
        await writing.session.execute(insert(NotificationRow), rows)
        reached = await _reached(writing, [row["seat_id"] for row in rows])
        for made, told in [(row["id"], row["seat_id"]) for row in rows]:
            if told in reached:
                await emit(writing, NOTIFIED, (NOTIFICATION, made))
    return len(rows)


async def _reached(writing: Writing, seats: Sequence[Any]) -> frozenset[UUID]:
    """Return those of the seats who want to be told at once in a channel, too."""
    found = await writing.session.scalars(
        select(ChannelAddress.seat_id).where(
            ChannelAddress.tenant_id == writing.ctx.scope.id,
            ChannelAddress.seat_id.in_(seats),
            ChannelAddress.confirmed_at.is_not(None),
            ChannelAddress.rhythm == "each",
        )
    )
    return frozenset(found)


async def read_for_all(writing: Writing, sentence: str, *, link: str, seat: UUID | None = None) -> None:
    """Mark as read, whoever was told, what this ``sentence`` asked for at ``link``: it is done, or is no more.

    With a ``seat``, only what that one was told.
    """
    unread = update(NotificationRow).where(
        NotificationRow.tenant_id == writing.ctx.scope.id,
        NotificationRow.sentence == sentence,
        NotificationRow.link == link,
        NotificationRow.read_at.is_(None),
    )
    if seat is not None:
        unread = unread.where(NotificationRow.seat_id == seat)
    await writing.session.execute(unread.values(read_at=writing.now))


async def unread_count(session: AsyncSession, tenant_id: UUID, seat_id: UUID) -> int:
    """Return how many notifications the seat has not read."""
    unread = select(func.count()).where(
        NotificationRow.tenant_id == tenant_id,
        NotificationRow.seat_id == seat_id,
        NotificationRow.read_at.is_(None),
    )
    return await session.scalar(unread) or 0


def text_of(row: NotificationRow) -> Text:
    """Return the sentence with its values, as they were given."""
    return Text(row.sentence, {name: unpacked(value) for name, value in row.params.items()})


def packed(value: Any) -> Any:
    """Return a value of a sentence as JSON can hold it: a day, an instant or another sentence stays one."""
    match value:
        case Text():
            return {"text": value.id, "params": {name: packed(one) for name, one in value.params.items()}}
        case list() | tuple():
            return [packed(one) for one in value]
        case datetime():
            return {"instant": value.isoformat()}
        case date():
            return {"day": value.isoformat()}
    return msgspec.to_builtins(value, enc_hook=str)


def unpacked(value: Any) -> Any:
    """Return what ``packed`` was given."""
    match value:
        case {"text": str(sentence), "params": dict(params)}:
            return Text(sentence, {name: unpacked(one) for name, one in params.items()})
        case {"instant": str(instant)}:
            return datetime.fromisoformat(instant)
        case {"day": str(day)}:
            return date.fromisoformat(day)
        case list():
            return [unpacked(one) for one in value]
    return value
