"""Missions and calls live as their tables of transitions say: every step from every state, allowed or told why not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import update

from contingent.demo.acting import Cast
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, Refused
from core.missions.calls import create_call, move_call, offer_position
from core.missions.lifecycle import CALL, MISSION
from core.missions.models import Call, Mission
from core.missions.schemas import CallIn, CallPositionIn
from core.missions.service import move_mission
from core.use_cases.lifecycle import Lifecycle, Step
from tests.core.missions.making import drafted_call, planned_mission, position_of


def every_step(lifecycle: Lifecycle) -> list[Any]:
    return [
        pytest.param(state, transition.name, id=f"{transition.name} when {state}")
        for state in lifecycle.states
        for transition in lifecycle.transitions
    ]


async def put(cast: Cast, model: type[Any], row: UUID, state: str) -> None:
    async with tenant_session(await cast.ctx("ipob", "planner")) as session:
        await session.execute(update(model).where(model.id == row).values(state=state))


@pytest.mark.parametrize(("state", "name"), every_step(MISSION))
async def test_a_mission_moves_only_as_its_life_allows(cast: Cast, state: str, name: str) -> None:
    planner = await cast.ctx("ipob", "planner")
    mission = await planned_mission(cast)
    await put(cast, Mission, mission, state)
    transition = MISSION.find(name)
    step = Step(id=str(mission), step=name, reason="The Council decided.")
    if state in transition.sources:
        assert (await cast.run(planner, move_mission, step)).state == transition.target
        return
    with pytest.raises(Refused) as refused:
        await cast.run(planner, move_mission, step)
    assert str(MISSION.states[state]) in str(refused.value.text)
    allowing = {str(MISSION.states[source]) for source in transition.sources}
    assert any(words in str(refused.value.remedy) for words in allowing), refused.value.remedy


@pytest.mark.parametrize(("state", "name"), every_step(CALL))
async def test_a_call_moves_only_as_its_life_allows(cast: Cast, state: str, name: str) -> None:
    planner = await cast.ctx("ipob", "planner")
    call = await drafted_call(cast)
    await put(cast, Call, call, state)
    transition = CALL.find(name)
    step = Step(id=str(call), step=name, reason="Needs changed.")
    if state in transition.sources:
        assert (await cast.run(planner, move_call, step)).state == transition.target
        return
    with pytest.raises(Refused) as refused:
        await cast.run(planner, move_call, step)
    allowing = {str(CALL.states[source]) for source in transition.sources}
    assert any(words in str(refused.value.remedy) for words in allowing), refused.value.remedy


@pytest.mark.parametrize(
    ("lifecycle", "state", "case"),
    [(MISSION, "active", move_mission), (CALL, "closed", move_call)],
    ids=["mission", "call"],
)
async def test_what_services_rely_on_changes_only_with_a_reason(
    cast: Cast, lifecycle: Lifecycle, state: str, case: Any
) -> None:
    planner = await cast.ctx("ipob", "planner")
    model, row = (Mission, await planned_mission(cast)) if lifecycle is MISSION else (Call, await drafted_call(cast))
    await put(cast, model, row, state)
    for transition in lifecycle.transitions:
        if transition.needs_reason and state in transition.sources:
            with pytest.raises(Invalid) as missing:
                await cast.run(planner, case, Step(id=str(row), step=transition.name, reason=" "))
            assert [fault.pointer for fault in missing.value.faults] == ["/reason"]


async def test_a_call_that_offers_nothing_or_is_past_its_deadline_does_not_open(cast: Cast) -> None:
    planner = await cast.ctx("ipob", "planner")
    today = planner.today
    mission = await planned_mission(cast)
    empty = await cast.run(planner, create_call, call_in(mission, today))
    with pytest.raises(Refused, match="no position"):
        await cast.run(planner, move_call, Step(id=str(empty.id), step="open"))
    await cast.run(planner, offer_position, offer(empty.id, await position_of(cast, mission)))
    with pytest.raises(Refused, match="deadline"):
        await cast.run(planner, move_call, Step(id=str(empty.id), step="open"), on=today + timedelta(days=31))
    assert (await cast.run(planner, move_call, Step(id=str(empty.id), step="open"))).state == "open"


async def test_only_the_planner_moves_missions_and_calls(cast: Cast) -> None:
    call = await drafted_call(cast)
    for who in ("analyst", "selection"):
        with pytest.raises(Forbidden):
            await cast.run(await cast.ctx("ipob", who), move_call, Step(id=str(call), step="cancel", reason="No."))


def call_in(mission: UUID, today: Any, **more: Any) -> CallIn:
    days = {"closes_on": today + timedelta(days=30), "tour_starts_on": today + timedelta(days=120)}
    return CallIn(mission_id=str(mission), **days | more)


def offer(call: UUID, position: UUID) -> CallPositionIn:
    return CallPositionIn(id=str(call), position_id=str(position))
