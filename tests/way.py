"""A mission, its open call and a supply of officers, so that a test starts at the stage it is about."""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date
from uuid import UUID

from contingent.demo.acting import Cast
from contingent.demo.way import Journey, Travelled, travel
from contingent.demo.workers import load_workers
from core.context import Ctx
from core.missions.calls import create_call, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn, MissionIn, PositionIn
from core.missions.service import add_position, create_mission, move_mission
from core.use_cases.lifecycle import Step

AGENCY = "on-peel"
OPENED, STARTS, ENDS = date(2025, 8, 1), date(2026, 1, 5), date(2026, 12, 28)


@dataclass
class World:
    """What every test of the way needs; officers are handed out one by one."""

    cast: Cast
    acronym: str
    mission: UUID
    position: UUID
    call: UUID
    officers: list[UUID]
    ordered: int = field(default=0)

    async def at(self, stage: str, *, agency: str = AGENCY, left_on: date | None = None) -> Travelled:
        """Take a fresh officer as far as ``stage``, on days in the past."""
        self.ordered += 1
        return await travel(
            self.cast,
            Journey(
                agency=agency,
                officer=self.officers.pop(),
                call=self.call,
                position=self.position,
                stage=stage,
                order=f"{self.acronym}-{self.ordered}",
                nominated_on=date(2025, 9, 1),
                selected_on=date(2025, 11, 3),
                starts_on=STARTS,
                ends_on=ENDS,
                left_on=left_on,
            ),
        )

    async def ctx(self, role: str) -> Ctx:
        """Return somebody of the service in a role."""
        return await self.cast.ctx(AGENCY, role)

    async def ipob(self, role: str) -> Ctx:
        """Return somebody of IPOB in a role."""
        return await self.cast.ctx("ipob", role)


async def make_world(
    cast: Cast, acronym: str = "UNWAY", french: str = "ONUVOIE", officers: list[UUID] | None = None
) -> World:
    """Make a mission with its call; load 200 officers, where none are given from another world."""
    planner = await cast.ctx("ipob", "planner")
    mission = await cast.run(
        planner,
        create_mission,
        MissionIn(
            acronym_en=acronym, acronym_fr=french, name_en="Mission of the tests", name_fr="Mission des essais",
            organization="UN", country="HT", seat="Nowhere", latitude=1.0, longitude=1.0, hazardous=True,
            starts_on=date(2020, 1, 1),
        ),
    )  # fmt: skip
    await cast.run(planner, move_mission, Step(id=str(mission.id), step="activate"))
    data = PositionIn(id=str(mission.id), title_en="Adviser", title_fr="Conseil", seats=100)
    position = await cast.run(planner, add_position, data)
    call = await cast.run(
        planner,
        create_call,
        CallIn(mission_id=str(mission.id), closes_on=date(2025, 10, 20), tour_starts_on=STARTS),
        on=OPENED,
    )
    await cast.run(planner, offer_position, CallPositionIn(id=str(call.id), position_id=str(position.id)))
    await cast.run(planner, move_call, Step(id=str(call.id), step="open"), on=OPENED)
    supply = officers if officers is not None else await load_workers(cast, AGENCY, 200, start=100)
    return World(cast, acronym, mission.id, position.id, call.id, supply)
