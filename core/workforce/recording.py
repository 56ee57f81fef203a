"""What HR is to keep of tours: said by the rooms that know, kept here, told through the outbox to one plugin.

::

    @records("leave")
    async def leave_of(work: Work, tour_id: UUID) -> About | None: ...

Of each tour and kind there is one entry, and of each entry at most one delivery that is not over: so
no two calls about it overtake each other, and what changes while one waits is told with it.

What is refused for good stays refused until a person sends it again, or something changes that the answer may
depend on: the entry, the person's number, the plugin's settings or secrets, its version.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import Any, Literal, NamedTuple, TypeVar
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import ColumnElement, select, update
from sqlalchemy.dialects.postgresql import insert

from core.context import Ctx
from core.database.sessions import tenant_session
from core.extensions.models import Delivery
from core.extensions.telling import OVERTAKEN, delivers, put
from core.hooks import hr
from core.hooks.specs import hr_write_back
from core.hooks.standing import look_up
from core.text import t
from core.use_cases.work import Work
from core.workforce.models import HrEntry, HrKeeper
from core.workforce.register import bound

ENTRY = "hr_entry"
PARTS: Mapping[str, type[hr.Leave | hr.Training | hr.Experience | hr.Duty]] = {
    "leave": hr.Leave,
    "training": hr.Training,
    "experience": hr.Experience,
    "duty": hr.Duty,
}
NOT_TAKEN = t("Your HR system did not take a record. See why, mend it there or in the settings, and send it again.")
FINAL, GIVEN_UP = "final", "given_up"
TOLD_OF_IT = ("hr_clerk", "administrator")


class About(NamedTuple):
    """What is so of a tour, for one kind of record."""

    officer_id: UUID
    mission: str
    content: hr.Leave | hr.Training | hr.Experience | hr.Duty


Describe = Callable[[Work, UUID], Awaitable[About | None]]
D = TypeVar("D", bound=Describe)
RECORDS: dict[str, Describe] = {}
"""By kind: what there is to record of a tour; ``None``: nothing, or nothing any more."""


def records(kind: hr.RecordKind) -> Callable[[D], D]:
    """Have the decorated function say what HR is to keep of a tour, of this kind."""

    def declare(function: D) -> D:
        if RECORDS.setdefault(kind, function) is not function:
            raise TypeError(f"records of kind {kind} are declared twice: rename one")
        return function

    return declare


async def settle(ctx: Ctx, on: date, tour_id: UUID, kinds: Iterable[hr.RecordKind]) -> None:
    """Bring the entries of a tour up to date, and put into the outbox what HR does not have yet.

    Where the agency has named no plugin as its HR system nothing new is kept; what is kept already stays true, for
    whichever plugin it names next.
    """
    listening = await ctx.hooks.listeners(hr_write_back)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, on, ctx.clock.now())
        keeper = await keeper_of(work)
        for kind in kinds:
            entry = await _refresh(work, tour_id, kind, begin=keeper is not None)
            if entry is not None and keeper is not None and keeper in listening:
                await queue(work, entry, keeper)


async def follow_numbers(ctx: Ctx, on: date, officer_id: UUID | None = None) -> None:
    """Have HR correct what it was told under a wrong number: of one officer, or of whoever has another by now."""
    listening = await ctx.hooks.listeners(hr_write_back)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, on, ctx.clock.now())
        keeper = await keeper_of(work)
        told = select(HrEntry.tour_id, HrEntry.kind, HrEntry.officer_id, HrEntry.told_as).where(
            HrEntry.tenant_id == ctx.scope.id, HrEntry.sent > 0
        )
        if officer_id is not None:
            told = told.where(HrEntry.officer_id == officer_id)
        rows = (await session.execute(told.order_by(HrEntry.id))).all()
        people = await bound().numbers(work, {row.officer_id for row in rows})
        for row in rows:
            person = people.get(row.officer_id)
            if person is None or not _is_wrong(row.told_as[-1:], person):
                continue
            entry = await _refresh(work, row.tour_id, row.kind, begin=False)
            if entry is not None and keeper is not None and keeper in listening:
                await queue(work, entry, keeper)


async def make_up(ctx: Ctx) -> None:
    """Put into the outbox what was not while the plugin was off, or was dropped or given up on the way."""
    listening = await ctx.hooks.listeners(hr_write_back)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        keeper = await keeper_of(work)
        if keeper in listening and keeper is not None:
            await queue_all(work, keeper)


async def keeper_of(work: Work) -> str | None:
    """Return the plugin that the agency named as its HR system; no other is named before the transaction ends."""
    mine = select(HrKeeper.plugin).where(HrKeeper.tenant_id == work.ctx.scope.id)
    named: str | None = await work.session.scalar(mine.with_for_update(read=True))
    return named


async def queue_all(work: Work, keeper: str) -> None:
    """Put into the outbox, for ``keeper``, every entry that HR does not have as it is now."""
    owed = select(HrEntry).where(HrEntry.tenant_id == work.ctx.scope.id, HrEntry.written < HrEntry.revision)
    for entry in await work.session.scalars(owed.order_by(HrEntry.id).with_for_update()):
        await queue(work, entry, keeper)


async def queue(work: Work, entry: HrEntry, keeper: str) -> None:
    """Put a delivery of the entry into the outbox, unless HR has it or one waits; it takes the place of a dead one."""
    await work.session.flush()
    # One for another plugin may wait still: it will be given nothing.
    waiting = select(Delivery.id).where(*_of(entry), Delivery.state == "waiting", Delivery.plugin == keeper)
    if entry.written == entry.revision or await work.session.scalar(waiting) is not None:
        return
    given_up = (*_of(entry), Delivery.state == "dead")
    final = entry.refused == FINAL and entry.tried == await _depends_on(work, entry, keeper)
    # What was forgotten meanwhile, as dead deliveries are after half a year, is tried once more.
    if final and await work.session.scalar(select(Delivery.id).where(*given_up).limit(1)) is not None:
        return
    dead = update(Delivery).where(*given_up)
    await work.session.execute(dead.values(state="dropped", cause=OVERTAKEN, reason=None, failure=None))
    entry.queued = entry.revision
    about = (ENTRY, entry.id)
    await put(work, keeper, hr_write_back.__name__, f"hr_{entry.kind}", about, event_id=work.new_id())


async def drop_waiting(work: Work) -> None:
    """End the deliveries that wait, or were given up, for a plugin that is not the agency's HR system any more."""
    left = update(Delivery).where(
        Delivery.tenant_id == work.ctx.scope.id,
        Delivery.subject_kind == ENTRY,
        Delivery.state.in_(("waiting", "dead")),
    )
    await work.session.execute(
        left.values(state="dropped", cause="renamed", reason=None, failure=None, ended_at=work.now)
    )


