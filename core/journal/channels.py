"""Where one is told besides on one's pages: addresses in channels, entered and confirmed by their owner."""

from __future__ import annotations

import hmac
import re
import secrets
from datetime import datetime, timedelta
from typing import Annotated, Any, Literal

import msgspec
from sqlalchemy import case, select
from sqlalchemy.dialects.postgresql import insert

from core.database.sealing import seal, unseal
from core.errors import Fault, Invalid, NotFound, Refused
from core.events.models import ChannelAddress, ChannelCodes
from core.extensions.notifying import ADDRESS, CODE, ENTERED
from core.extensions.telling import put
from core.hooks.data import Words
from core.hooks.specs import deliver_notification
from core.hooks.standing import running
from core.hooks.titles import title_of_plugin
from core.journal.permissions import NOTIFICATION_READ
from core.text import t
from core.use_cases.declaration import NOW, Nothing, use_case
from core.use_cases.fields import field
from core.use_cases.output import shown
from core.use_cases.work import Work

LASTS = timedelta(days=1)
"""How long a code is good."""
CODES_A_DAY = 5
TRIES = 5
"""Wrong codes, after which another has to be sent."""
RHYTHMS = {"each": t("At once, each one"), "daily": t("Once a day, if something new waits")}

_ADDRESS = re.compile(r"[^@\s,;:<>()\[\]\\\"]+@[^@\s,;:<>()\[\]\\\"]+")
"""One address, and no list of them nor anything beside it."""

Rhythm = Literal["each", "daily"]


class ChannelOut(msgspec.Struct, frozen=True, kw_only=True):
    """A channel of the service, and one's own address in it. ``running``: it delivers at present."""

    channel: str
    title: Words
    running: bool
    address: str | None = None
    rhythm: Rhythm = "each"
    confirmed_at: datetime | None = None
    code_until: datetime | None = None


class ChannelList(msgspec.Struct, frozen=True):
    """The channels there are, and those in which one has an address."""

    channels: list[ChannelOut]


class EnterAddress(msgspec.Struct, frozen=True, kw_only=True):
    """An address to be told at; a code goes there first."""

    channel: Annotated[str, field(t("Channel"), widget="hidden", longest=40)]
    address: Annotated[str, field(t("E-mail address"), widget="email", shortest=3, longest=200)]
    rhythm: Annotated[Rhythm, field(t("When"), choices=RHYTHMS)] = "each"


class ConfirmAddress(msgspec.Struct, frozen=True, kw_only=True):
    """The code that came to the address."""

    channel: Annotated[str, field(t("Channel"), widget="hidden", longest=40)]
    code: Annotated[str, field(t("Code"), longest=20, help=t("Eight digits, from the message to your address."))]


class OfChannel(msgspec.Struct, frozen=True):
    """One's own address in a channel."""

    channel: str


@use_case(permission=NOTIFICATION_READ, input=Nothing, output=ChannelList, reads=True)
async def list_channels(work: Work, data: Nothing) -> ChannelList:
    """List the channels by which one can be told, with one's own addresses."""
    running = await _running(work)
    rows = await work.session.scalars(
        select(ChannelAddress).where(
            ChannelAddress.tenant_id == work.ctx.scope.id, ChannelAddress.seat_id == work.ctx.actor.id
        )
    )
    own = {row.channel: row for row in rows}
    found = []
    for channel in sorted({*running, *own}):
        title = title_of_plugin(channel, work.ctx.hooks.registry.plugins.get(channel))
        stands: dict[str, Any] = {"channel": channel, "title": title, "running": channel in running}
        found.append(shown(ChannelOut, own[channel], **stands) if channel in own else ChannelOut(**stands))
    return ChannelList(found)


@use_case(permission=NOTIFICATION_READ, input=EnterAddress, output=ChannelOut, backdated=NOW)
async def enter_address(work: Work, data: EnterAddress) -> ChannelOut:
    """Enter one's own address, or another one, or when to be told; a new address is sent a code."""
    if data.channel not in await _running(work):
        raise NotFound
    address = data.address.strip()
    if not _ADDRESS.fullmatch(address) or not address.isprintable():
        raise Invalid([Fault("/address", t("This is not an e-mail address."))])
    row = await _own(work, data.channel)
    if row is not None and row.confirmed_at is not None and row.address == address:
        row.rhythm = data.rhythm
    else:
        if row is None:
            row = ChannelAddress(
                tenant_id=work.ctx.scope.id,
                id=work.new_id(),
                seat_id=work.ctx.actor.id,
                channel=data.channel,
            )
            work.session.add(row)
        row.address, row.rhythm, row.confirmed_at, row.digest_at = address, data.rhythm, None, None
        await _send_code(work, row)
    await work.session.flush()
    await work.audit("channel_address.enter", (ADDRESS, row.id), after={"channel": row.channel, "rhythm": row.rhythm})
    return await _out(work, row)


