"""Telling people besides on their pages: by the channel of a plugin, at an address that its owner has confirmed."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from core.context import Ctx
from core.database.sessions import tenant_session
from core.events.models import ChannelAddress, NotificationRow
from core.events.notifications import NOTIFICATION
from core.events.subscribers import Event
from core.extensions.telling import put
from core.hooks.granting import Grant
from core.hooks.models import PluginEnablement
from core.hooks.specs import deliver_notification
from core.people import Person
from core.use_cases.work import Work

DIGEST = "notification_digest"
ENTERED = "channel_address_entered"
ADDRESS = "channel_address"
CODE = "code_sealed"


async def pass_on(ctx: Ctx, event: Event) -> None:
    """Put a notification into the outbox of the channel by which its reader wants each."""
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, event.on, ctx.clock.now())
        row = await session.get(NotificationRow, (ctx.scope.id, event.subject_id))
        if row is not None:
            await put_for(work, row.seat_id, event.name, (NOTIFICATION, row.id), event_id=event.id)


async def put_for(
    work: Work, seat_id: UUID, event: str, subject: tuple[str, UUID], *, event_id: UUID, rhythm: str | None = "each"
) -> int:
    """Put a message for one seat into the outbox of its channels that are switched on; return how many there are.

    For one that is suspended, or waits for consent, it waits, as what has happened does.

    ``rhythm``: of the readers' choices, only this one; ``None``: whatever they chose, for what cannot wait for a day.
    """
    confirmed = select(ChannelAddress).where(
        ChannelAddress.tenant_id == work.ctx.scope.id,
        ChannelAddress.seat_id == seat_id,
        ChannelAddress.confirmed_at.is_not(None),
    )
    if rhythm is not None:
        confirmed = confirmed.where(ChannelAddress.rhythm == rhythm)
    switched_on = select(PluginEnablement.plugin).where(
        PluginEnablement.tenant_id == work.ctx.scope.id, PluginEnablement.state.in_(("enabled", "suspended"))
    )
    confirmed = confirmed.where(ChannelAddress.channel.in_(switched_on))
    installed = (await work.ctx.hooks.look(work.session)).plugins
    channels = [one.channel for one in await work.session.scalars(confirmed) if one.channel in installed]
    for channel in channels:
        await put(work, channel, deliver_notification.__name__, event, subject, event_id=event_id)
    return len(channels)


class PluginNotifications:
    """``ctx.notifications`` of one plugin in one tenant."""

    def __init__(self, grant: Grant) -> None:
        # Names that a plugin does not reach by accident; in-process code cannot be confined.
        self.__grant = grant
        self.__ctx = grant.ctx
        self.__plugin = grant.origin.plugin

    async def put_digests(self) -> int:
        await self.__grant.require_on()
        ctx, put_in = self.__ctx, 0
        async with tenant_session(ctx) as session:
            work = Work(ctx, session, ctx.today, ctx.clock.now())
            wanted = select(ChannelAddress).where(
                ChannelAddress.tenant_id == ctx.scope.id,
                ChannelAddress.channel == self.__plugin,
                ChannelAddress.confirmed_at.is_not(None),
                ChannelAddress.rhythm == "daily",
            )
            for address in await session.scalars(wanted.order_by(ChannelAddress.id).with_for_update()):
                if not await _anything_new(work, address):
                    continue
                address.digest_at = work.now
                about = (DIGEST, address.id)
                await put(work, self.__plugin, deliver_notification.__name__, DIGEST, about, event_id=work.new_id())
                put_in += 1
        return put_in


async def _anything_new(work: Work, address: ChannelAddress) -> bool:
    since = address.digest_at or address.confirmed_at
    unread = select(func.count()).where(
        NotificationRow.tenant_id == address.tenant_id,
        NotificationRow.seat_id == address.seat_id,
        NotificationRow.read_at.is_(None),
        NotificationRow.at >= since,
    )
    return bool(await work.session.scalar(unread))


async def address_for(work: Work, seat_id: UUID, channel: str) -> tuple[ChannelAddress, Person] | None:
    """Return where and whom to write to, if the address is confirmed and the seat may come in."""
    found = await work.session.scalar(
        select(ChannelAddress).where(
            ChannelAddress.tenant_id == work.ctx.scope.id,
            ChannelAddress.seat_id == seat_id,
            ChannelAddress.channel == channel,
            ChannelAddress.confirmed_at.is_not(None),
        )
    )
    return await with_reader(work, found)


async def with_reader(work: Work, address: ChannelAddress | None) -> tuple[ChannelAddress, Person] | None:
    """Return the address with whose it is, if their seat may come in."""
    person = await work.ctx.people.person(work.session, address.seat_id) if address is not None else None
    return (address, person) if address is not None and person is not None and person.active else None