async def _depends_on(work: Work, entry: HrEntry, keeper: str) -> dict[str, Any]:
    """Return what the plugin's answer depends on, besides HR. Each change of its settings is a version of them."""
    row = await look_up(work.session, work.ctx.scope, keeper)
    plugin = (await work.ctx.hooks.look(work.session)).plugins.get(keeper)
    return {
        "plugin": keeper,
        "version": plugin.manifest.version if plugin else None,
        "settings": row.version if row else None,
        "revision": entry.revision,
    }


def key_of(entry: HrEntry) -> UUID:
    """Return the idempotency key of what the entry is now."""
    return uuid5(entry.id, str(entry.revision))


def _of(entry: HrEntry) -> tuple[ColumnElement[bool], ...]:
    return Delivery.tenant_id == entry.tenant_id, Delivery.subject_id == entry.id


async def _refresh(work: Work, tour_id: UUID, kind: str, *, begin: bool = True) -> HrEntry | None:
    """Compare the entry with what is so now, and return it, if there is or was anything to record.

    ``begin``: there is to be one where there is something to record and none yet.
    """
    about = await RECORDS[kind](work, tour_id)
    here = {"tenant_id": work.ctx.scope.id, "tour_id": tour_id, "kind": kind}
    if about is not None and begin:
        first = {
            "id": work.new_id(),
            "officer_id": about.officer_id,
            "mission": about.mission,
            "content": msgspec.to_builtins(about.content),
            "created_at": work.now,
        }
        made = insert(HrEntry).values(**here, **first)
        await work.session.execute(made.on_conflict_do_nothing(index_elements=["tenant_id", "tour_id", "kind"]))
    entry = await work.session.scalar(select(HrEntry).filter_by(**here).with_for_update())
    if entry is None:
        return None
    if about is None and not entry.sent:
        await work.session.delete(entry)
        return None
    content = msgspec.to_builtins(about.content) if about is not None else entry.content
    mission = about.mission if about is not None else entry.mission
    if (content, mission, about is None) != (entry.content, entry.mission, entry.withdrawn):
        entry.content, entry.mission, entry.withdrawn = content, mission, about is None
        entry.revision += 1
    elif entry.sent == entry.revision and not entry.withdrawn:
        person = (await bound().numbers(work, [entry.officer_id])).get(entry.officer_id)
        if person is not None and _is_wrong(entry.told_as[-1:], person):
            entry.revision += 1
    return entry


