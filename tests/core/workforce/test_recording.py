"""What follows from tours is recorded in the service's HR system: once, as it is by then, with a receipt."""

from __future__ import annotations

from datetime import date, timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import func, select

from contingent import HrRecord, Receipt, Rejected
from core.audit.models import AuditLine
from core.database.sessions import tenant_session
from core.errors import NotFound, Refused
from core.events.models import NotificationRow
from core.personnel.models import Officer
from core.returns.models import ReturnFile
from core.returns.reading import get_return
from core.returns.schemas import CompleteIn, OfReturn
from core.returns.service import complete_milestone, move_return
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from core.workforce.record_schemas import ListRecords, OfRecord
from core.workforce.recording import make_up
from core.workforce.records import get_record, list_records, send_record_again
from tests.core.workforce.hr_system import HOME, Desk, HrSystem, ordered, planned
from tests.way import ENDS, STARTS

LATER = timedelta(hours=2)


async def number_of(desk: Desk, tour: UUID) -> str:
    async with tenant_session(await desk.ctx("coordinator"), read_only=True) as session:
        officer = (await desk.records(tour))["leave"].officer_id
        number = await session.scalar(select(Officer.employee_number).where(Officer.id == officer))
        assert number is not None
        return number


async def test_hr_write_back_tells_leave_training_experience_and_the_return_to_duty_once_each(
    desk: Desk, system: HrSystem
) -> None:
    await planned(desk)
    await desk.work()
    assert system.told == [], "before the order no day is confirmed"
    tour = await ordered(desk)
    await desk.work()
    await desk.move(tour, "depart", STARTS)
    await desk.move(tour, "arrive", STARTS)
    await desk.work()
    (leave,), (training,) = system.of("leave"), system.of("training")
    assert leave.leave is not None
    assert (leave.leave.first, leave.leave.last, leave.revision, leave.reference) == (STARTS, ENDS, 1, None)
    assert training.training is not None
    assert [one.key for one in training.training.courses] == ["driving", "firearm"]
    assert leave.employee_number == training.employee_number == await number_of(desk, tour)
    await desk.move(tour, "leave_mission", HOME)
    await desk.move(tour, "end", HOME)
    await desk.work()
    _, corrected = system.of("leave")
    assert corrected.leave is not None
    assert (corrected.leave.last, corrected.revision, corrected.withdrawn) == (HOME, 2, False)
    assert corrected.id == leave.id
    assert corrected.key != leave.key
    assert corrected.reference == "HR-1", "HR corrects what it has"
    (earned,) = system.of("experience")
    assert earned.experience is not None
    assert earned.experience.role == {"en": "Adviser", "fr": "Conseil"}
    assert (earned.experience.first, earned.experience.last) == (STARTS, HOME)
    assert earned.experience.days == (HOME - STARTS).days + 1
    await to_duty(desk, tour)
    await desk.work()
    (back,) = system.of("duty")
    assert back.duty is not None
    kept = await desk.records(tour)
    assert {kind: one.state for kind, one in kept.items()} == dict.fromkeys(
        ("leave", "training", "experience", "duty"), "recorded"
    )
    assert kept["leave"].reference is not None
    await nobody_is_named(desk, system, tour)


async def to_duty(desk: Desk, tour: UUID) -> None:
    coordinator = await desk.world.ctx("coordinator")
    async with tenant_session(coordinator, read_only=True) as session:
        file = await session.scalar(select(ReturnFile.id).where(ReturnFile.tour_id == tour))
    id = str(file)
    found = await desk.world.cast.run(coordinator, get_return, OfReturn(id=id))
    for one in found.milestones:
        if one.before_duty:
            await desk.world.cast.run(coordinator, complete_milestone, CompleteIn(id=id, milestone_id=str(one.id)))
    moved = await desk.world.cast.run(coordinator, move_return, Step(id=id, step="adjust"))
    assert moved.duty_on == coordinator.today


async def nobody_is_named(desk: Desk, system: HrSystem, tour: UUID) -> None:
    """See that a number is all there is of a person."""
    coordinator = await desk.ctx("coordinator")
    officer_id = (await desk.records(tour))["leave"].officer_id
    async with tenant_session(coordinator, read_only=True) as session:
        officer = await session.get(Officer, (coordinator.scope.id, officer_id))
    assert officer is not None
    content = msgspec.json.encode(system.told).decode()
    for one in (officer.family_name, officer.given_name, str(officer.id)):
        assert one not in content


