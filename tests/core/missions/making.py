"""Missions, positions and calls that a test needs, each fresh."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import count
from typing import Any
from uuid import UUID

from contingent.demo.acting import Cast
from core.missions.calls import create_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn, MissionIn, PositionIn
from core.missions.service import add_position, create_mission

numbers = count(1)


def mission_in(**more: Any) -> MissionIn:
    """Return a mission that nobody has planned yet."""
    number = next(numbers)
    given: dict[str, Any] = {
        "acronym_en": f"UNLIFE{number}", "acronym_fr": f"ONUVIE{number}", "name_en": "Mission of one test",
        "name_fr": "Mission d’un essai", "organization": "UN", "country": "HT", "seat": "Nowhere",
        "latitude": 1.0, "longitude": 1.0, "starts_on": date(2021, 1, 1),
    }  # fmt: skip
    return MissionIn(**given | more)


async def planned_mission(cast: Cast) -> UUID:
    """Plan a mission, which services do not see yet."""
    return (await cast.run(await cast.ctx("ipob", "planner"), create_mission, mission_in())).id


async def position_of(cast: Cast, mission: UUID) -> UUID:
    """Add a position to the mission's establishment."""
    data = PositionIn(id=str(mission), title_en="Adviser", title_fr="Conseil")
    return (await cast.run(await cast.ctx("ipob", "planner"), add_position, data)).id


async def drafted_call(cast: Cast, mission: UUID | None = None) -> UUID:
    """Draft a call that could be opened today."""
    planner = await cast.ctx("ipob", "planner")
    mission = mission or await planned_mission(cast)
    closes, starts = planner.today + timedelta(days=30), planner.today + timedelta(days=120)
    data = CallIn(mission_id=str(mission), closes_on=closes, tour_starts_on=starts)
    call = await cast.run(planner, create_call, data)
    offered = CallPositionIn(id=str(call.id), position_id=str(await position_of(cast, mission)))
    await cast.run(planner, offer_position, offered)
    return call.id
