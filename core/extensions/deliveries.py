"""Seeing what waits for a plugin and what it did not take, and sending that again."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Annotated
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, case, func, select

from core.errors import NotFound, Refused
from core.extensions.lifecycle import PLUGIN_MANAGE, PLUGIN_PEOPLE, PLUGIN_READ
from core.extensions.models import Delivery, PluginTask
from core.extensions.reading import state_of
from core.extensions.scheduling import TASK
from core.extensions.schemas import ByName
from core.extensions.telling import DELIVERY, send
from core.hooks.data import Words
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.fields import field
from core.use_cases.output import shown
from core.use_cases.paging import AT_ONCE, MOST, beyond, cut
from core.use_cases.work import Work


class ListDeliveries(msgspec.Struct, frozen=True, kw_only=True):
    """Of which plugin; ``after`` is a cursor."""

    name: str
    after: Annotated[UUID, field(t("After"), widget="hidden")] | None = None
    limit: Annotated[int, field(t("Rows"), widget="hidden", least=1, most=MOST)] = AT_ONCE


class OneDelivery(msgspec.Struct, frozen=True):
    """A delivery by its id, and its plugin by name."""

    name: str
    id: str


class ReceiptOut(msgspec.Struct, frozen=True, kw_only=True):
    """What the other side gave for a delivery. ``newer``: what was told had changed since it was put here.

    ``reference`` and ``note`` are the plugin's own words: for whoever may read what these may quote.
    """

    reference: str | None
    at: datetime | None
    note: Words | None
    newer: bool


class DeliveryOut(msgspec.Struct, frozen=True, kw_only=True):
    """One delivery. ``task``: what it runs, where it is a run of a task.

    For whoever may not read what may quote somebody, ``task`` is there where it stands in the plugin's code.
    ``reason``: in the plugin's own words, for whoever may read what these may quote.
    """

    id: UUID
    hook: str
    event: str
    event_id: UUID
    subject_kind: str
    subject_id: UUID
    state: str
    attempts: int
    cause: str | None
    reason: Words | None
    failure: str | None
    receipt: ReceiptOut | None
    created_at: datetime
    tried_at: datetime | None
    ended_at: datetime | None
    task: Words | None = None


class DeliveryList(msgspec.Struct, frozen=True):
    """What is dead, what waits, and the rest; ``dead`` and ``waiting`` count all there are. ``next`` is a cursor."""

    plugin: str
    deliveries: list[DeliveryOut]
    waiting: int
    dead: int
    next: UUID | None


class Sent(msgspec.Struct, frozen=True):
    """How many deliveries were put into the outbox again."""

    plugin: str
    count: int


@use_case(permission=PLUGIN_READ, input=ListDeliveries, output=DeliveryList, reads=True)
async def list_deliveries(work: Work, data: ListDeliveries) -> DeliveryList:
    """List what was told to a plugin: dead letters first, then what waits, then what ended."""
    counted = await work.session.execute(
        select(Delivery.state, func.count().label("count_of")).where(*_of(work, data.name)).group_by(Delivery.state)
    )
    counts: dict[str, int] = {row.state: row.count_of for row in counted}
    if not counts:
        await state_of(work, data.name)
    urgency = case((Delivery.state == "dead", 2), (Delivery.state == "waiting", 1), else_=0)
    order = (urgency.label("urgency"), Delivery.created_at, Delivery.id)
    every = select(Delivery).where(*_of(work, data.name))
    query = every.order_by(*(column.desc() for column in (urgency, *order[1:]))).limit(data.limit + 1)
    if data.after:
        query = query.where(beyond(every, order, Delivery.id, data.after, descending=True))
    found, following = cut((await work.session.scalars(query)).all(), data.limit)
    return DeliveryList(data.name, await _out(work, found), counts.get("waiting", 0), counts.get("dead", 0), following)


@use_case(permission=PLUGIN_READ, input=OneDelivery, output=DeliveryOut, reads=True)
async def get_delivery(work: Work, data: OneDelivery) -> DeliveryOut:
    """Show one delivery with its attempts."""
    (found,) = await _out(work, [await _find(work, data)])
    return found


@use_case(permission=PLUGIN_MANAGE, input=OneDelivery, output=DeliveryOut, backdated=NOW)
async def resend_delivery(work: Work, data: OneDelivery) -> DeliveryOut:
    """Give a dead delivery all its attempts again."""
    row = await _find(work, data)
    # Of two who send it again at once the second waits here, and sees what the first did.
    await work.session.refresh(row, with_for_update=True)
    if row.state != "dead":
        raise Refused(
            t("It was not given up: it is done, or will be tried again by itself."),
            t("Only a delivery that was given up can be sent again."),
        )
    await revive(work, row)
    (found,) = await _out(work, [row])
    return found


@use_case(permission=PLUGIN_MANAGE, input=ByName, output=Sent, backdated=NOW)
async def resend_deliveries(work: Work, data: ByName) -> Sent:
    """Give all dead deliveries of a plugin their attempts again, the oldest first."""
    dead = select(Delivery).where(*_of(work, data.name), Delivery.state == "dead")
    found = list(await work.session.scalars(dead.order_by(Delivery.created_at, Delivery.id).with_for_update()))
    if not found:
        raise Refused(t("Nothing was given up."), t("Only a delivery that was given up can be sent again."))
    for row in found:
        await revive(work, row)
    return Sent(data.name, len(found))


async def revive(work: Work, row: Delivery) -> None:
    """Give a dead delivery all its attempts again, in the name of who asks for it."""
    row.state, row.attempts, row.ended_at = "waiting", 0, None
    await work.audit("plugin_delivery.resend", (DELIVERY, row.id), after={"plugin": row.plugin, "hook": row.hook})
    await send(work, row)


def _of(work: Work, plugin: str) -> tuple[ColumnElement[bool], ...]:
    return Delivery.tenant_id == work.ctx.scope.id, Delivery.plugin == plugin


async def _find(work: Work, data: OneDelivery) -> Delivery:
    row: Delivery = await work.get(Delivery, data.id)
    if row.plugin != data.name:
        raise NotFound
    return row


async def _out(work: Work, rows: Sequence[Delivery]) -> list[DeliveryOut]:
    ran = {row.subject_id for row in rows if row.subject_kind == TASK}
    known = select(PluginTask).where(PluginTask.tenant_id == work.ctx.scope.id, PluginTask.id.in_(ran))
    tasks = {one.id: one for one in await work.session.scalars(known)} if ran else {}
    return [_one_out(work, row, tasks.get(row.subject_id)) for row in rows]


def _one_out(work: Work, row: Delivery, task: PluginTask | None) -> DeliveryOut:
    titled: Words | None = {"en": task.title_en, "fr": task.title_fr} if task is not None else None
    receipt = msgspec.convert(row.receipt, ReceiptOut) if row.receipt else None
    if work.ctx.actor.may(PLUGIN_PEOPLE):
        return shown(DeliveryOut, row, task=titled, receipt=receipt)
    unquoted = msgspec.structs.replace(receipt, reference=None, note=None) if receipt else None
    own = work.ctx.hooks.texts_of(row.plugin)
    named = titled if titled is not None and own.issuperset(titled.values()) else None
    return shown(DeliveryOut, row, task=named, receipt=unquoted, reason=None)