@use_case(permission=NOTIFICATION_READ, input=ConfirmAddress, output=ChannelOut, backdated=NOW)
async def confirm_address(work: Work, data: ConfirmAddress) -> ChannelOut:
    """Confirm one's own address by the code that came there. Of wrong codes, five are taken."""
    row = await _own(work, data.channel)
    if row is None:
        raise NotFound
    if row.code_sealed is None or row.code_until is None or row.code_until < work.now or row.tries >= TRIES:
        raise Refused(
            t("There is no code to enter, or it is too old."), t("Enter your address again: a new one comes.")
        )
    code = unseal(work.ctx, ChannelAddress, row.id, row.code_sealed, column=CODE)
    given = "".join(one for one in data.code if one.isdigit()).encode()
    if not hmac.compare_digest(code, given):
        row.tries += 1
        await work.session.flush()
        await work.audit(
            "channel_address.refused", (ADDRESS, row.id), after={"channel": row.channel, "attempts": row.tries}
        )
        return await _out(work, row)
    row.confirmed_at, row.code_sealed, row.code_until, row.tries = work.now, None, None, 0
    await work.session.flush()
    await work.audit("channel_address.confirm", (ADDRESS, row.id), after={"channel": row.channel, "rhythm": row.rhythm})
    return await _out(work, row)


@use_case(permission=NOTIFICATION_READ, input=OfChannel, output=ChannelList, backdated=NOW)
async def remove_address(work: Work, data: OfChannel) -> ChannelList:
    """Remove one's own address: no message goes there any more."""
    row = await _own(work, data.channel)
    if row is None:
        raise NotFound
    await work.audit("channel_address.remove", (ADDRESS, row.id), after={"channel": row.channel})
    await work.session.delete(row)
    await work.session.flush()
    return await list_channels.body(work, Nothing())


async def _send_code(work: Work, row: ChannelAddress) -> None:
    await _count_code(work, row.channel)
    code = f"{secrets.randbelow(10**8):08}"
    row.tries = 0
    row.code_sealed = seal(work.ctx, ChannelAddress, row.id, code.encode(), column=CODE)
    row.code_until = work.now + LASTS
    await work.session.flush()
    hook = deliver_notification.__name__
    await put(work, row.channel, hook, ENTERED, (ADDRESS, row.id), event_id=work.new_id())


async def _count_code(work: Work, channel: str) -> None:
    """Count a code of today; refuse one too many, whatever became of the addresses to which the others went."""
    mine = {"tenant_id": work.ctx.scope.id, "seat_id": work.ctx.actor.id, "channel": channel}
    counted = insert(ChannelCodes).values(**mine, on_day=work.ctx.today, sent=1)
    today = ChannelCodes.on_day == work.ctx.today
    again = {"on_day": work.ctx.today, "sent": case((today, ChannelCodes.sent + 1), else_=1)}
    sent = counted.on_conflict_do_update(index_elements=list(mine), set_=again).returning(ChannelCodes.sent)
    if (await work.session.scalar(sent) or 0) > CODES_A_DAY:
        raise Refused(t("%(count)s codes were sent today.", count=CODES_A_DAY), t("Enter the address again tomorrow."))


async def _running(work: Work) -> list[str]:
    """Return the service's plugins that deliver notifications."""
    registry = await work.ctx.hooks.look(work.session)
    return await running(work.session, work.ctx, registry, deliver_notification.__name__)


async def _own(work: Work, channel: str) -> ChannelAddress | None:
    found: ChannelAddress | None = await work.session.scalar(
        select(ChannelAddress)
        .where(
            ChannelAddress.tenant_id == work.ctx.scope.id,
            ChannelAddress.seat_id == work.ctx.actor.id,
            ChannelAddress.channel == channel,
        )
        .with_for_update()
    )
    return found


async def _out(work: Work, row: ChannelAddress) -> ChannelOut:
    return next(one for one in (await list_channels.body(work, Nothing())).channels if one.channel == row.channel)