def _is_wrong(told: Iterable[Mapping[str, Any]], person: Mapping[str, Any]) -> bool:
    """Say whether HR was told another number. One that is added or left out beside the other corrects nothing."""
    return any(
        one["employee_number"] != person["employee_number"]
        or (one["external_id"] and person["external_id"] and one["external_id"] != person["external_id"])
        for one in told
    )


async def _read(work: Work, delivery: Delivery) -> Mapping[str, Any] | Literal["overtaken"] | None:
    """Return the entry as it is now, and write down that this is what the plugin is given.

    A plugin that is the agency's HR system no more is given nothing: what it was to be told, another is.
    """
    if await keeper_of(work) != delivery.plugin:
        return OVERTAKEN
    known = select(HrEntry.tour_id, HrEntry.kind).where(
        HrEntry.tenant_id == work.ctx.scope.id, HrEntry.id == delivery.subject_id
    )
    place = (await work.session.execute(known)).one_or_none()
    entry = await _refresh(work, *place) if place is not None else None
    if entry is None:
        return None
    person = (await bound().numbers(work, [entry.officer_id])).get(entry.officer_id)
    if person is None:
        return None
    if entry.written == entry.revision:
        return OVERTAKEN
    entry.sent = entry.revision
    known_as = {name: person[name] for name in ("employee_number", "external_id")}
    entry.told_as = [*(one for one in entry.told_as if _is_wrong([one], person)), known_as]
    depends_on = await _depends_on(work, entry, delivery.plugin)
    if entry.refused == FINAL or entry.tried != depends_on:
        entry.refused = None
    entry.tried = depends_on
    given: dict[str, Any] = {entry.kind: msgspec.convert(entry.content, PARTS[entry.kind])}
    record = hr.HrRecord(
        id=entry.id,
        key=key_of(entry),
        revision=entry.revision,
        kind=msgspec.convert(entry.kind, hr.RecordKind),
        employee_number=person["employee_number"],
        external_id=person["external_id"],
        tour_id=entry.tour_id,
        mission=entry.mission,
        withdrawn=entry.withdrawn,
        reference=entry.reference if entry.plugin == delivery.plugin else None,
        formerly=[hr.Known(**one) for one in entry.told_as[:-1]],
        **given,
    )
    return {"record": record}


async def _done(work: Work, delivery: Delivery, receipt: hr.Receipt | None) -> None:
    """Keep the receipt, and put the entry into the outbox again where it has changed during the call."""
    entry = await work.session.scalar(
        select(HrEntry)
        .where(HrEntry.tenant_id == work.ctx.scope.id, HrEntry.id == delivery.subject_id)
        .with_for_update()
    )
    if entry is None:
        return
    entry.plugin, entry.written = delivery.plugin, entry.sent
    entry.told_as, entry.refused = entry.told_as[-1:], None
    entry.reference = receipt.reference if receipt else None
    entry.recorded_at = (receipt.at or work.now) if receipt else None
    entry.note = dict(receipt.note) if receipt and receipt.note else None
    delivery.receipt = {
        "reference": entry.reference,
        "at": entry.recorded_at.isoformat() if entry.recorded_at else None,
        "note": entry.note,
        "newer": entry.sent > entry.queued,
    }
    after = {"record": entry.kind, "revision": entry.sent, "reference": entry.reference, "withdrawn": entry.withdrawn}
    plugin = work.ctx.hooks.registry.plugins.get(delivery.plugin)
    version = (delivery.plugin, plugin.manifest.version) if plugin else None
    await work.audit("hr_entry.record", (ENTRY, entry.id), after=after, plugin=version)
    await work.ask_no_longer(NOT_TAKEN, link=f"/hr/records/{entry.id}")
    await queue(work, entry, delivery.plugin)


async def _lost(work: Work, delivery: Delivery, *, final: bool) -> None:
    """Tell those who look after records, once for each refusal: not again for the same that is made up daily."""
    entry: HrEntry | None = await work.session.get(
        HrEntry, (work.ctx.scope.id, delivery.subject_id), with_for_update=True
    )
    if entry is None or entry.refused == (refused := FINAL if final else GIVEN_UP):
        return
    entry.refused = refused
    await work.ask_no_longer(NOT_TAKEN, link=f"/hr/records/{entry.id}")
    people = work.ctx.people
    seats = {one.id for role in TOLD_OF_IT for one in await people.holders(work.session, role)}
    for seat in sorted(seats):
        await work.notify(NOT_TAKEN, link=f"/hr/records/{entry.id}", seat=seat)
    if final:
        # Where the settings changed during the call, the answer was to the former ones.
        await queue(work, entry, delivery.plugin)


delivers(hr_write_back, ENTRY, _read, done=_done, lost=_lost)
