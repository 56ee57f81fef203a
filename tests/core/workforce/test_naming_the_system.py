"""Whichever plugin is named as the HR system is told, and no other: what waited, what changed, and nothing twice."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import update

from contingent import HrRecord, Leave, Receipt, Rejected
from core.database.sessions import tenant_session
from core.workforce.models import HrKeeper
from core.workforce.recording import make_up
from tests.core.workforce.hr_system import HOME, Desk, HrSystem, ordered
from tests.way import ENDS


async def test_what_was_put_here_for_a_plugin_as_another_was_named_is_told_to_that_one_alone(
    desk: Desk, system: HrSystem
) -> None:
    await desk.disable("keeping")
    tour = await ordered(desk)
    await desk.work()
    await desk.enable("keeping")
    await make_up(await desk.ctx("administrator"))
    await desk.enable("other")
    async with tenant_session(await desk.ctx("administrator")) as session:
        # As if the change of a tour had read the former one's name.
        await session.execute(update(HrKeeper).values(plugin="other"))
    await make_up(await desk.ctx("administrator"))
    entry = (await desk.records(tour))["leave"].id
    assert {one.plugin for one in await desk.deliveries(entry)} == {"keeping", "other"}
    await desk.work()
    came = {one.plugin: (one.state, one.cause) for one in await desk.deliveries(entry)}
    assert came == {"keeping": ("dropped", "overtaken"), "other": ("done", None)}
    assert len([one for one in system.of("leave") if one.tour_id == tour]) == 1
    assert (await desk.records(tour))["leave"].plugin == "other"
    await desk.name("keeping")
    await desk.disable("other")


async def test_what_is_kept_stays_true_while_no_plugin_is_named_and_is_told_to_the_next(
    desk: Desk, system: HrSystem
) -> None:
    tour = (await desk.world.at("in_mission")).tour
    assert tour is not None
    await desk.work()
    await desk.name(None)
    await desk.move(tour, "leave_mission", HOME)
    await desk.move(tour, "end", HOME)
    await desk.work()
    assert [one.last for one in leaves(system, tour)] == [ENDS]
    kept = await desk.records(tour)
    assert kept["leave"].state == "held", "HR does not have it as it is now"
    assert "experience" not in kept, "nothing new is kept while nobody records it"
    await desk.name("keeping")
    await desk.work()
    assert [one.last for one in leaves(system, tour)] == [ENDS, HOME]


def leaves(system: HrSystem, tour: UUID) -> list[Leave]:
    """Return what leave the system was told of for one tour, in order."""
    return [one.leave for one in system.of("leave") if one.leave and one.tour_id == tour]


async def test_what_another_takes_over_has_ended_and_is_forgotten_in_time(desk: Desk, system: HrSystem) -> None:
    async def answer(record: HrRecord) -> Receipt:
        raise Rejected({"en": "Busy.", "fr": "Occupé."})

    system.answer = answer
    tour = await ordered(desk)
    await desk.work()
    entry = (await desk.records(tour))["leave"].id
    await desk.name(None)
    (dropped,) = await desk.deliveries(entry)
    assert (dropped.state, dropped.cause, dropped.ended_at) == ("dropped", "renamed", desk.clock.now())
    system.answer = None
    await desk.name("keeping")
    await desk.work()
