"""What HR was told under a wrong number comes again under the right one, as a correction."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from sqlalchemy import update

from contingent import HrRecord, Known, Receipt, Rejected
from core.database.sessions import tenant_session
from core.personnel.models import Officer
from core.personnel.schemas import OfficerChange
from core.personnel.service import change_officer, get_officer
from core.use_cases.declaration import ById
from core.workforce.recording import follow_numbers
from tests.core.workforce.hr_system import Desk, HrSystem, ordered


async def officer_of(desk: Desk, tour: UUID) -> UUID:
    return (await desk.records(tour))["leave"].officer_id


async def correct(desk: Desk, officer: UUID, number: str) -> None:
    """Have a coordinator correct the number, of an officer whom no worker file sends."""
    ctx = await desk.ctx("coordinator")
    await as_loaded(desk, officer, source="hand")
    file = (await desk.world.cast.run(ctx, get_officer, ById(id=str(officer)))).officer
    data = OfficerChange(
        id=str(officer),
        employee_number=number,
        given_name=file.given_name,
        family_name=file.family_name,
        rank_code=file.rank_code,
    )
    await desk.world.cast.run(ctx, change_officer, data)


async def as_loaded(desk: Desk, officer: UUID, **values: str | None) -> None:
    """Let the officer's file be as a worker file left it."""
    async with tenant_session(await desk.ctx("administrator")) as session:
        await session.execute(update(Officer).where(Officer.id == officer).values(**values))


def leaves(system: HrSystem, tour: UUID) -> list[HrRecord]:
    """Return what HR was told of the absence for one tour, in order."""
    return [one for one in system.of("leave") if one.tour_id == tour]


async def test_a_corrected_number_is_a_new_revision_that_says_where_the_record_was(
    desk: Desk, system: HrSystem
) -> None:
    tour = await ordered(desk)
    await desk.work()
    (first,) = system.of("leave")
    await correct(desk, await officer_of(desk, tour), "R-1001")
    await desk.work()
    _, second = system.of("leave")
    assert (second.id, second.revision, second.reference) == (first.id, 2, "HR-1")
    assert second.key != first.key
    assert second.employee_number == "R-1001"
    assert second.formerly == [Known(employee_number=first.employee_number, external_id=first.external_id)]
    assert second.leave == first.leave
    assert [one.revision for one in system.of("training")] == [1, 2], "so is every record of theirs"
    assert (await desk.records(tour))["leave"].state == "recorded"
    await desk.work()
    assert len(system.of("leave")) == 2, "it is told once"


async def test_every_number_under_which_hr_may_have_it_is_named_until_there_is_a_receipt(
    desk: Desk, system: HrSystem
) -> None:
    tour = await ordered(desk)
    await desk.work()
    officer = await officer_of(desk, tour)
    (first,) = system.of("leave")

    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "HR answered 503.", "fr": "Les RH ont répondu 503."})

    system.answer = answer
    await correct(desk, officer, "R-2001")
    await desk.work()
    system.answer = None
    await correct(desk, officer, "R-2002")
    await desk.work(later=timedelta(hours=2))
    last = system.of("leave")[-1]
    assert (last.employee_number, last.revision) == ("R-2002", 3)
    assert [one.employee_number for one in last.formerly] == [first.employee_number, "R-2001"]
    await correct(desk, officer, first.employee_number)
    await desk.work()
    assert [one.employee_number for one in system.of("leave")[-1].formerly] == ["R-2002"]


async def test_a_corrected_number_sends_again_what_was_refused_for_good(desk: Desk, system: HrSystem) -> None:
    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "No such person.", "fr": "Personne inconnue."}, final=True)

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    system.answer = None
    await correct(desk, await officer_of(desk, tour), "R-3001")
    await desk.work()
    assert (await desk.records(tour))["leave"].state == "recorded"


async def test_a_worker_file_that_adds_the_number_in_hr_corrects_nothing_and_one_that_changes_it_does(
    desk: Desk, system: HrSystem
) -> None:
    tour = await ordered(desk)
    await desk.work()
    officer = await officer_of(desk, tour)
    ctx = await desk.ctx("administrator")

    async def loaded(number: str | None) -> int:
        await as_loaded(desk, officer, external_id=number)
        await follow_numbers(ctx, ctx.today)
        await desk.work()
        return leaves(system, tour)[-1].revision

    assert await loaded(None) == 1, "left out, it corrects nothing"
    await correct(desk, officer, "R-4001")
    await desk.work()
    assert await loaded("E-1") == await loaded("E-2") == 2, "it was told by the employee number alone"
    await correct(desk, officer, "R-4002")
    await desk.work()
    assert await loaded("E-3") == 4
    last = leaves(system, tour)[-1]
    assert (last.external_id, last.formerly) == ("E-3", [Known(employee_number="R-4002", external_id="E-2")])


async def test_what_hr_has_taken_back_needs_no_other_number(desk: Desk, system: HrSystem) -> None:
    tour = await ordered(desk)
    await desk.work()
    officer = await officer_of(desk, tour)
    await desk.move(tour, "cancel", desk.clock.now().date(), reason="The host organization closed the position.")
    await desk.work()
    told = len(system.of("leave"))
    await correct(desk, officer, "R-5001")
    await desk.work()
    assert len(system.of("leave")) == told
