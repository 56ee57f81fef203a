"""Why somebody is not available is health's and deployment support's to know; the others read that they are not."""

from __future__ import annotations

import msgspec
import pytest

from core.deployments.reading import get_tour, list_tours
from core.deployments.schemas import ListTours, OfTour, TourStep
from core.deployments.service import move_tour
from tests.way import AGENCY, World

STATES = {"hold": ("medical_hold", "not_available"), "evacuate": ("evacuated", "out_of_mission")}
WHO = {
    "ipob": {"support", "health"},
    AGENCY: {"health"},
}


@pytest.mark.parametrize("step", STATES)
async def test_a_cause_reaches_only_whom_it_concerns(world: World, step: str) -> None:
    cause, told = STATES[step]
    tour = str((await world.at("in_mission")).tour)
    support = await world.ipob("support")
    await world.cast.run(
        support, move_tour, TourStep(agency=AGENCY, id=tour, step=step, reason="Decided in the field.")
    )
    readers = [("ipob", one) for one in ("support", "health", "planner", "selection", "finance", "analyst", "auditor")]
    readers += [(AGENCY, one) for one in ("health", "coordinator", "supervisor", "auditor")]
    for scope, role in readers:
        ctx = await world.cast.ctx(scope, role)
        file = await world.cast.run(ctx, get_tour, OfTour(agency=AGENCY, id=tour))
        knows = role in WHO[scope]
        assert file.tour.state == (cause if knows else told), (scope, role)
        for asked in ("all", cause, told):
            listed = await world.cast.run(ctx, list_tours, ListTours(state=asked, limit=200))  # type: ignore[arg-type]
            found = {str(one.id): one.state for one in listed.tours}
            expected = cause if knows else told
            assert found.get(tour) == (None if asked == cause and not knows else expected), (scope, role, asked)
            assert knows or cause not in msgspec.json.encode(listed).decode()
