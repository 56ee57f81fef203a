"""Use cases on records for HR: look at them, say which plugin is the HR system, send again what was given up."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any, Literal
from uuid import UUID

from sqlalchemy import func, select

from core.errors import Fault, Invalid, Refused
from core.extensions.deliveries import revive
from core.extensions.models import Delivery
from core.hooks.specs import hr_write_back
from core.hooks.standing import running
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.output import shown
from core.use_cases.paging import cut
from core.use_cases.work import Work
from core.workforce.lifecycle import HR_LOAD, HR_READ, HR_SCOPE
from core.workforce.models import HrEntry, HrKeeper
from core.workforce.record_schemas import KeeperIn, KeeperOut, ListRecords, OfRecord, RecordList, RecordOut
from core.workforce.recording import ENTRY, drop_waiting, queue_all
from core.workforce.register import bound


@use_case(permission=HR_READ, input=ListRecords, output=RecordList, reads=True)
async def list_records(work: Work, data: ListRecords) -> RecordList:
    """List what the HR system is to keep of tours, the latest first, with the receipts it gave."""
    query = select(HrEntry).where(HrEntry.tenant_id == work.ctx.scope.id).order_by(HrEntry.id.desc())
    if data.state == "open":
        query = query.where(HrEntry.written < HrEntry.revision)
    if data.after:
        query = query.where(HrEntry.id < data.after)
    entries, following = cut(list(await work.session.scalars(query.limit(data.limit + 1))), data.limit)
    dead = select(func.count()).where(*_deliveries(work), Delivery.state == "dead")
    refused = int(await work.session.scalar(dead) or 0)
    return RecordList(await records_out(work, entries), await _keeper(work), refused, following)


@use_case(permission=HR_READ, input=OfRecord, output=RecordOut, reads=True)
async def get_record(work: Work, data: OfRecord) -> RecordOut:
    """Show one record for the HR system: what it says, how far it has come, and the receipt."""
    (found,) = await records_out(work, [await work.get(HrEntry, data.id)])
    return found


@use_case(permission=HR_LOAD, input=OfRecord, output=RecordOut, backdated=NOW)
async def send_record_again(work: Work, data: OfRecord) -> RecordOut:
    """Send a record for the HR system again that was given up, as it is now."""
    entry: HrEntry = await work.get(HrEntry, data.id)
    dead = select(Delivery).where(*_deliveries(work), Delivery.subject_id == entry.id, Delivery.state == "dead")
    row = await work.session.scalar(dead.with_for_update())
    if row is None:
        raise Refused(
            t("It was not given up: HR has it, or it will be tried again by itself."),
            t("Only a record that was given up can be sent again."),
        )
    entry.refused = None
    await revive(work, row)
    (found,) = await records_out(work, [entry])
    return found


@use_case(permission=HR_SCOPE, input=KeeperIn, output=KeeperOut, backdated=NOW)
async def choose_keeper(work: Work, data: KeeperIn) -> KeeperOut:
    """Say which plugin is the service's HR system, in which is recorded what follows from tours."""
    if data.plugin and data.plugin not in await _able(work):
        raise Invalid([Fault("/plugin", t("Choose a plugin that is in use here and records in an HR system."))])
    query = select(HrKeeper).where(HrKeeper.tenant_id == work.ctx.scope.id)
    row = await work.session.scalar(query.with_for_update())
    before = row.plugin if row else None
    if row is None:
        row = HrKeeper(tenant_id=work.ctx.scope.id, id=work.new_id(), created_at=work.now)
        work.session.add(row)
    else:
        work.check_version(row)
    row.plugin = data.plugin or None
    await work.session.flush()
    if row.plugin != before:
        await drop_waiting(work)
        if row.plugin is not None:
            await queue_all(work, row.plugin)
    await work.audit("hr_keeper.choose", ("hr_keeper", row.id), before={"plugin": before}, after={"plugin": row.plugin})
    return await _keeper(work)


async def records_of(work: Work, tour_id: UUID) -> list[RecordOut]:
    """Return what HR is to keep of a tour, in the order in which it comes about."""
    query = select(HrEntry).where(HrEntry.tenant_id == work.ctx.scope.id, HrEntry.tour_id == tour_id)
    return await records_out(work, list(await work.session.scalars(query.order_by(HrEntry.id))))


async def records_out(work: Work, entries: Iterable[HrEntry]) -> list[RecordOut]:
    """Return entries with how far each has come, and of whom they are."""
    found = list(entries)
    people = await bound().numbers(work, {one.officer_id for one in found})
    of_them = select(Delivery).where(*_deliveries(work), Delivery.subject_id.in_([one.id for one in found]))
    # Of the deliveries of one entry the latest comes last and is the one that counts.
    rows = await work.session.scalars(of_them.order_by(Delivery.created_at, Delivery.id))
    latest = {row.subject_id: row for row in rows}
    return [_out(one, people.get(one.officer_id, {}), latest.get(one.id)) for one in found]


def _out(entry: HrEntry, person: Mapping[str, Any], delivery: Delivery | None) -> RecordOut:
    owed = entry.written < entry.revision
    live = delivery if delivery is not None and owed and delivery.state in ("waiting", "dead") else None
    return shown(
        RecordOut,
        entry,
        employee_number=person.get("employee_number"),
        name=person.get("name"),
        state=_state(entry, live),
        cause=live.cause if live else None,
        reason=live.reason if live else None,
    )


def _state(
    entry: HrEntry, live: Delivery | None
) -> Literal["recorded", "withdrawn", "not_kept", "waiting", "refused", "held"]:
    if entry.written == entry.revision:
        return "not_kept" if entry.reference is None else "withdrawn" if entry.withdrawn else "recorded"
    if live is None:
        return "held"
    return "refused" if live.state == "dead" else "waiting"


def _deliveries(work: Work) -> tuple[Any, ...]:
    return Delivery.tenant_id == work.ctx.scope.id, Delivery.subject_kind == ENTRY


async def _keeper(work: Work) -> KeeperOut:
    row = await work.session.scalar(select(HrKeeper).where(HrKeeper.tenant_id == work.ctx.scope.id))
    able = await _able(work)
    plugin = row.plugin if row else None
    offered = {name: work.ctx.hooks.registry.plugins[name].manifest.title for name in able}
    return KeeperOut(plugin=plugin, runs=plugin in able, offered=offered, version=row.version if row else 0)


async def _able(work: Work) -> list[str]:
    """Return the plugins that run here and record in an HR system."""
    registry = await work.ctx.hooks.look(work.session)
    return await running(work.session, work.ctx, registry, hr_write_back.__name__)
