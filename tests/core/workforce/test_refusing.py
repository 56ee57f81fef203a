"""What HR refused for good stays refused, with one notice, until something changes on which the answer may depend."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
from sqlalchemy import func, select

from contingent import HrRecord, Receipt, Rejected
from core.database.sessions import tenant_session
from core.events.models import NotificationRow
from core.hooks import service
from core.secret import made_of
from core.use_cases.execution import execute
from core.use_cases.work import Work
from core.workforce.record_schemas import OfRecord
from core.workforce.recording import make_up
from core.workforce.records import send_record_again
from tests.core.workforce.hr_system import HOME, Desk, HrSystem, ordered

DAY = timedelta(days=1)


async def refuse(record: HrRecord) -> Receipt:
    raise Rejected({"en": "No such person.", "fr": "Personne inconnue."}, final=True)


async def not_now(record: HrRecord) -> Receipt:
    raise Rejected({"en": "HR answered 503.", "fr": "Les RH ont répondu 503."})


async def notices(desk: Desk, entry: UUID, *, unread: bool = False) -> int:
    """Return how often each of those who are told was told of a record."""
    async with tenant_session(await desk.ctx("administrator"), read_only=True) as session:
        told = select(NotificationRow.seat_id, func.count().label("times")).where(
            NotificationRow.link == f"/hr/records/{entry}"
        )
        if unread:
            told = told.where(NotificationRow.read_at.is_(None))
        times = {row.times for row in await session.execute(told.group_by(NotificationRow.seat_id))}
    assert len(times) <= 1, "all are told alike"
    return times.pop() if times else 0


async def days_pass(desk: Desk, days: int) -> None:
    for _ in range(days):
        desk.clock.advance(DAY)
        await make_up(await desk.ctx("administrator"))
        await desk.work()


async def configure(desk: Desk) -> None:
    """Save the plugin's settings with another secret."""
    ctx = await desk.ctx("administrator")
    plugin = ctx.hooks.registry.plugins[desk.keeper]
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        await service.configure(work, plugin, Nothing(), {"token": made_of("another")})
    await desk.assembly.host.settle()


class Nothing(msgspec.Struct, frozen=True):
    """Settings of a plugin that has none but a secret."""


async def test_a_final_refusal_is_neither_sent_nor_told_again_day_after_day(desk: Desk, system: HrSystem) -> None:
    system.answer = refuse
    tour = await ordered(desk)
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    told = len(system.of("leave"))
    await days_pass(desk, 3)
    assert len(system.of("leave")) == told
    assert await notices(desk, entry) == 1
    assert (await desk.records(tour))["leave"].state == "refused", "and a person can still send it again"
    sent = await execute(send_record_again, await desk.ctx("hr_clerk"), OfRecord(id=str(entry)))
    assert sent.state == "waiting"
    await desk.work()
    assert len(system.of("leave")) == told + 1
    assert (await notices(desk, entry), await notices(desk, entry, unread=True)) == (2, 1), "a refusal of its own"


async def test_a_renewed_secret_sends_it_again(desk: Desk, system: HrSystem) -> None:
    system.answer = refuse
    tour = await ordered(desk)
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    system.answer = None
    await days_pass(desk, 1)
    assert (await desk.records(tour))["leave"].state == "refused"
    await configure(desk)
    await make_up(await desk.ctx("administrator"))
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "recorded"
    assert (await notices(desk, entry), await notices(desk, entry, unread=True)) == (1, 0)


async def test_settings_saved_during_the_call_send_it_again_at_once(desk: Desk, system: HrSystem) -> None:
    saved = False

    async def answer(record: HrRecord) -> Receipt:
        nonlocal saved
        if not saved:
            saved = True
            await configure(desk)
            return await refuse(record)
        return Receipt(reference="HR-1")

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    assert {one.state for one in (await desk.records(tour)).values()} == {"recorded"}


async def test_another_version_of_the_plugin_sends_it_again(desk: Desk, system: HrSystem) -> None:
    system.answer = refuse
    tour = await ordered(desk)
    await desk.work()
    system.answer = None
    manifest = desk.assembly.host.registry.plugins[desk.keeper].manifest
    former = manifest.version
    msgspec.structs.force_setattr(manifest, "version", "1.1")
    await days_pass(desk, 1)
    msgspec.structs.force_setattr(manifest, "version", former)
    assert (await desk.records(tour))["leave"].state == "recorded"


async def test_a_change_of_the_record_sends_it_again(desk: Desk, system: HrSystem) -> None:
    tour = (await desk.world.at("in_mission")).tour
    assert tour is not None
    system.answer = refuse
    await desk.work()
    told = len(system.of("training"))
    system.answer = None
    await desk.move(tour, "leave_mission", HOME)
    await desk.move(tour, "end", HOME)
    await desk.work()
    kept = await desk.records(tour)
    assert kept["leave"].state == "recorded"
    assert len(system.of("training")) == told, "what has not changed of the same tour stays refused"


async def test_what_hr_did_not_answer_is_tried_again_each_day_with_one_notice(desk: Desk, system: HrSystem) -> None:
    system.answer = not_now
    tour = await ordered(desk)
    for _ in range(11):
        await desk.work(later=timedelta(hours=2))
    entry = (await desk.records(tour))["leave"].id
    assert (await desk.records(tour))["leave"].state == "refused"
    told = len(system.of("leave"))
    for _ in range(2):
        await make_up(await desk.ctx("administrator"))
        for _ in range(11):
            await desk.work(later=timedelta(hours=2))
    assert len(system.of("leave")) > told
    assert await notices(desk, entry) == 1
    system.answer = None
    await days_pass(desk, 1)
    assert (await desk.records(tour))["leave"].state == "recorded"
