"""A tour as plugins of the officer's own service see it."""

from __future__ import annotations

from datetime import date
from uuid import UUID

from core.deployments.lifecycle import UNTOLD
from core.deployments.models import Tour
from core.hooks import types
from core.missions.models import Mission
from core.use_cases.work import Work


async def describe_tour(work: Work, tour: Tour, officer_id: UUID) -> types.Tour:
    """Return what a plugin is told of a tour of ``officer_id``."""
    return tour_for_plugins(tour, await work.find(Mission, tour.mission_id), officer_id)


def tour_for_plugins(tour: Tour, mission: Mission, officer_id: UUID) -> types.Tour:
    """Return what a plugin is told of a tour; why somebody is not available it is not told."""
    start, end = tour.arrived_on or tour.starts_on, end_of(tour)
    return types.Tour(
        id=tour.id,
        officer_id=officer_id,
        mission=mission.acronym_en,
        start=start,
        end=max(end, start),
        state=UNTOLD.get(tour.state, tour.state),
        country=mission.country,
        hazardous=mission.hazardous,
        armed=bool(mission.armed),
        ended_early=end < tour.ends_on,
    )


def end_of(tour: Tour) -> date:
    """Return the day from which the return is reckoned: home, left the mission, or the planned last day."""
    return tour.home_on or tour.left_on or tour.ends_on
