"""The Canadian force in MINUSTAH in spring 2008, through the front door: names invented, numbers real.

Source of the numbers: ``data/minustah-2008.tsv``, from testimony to the House of Commons committee
on foreign affairs. The 7 women are known in all, not by service: no gender is stated here.
"""

from __future__ import annotations

import csv
from datetime import date, timedelta
from uuid import UUID

from contingent.demo.acting import Cast
from contingent.demo.way import Journey, travel
from contingent.demo.world import DATA, add_positions
from contingent.progress import Progress
from core.missions.calls import create_call, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn
from core.missions.service import move_mission
from core.use_cases.lifecycle import Step

CALLED = date(2007, 9, 3)
CLOSES = date(2007, 10, 31)
STARTS = date(2008, 1, 14)
ENDS = date(2008, 10, 13)
POSITIONS = [
    ("Police mentor", "Mentor ou mentore de police", 60),
    ("Trainer at the police school", "Formation à l’école de police", 25),
    ("Investigations adviser", "Conseil en enquêtes", 15),
]


def strength_2008() -> list[tuple[str, int]]:
    """Return how many officers each service had in the force, as the source lists them."""
    with (DATA / "minustah-2008.tsv").open(encoding="utf-8", newline="") as file:
        return [(row["agency"], int(row["officers"])) for row in csv.DictReader(file, delimiter="\t")]


async def load_force(cast: Cast, mission: UUID, officers: dict[str, list[UUID]], progress: Progress) -> None:
    """Take the force through call, nominations, approvals, selection and tours; then close the mission."""
    positions = await add_positions(cast, mission, POSITIONS)
    call = await _call(cast, mission, positions)
    number = 0
    for agency, count in strength_2008():
        progress("Taking the force of 2008 through its mission", agency)
        for officer in officers[agency][:count]:
            number += 1
            journey = Journey(
                agency=agency,
                officer=officer,
                call=call,
                position=positions[0 if number <= 50 else 1 if number <= 65 else 2],
                stage="ended",
                order=f"MINUSTAH-2008-{number:03d}",
                nominated_on=CALLED + timedelta(days=10 + number % 20),
                selected_on=date(2007, 11, 20),
                starts_on=STARTS,
                ends_on=ENDS,
                rotation="R4",
            )
            await travel(cast, journey)
    planner = await cast.ctx("ipob", "planner")
    await cast.run(planner, move_call, Step(id=str(call), step="fill"), on=STARTS)
    ended = "End of the mandate / Fin du mandat"
    drawn = Step(id=str(mission), step="draw_down", reason=ended)
    await cast.run(planner, move_mission, drawn, on=date(2017, 4, 13))
    await cast.run(planner, move_mission, Step(id=str(mission), step="close", reason=ended), on=date(2017, 10, 15))


async def _call(cast: Cast, mission: UUID, positions: list[UUID]) -> UUID:
    planner = await cast.ctx("ipob", "planner")
    data = CallIn(mission_id=str(mission), closes_on=CLOSES, tour_starts_on=STARTS, tour_months=9)
    call = await cast.run(planner, create_call, data, on=CALLED)
    for position, (_, _, seats) in zip(positions, POSITIONS, strict=True):
        offered = CallPositionIn(id=str(call.id), position_id=str(position), wanted=seats)
        await cast.run(planner, offer_position, offered, on=CALLED)
    await cast.run(planner, move_call, Step(id=str(call.id), step="open"), on=CALLED)
    return call.id