async def test_for_a_tour_that_is_called_off_the_leave_is_taken_back_and_the_training_stays(
    desk: Desk, system: HrSystem
) -> None:
    tour = await ordered(desk)
    await desk.work()
    await desk.move(tour, "cancel", date(2025, 12, 1), reason="The host organization closed the position.")
    await desk.work()
    first, taken_back = system.of("leave")
    assert (taken_back.withdrawn, taken_back.revision, taken_back.reference) == (True, 2, "HR-1")
    assert taken_back.leave == first.leave
    assert len(system.of("training")) == 1
    kept = await desk.records(tour)
    assert (kept["leave"].state, kept["training"].state) == ("withdrawn", "recorded")


async def test_what_hr_never_heard_of_needs_no_taking_back(desk: Desk, system: HrSystem) -> None:
    await desk.disable("keeping")
    tour = await ordered(desk)
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "held"
    await desk.move(tour, "cancel", date(2025, 12, 1), reason="The host organization closed the position.")
    await desk.work()
    await desk.enable("keeping")
    await make_up(await desk.ctx("administrator"))
    await desk.work()
    assert "leave" not in await desk.records(tour)
    assert not system.of("leave")
    assert len(system.of("training")) == 1


async def test_what_failed_comes_again_under_its_key_and_what_changed_meanwhile_is_told_as_it_is_then(
    desk: Desk, system: HrSystem
) -> None:
    down = True

    async def answer(record: HrRecord) -> Receipt:
        if down and record.kind == "leave":
            raise Rejected({"en": "HR answered 503.", "fr": "Les RH ont répondu 503."})
        return Receipt(reference="HR-7", note={"en": "By night.", "fr": "De nuit."})

    system.answer = answer
    tour = (await desk.world.at("in_mission")).tour
    assert tour is not None
    await desk.work()
    await desk.work(later=LATER)
    assert len({one.key for one in system.of("leave")}) == 1 < len(system.of("leave"))
    waiting = (await desk.records(tour))["leave"]
    assert (waiting.state, waiting.cause, waiting.reason) == (
        "waiting",
        "refused",
        {"en": "HR answered 503.", "fr": "Les RH ont répondu 503."},
    )
    await desk.move(tour, "leave_mission", HOME)
    await desk.move(tour, "end", HOME)
    down = False
    await desk.work(later=LATER)
    told = system.of("leave")
    assert told[-1].leave is not None
    assert (told[-1].leave.last, told[-1].revision) == (HOME, 2)
    assert told[-1].key != told[0].key
    (delivery,) = await desk.deliveries(waiting.id)
    assert delivery.state == "done"
    assert delivery.receipt is not None
    assert (delivery.receipt["reference"], delivery.receipt["newer"]) == ("HR-7", True)
    await desk.work(later=LATER)
    assert len(system.of("leave")) == len(told), "it is told no second time"
    kept = (await desk.records(tour))["leave"]
    assert (kept.state, kept.note) == ("recorded", {"en": "By night.", "fr": "De nuit."})


async def test_a_final_refusal_is_given_up_at_once_and_hr_sends_it_again_once_it_is_mended(
    desk: Desk, system: HrSystem
) -> None:
    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "No such person.", "fr": "Personne inconnue."}, final=True)

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    refused = (await desk.records(tour))["leave"]
    (delivery,) = await desk.deliveries(refused.id)
    assert (delivery.state, delivery.attempts, refused.state) == ("dead", 1, "refused")
    assert refused.reason == {"en": "No such person.", "fr": "Personne inconnue."}
    assert await unread(desk, refused.id) > 0
    clerk = await desk.ctx("hr_clerk")
    assert (await execute(list_records, clerk, ListRecords(state="open"))).refused >= 2
    system.answer = None
    sent = await execute(send_record_again, clerk, OfRecord(id=str(refused.id)))
    assert sent.state == "waiting"
    await desk.work()
    kept = (await desk.records(tour))["leave"]
    assert (kept.state, kept.written) == ("recorded", 1)
    assert system.of("leave")[0].key == system.of("leave")[-1].key
    assert await unread(desk, refused.id) == 0, "nobody is asked any longer for what is done"
    with pytest.raises(Refused, match="not given up"):
        await execute(send_record_again, clerk, OfRecord(id=str(refused.id)))


