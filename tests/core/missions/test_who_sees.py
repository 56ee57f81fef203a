"""What IPOB has not published is for the services as if it were not there; what is wrong is said all at once."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import update
from sqlalchemy.exc import IntegrityError

from contingent.demo.acting import Cast
from core.database.sessions import tenant_session
from core.errors import Invalid, NotFound, Refused
from core.ids import new_id
from core.missions.calls import create_call, get_call, list_calls, move_call, offer_position
from core.missions.models import Mission
from core.missions.schemas import CallIn, CallPositionIn, ListCalls, ListMissions, PositionIn
from core.missions.service import add_position, create_mission, get_mission, list_missions, move_mission
from core.nominations.interest import declare_interest
from core.nominations.schemas import DeclareInterest
from core.use_cases.declaration import ById
from core.use_cases.lifecycle import Step
from tests.core.missions.making import drafted_call, mission_in, planned_mission, position_of
from tests.way import AGENCY


async def calls_seen(cast: Cast, slug: str, role: str, state: str = "all", days: int = 0) -> set[UUID]:
    ctx = await cast.ctx(slug, role)
    seen, asked = set(), ListCalls(state=state)  # type: ignore[arg-type]
    while True:
        found = await cast.run(ctx, list_calls, asked, on=ctx.today + timedelta(days=days))
        seen |= {one.id for one in found.calls}
        if found.next is None:
            return seen
        asked = msgspec.structs.replace(asked, after=found.next)


async def test_a_planned_mission_is_not_there_for_services_until_it_starts(cast: Cast) -> None:
    mission, coordinator = await planned_mission(cast), await cast.ctx(AGENCY, "coordinator")
    with pytest.raises(NotFound) as hidden:
        await cast.run(coordinator, get_mission, ById(str(mission)))
    with pytest.raises(NotFound) as absent:
        await cast.run(coordinator, get_mission, ById(str(new_id(coordinator.clock))))
    assert (str(hidden.value.text), str(hidden.value.remedy)) == (str(absent.value.text), str(absent.value.remedy))
    listed = await cast.run(coordinator, list_missions, ListMissions(state="all"))
    assert mission not in {one.id for one in listed.missions}
    planner = await cast.ctx("ipob", "planner")
    await cast.run(planner, move_mission, Step(id=str(mission), step="activate"))
    assert (await cast.run(coordinator, get_mission, ById(str(mission)))).mission.id == mission


async def test_a_draft_call_is_not_there_for_services_until_it_opens(cast: Cast) -> None:
    call, coordinator = await drafted_call(cast), await cast.ctx(AGENCY, "coordinator")
    with pytest.raises(NotFound):
        await cast.run(coordinator, get_call, ById(str(call)))
    assert call not in await calls_seen(cast, AGENCY, "coordinator")
    assert call in await calls_seen(cast, "ipob", "planner")
    await cast.run(await cast.ctx("ipob", "planner"), move_call, Step(id=str(call), step="open"))
    assert call in await calls_seen(cast, AGENCY, "coordinator", "open")


async def test_a_call_to_a_mission_that_is_only_planned_shows_the_mission_and_its_positions(cast: Cast) -> None:
    call = await drafted_call(cast)
    await cast.run(await cast.ctx("ipob", "planner"), move_call, Step(id=str(call), step="open"))
    seen = await cast.run(await cast.ctx(AGENCY, "coordinator"), get_call, ById(str(call)))
    assert (seen.mission.state, [one.position.title_en for one in seen.positions]) == ("planned", ["Adviser"])


async def test_the_deadlines_own_day_is_the_last_on_which_a_call_is_open(cast: Cast) -> None:
    call = await drafted_call(cast)
    await cast.run(await cast.ctx("ipob", "planner"), move_call, Step(id=str(call), step="open"))
    assert call in await calls_seen(cast, AGENCY, "coordinator", "open", days=30)
    assert call not in await calls_seen(cast, AGENCY, "coordinator", "open", days=31)
    assert call in await calls_seen(cast, "ipob", "planner", "current", days=31), "IPOB still closes it"


async def test_nobody_declares_interest_after_the_deadline(cast: Cast, officer: UUID) -> None:
    call = await drafted_call(cast)
    await cast.run(await cast.ctx("ipob", "planner"), move_call, Step(id=str(call), step="open"))
    member = await cast.member_ctx(AGENCY, officer)
    late = member.today + timedelta(days=31)
    with pytest.raises(Refused):
        await cast.run(member, declare_interest, DeclareInterest(call_id=str(call)), on=late)


async def test_all_that_is_wrong_with_a_call_is_said_at_once(cast: Cast) -> None:
    planner = await cast.ctx("ipob", "planner")
    mission = await planned_mission(cast)
    await cast.run(planner, move_mission, Step(id=str(mission), step="close", reason="Never began."))
    past = planner.today - timedelta(days=1)
    with pytest.raises(Invalid) as wrong:
        await cast.run(planner, create_call, CallIn(mission_id=str(mission), closes_on=past, tour_starts_on=past))
    assert {fault.pointer for fault in wrong.value.faults} == {"/closes_on", "/tour_starts_on", "/mission_id"}


async def test_a_mission_is_planned_once_and_its_bands_are_in_order(cast: Cast) -> None:
    planner, data = await cast.ctx("ipob", "planner"), mission_in()
    mission = await cast.run(planner, create_mission, data)
    with pytest.raises(Invalid) as twice:
        await cast.run(planner, create_mission, data)
    assert [fault.pointer for fault in twice.value.faults] == ["/acronym_en"]
    with pytest.raises(Invalid) as half:
        await cast.run(planner, create_mission, msgspec.structs.replace(data, note_fr="Sans arme."))
    assert [fault.pointer for fault in half.value.faults] == ["/acronym_en", "/note_en"]
    with pytest.raises(IntegrityError, match="note_in_both_languages"):
        async with tenant_session(planner) as session:
            await session.execute(update(Mission).where(Mission.id == mission.id).values(note_en=None, note_fr="Ici."))
    upside_down = PositionIn(id=str(mission.id), title_en="Adviser", title_fr="Conseil", band_low=5, band_high=2)
    with pytest.raises(Invalid) as bands:
        await cast.run(planner, add_position, upside_down)
    assert [fault.pointer for fault in bands.value.faults] == ["/band_high"]


async def test_a_call_offers_positions_of_its_own_mission_while_it_is_a_draft(cast: Cast) -> None:
    planner, call = await cast.ctx("ipob", "planner"), await drafted_call(cast)
    foreign = await position_of(cast, await planned_mission(cast))
    with pytest.raises(Invalid) as other:
        await cast.run(planner, offer_position, CallPositionIn(id=str(call), position_id=str(foreign)))
    assert [fault.pointer for fault in other.value.faults] == ["/position_id"]
    opened = await cast.run(planner, move_call, Step(id=str(call), step="open"))
    own = CallPositionIn(id=str(call), position_id=str(opened.positions[0].position.id), wanted=9)
    with pytest.raises(Refused, match="no longer a draft"):
        await cast.run(planner, offer_position, own)