async def unread(desk: Desk, entry: UUID) -> int:
    async with tenant_session(await desk.ctx("administrator"), read_only=True) as session:
        waiting = select(func.count()).where(
            NotificationRow.link == f"/hr/records/{entry}", NotificationRow.read_at.is_(None)
        )
        return int(await session.scalar(waiting) or 0)


async def test_a_change_takes_the_place_of_what_was_given_up(desk: Desk, system: HrSystem) -> None:
    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "No.", "fr": "Non."}, final=True)

    system.answer = answer
    tour = (await desk.world.at("in_mission")).tour
    assert tour is not None
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    system.answer = None
    await desk.move(tour, "leave_mission", HOME)
    await desk.move(tour, "end", HOME)
    await desk.work()
    first, second = await desk.deliveries(entry)
    assert (first.state, first.cause, second.state) == ("dropped", "overtaken", "done")
    assert second.receipt is not None
    assert second.receipt["newer"] is False


async def test_what_changes_during_the_call_is_told_after_it(desk: Desk, system: HrSystem) -> None:
    tour = (await desk.world.at("in_mission")).tour
    assert tour is not None
    moved = False

    async def answer(record: HrRecord) -> Receipt:
        nonlocal moved
        if record.kind == "leave" and not moved:
            moved = True
            await desk.move(tour, "leave_mission", HOME)
            await desk.move(tour, "end", HOME)
        return Receipt(reference=f"HR-{record.revision}")

    system.answer = answer
    await desk.work()
    assert [one.leave.last for one in system.of("leave") if one.leave] == [ENDS, HOME]
    kept = (await desk.records(tour))["leave"]
    assert (kept.state, kept.reference, kept.written) == ("recorded", "HR-2", 2)


async def test_of_what_hr_does_not_keep_there_is_no_receipt_and_it_is_told_once(desk: Desk, system: HrSystem) -> None:
    async def answer(record: HrRecord) -> Receipt | None:
        return None

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    await desk.work(later=LATER)
    assert len(system.of("leave")) == 1
    assert (await desk.records(tour))["leave"].state == "not_kept"


async def test_what_was_missed_while_the_plugin_was_off_is_made_up_for(desk: Desk, system: HrSystem) -> None:
    await desk.disable("keeping")
    tour = await ordered(desk)
    await desk.work()
    assert not system.told
    await desk.enable("keeping")
    await make_up(await desk.ctx("administrator"))
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "recorded"


async def test_another_plugin_is_told_what_the_one_before_it_did_not_take(desk: Desk, system: HrSystem) -> None:
    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "No.", "fr": "Non."}, final=True)

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    system.answer = None
    await desk.enable("other")
    clerk = await desk.ctx("hr_clerk")
    found = await execute(list_records, clerk, ListRecords())
    assert found.keeper.offered.keys() >= {"keeping", "other"}
    await desk.name("other")
    await desk.work()
    entry = (await desk.records(tour))["leave"]
    assert entry.state == "recorded"
    first, second = await desk.deliveries(entry.id)
    assert (first.cause, second.plugin) == ("renamed", "other")
    await desk.name("keeping")
    await desk.disable("other")


async def test_each_receipt_leaves_a_line_that_names_the_plugin(desk: Desk, system: HrSystem) -> None:
    tour = await ordered(desk)
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    async with tenant_session(await desk.ctx("administrator"), read_only=True) as session:
        lines = list(await session.scalars(select(AuditLine).where(AuditLine.subject_id == entry)))
    (line,) = [one for one in lines if one.action == "hr_entry.record"]
    assert line.after is not None
    assert line.after["reference"] == "HR-1"
    assert line.plugin == "keeping"


async def test_another_services_record_is_not_found(desk: Desk, system: HrSystem) -> None:
    tour = await ordered(desk)
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    other = await desk.world.cast.ctx("on-durham", "hr_clerk")
    with pytest.raises(NotFound):
        await execute(get_record, other, OfRecord(id=str(entry)))
    assert (await execute(list_records, other, ListRecords())).records == []
