"""What the agency's HR system is to keep of a tour: the absence, the training for it, and what it was worth."""

from __future__ import annotations

from typing import Literal
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.deployments.lifecycle import TOUR_READ
from core.deployments.models import Tour
from core.deployments.reading import days_in_mission, find_tour, officer_of
from core.deployments.schemas import OfTour
from core.hooks import hr
from core.missions.models import Mission, Position
from core.nominations.models import Assessment
from core.use_cases.declaration import use_case
from core.use_cases.work import Work
from core.workforce.record_schemas import RecordOut
from core.workforce.recording import About, records
from core.workforce.records import records_of

KINDS_OF_TOURS: tuple[hr.RecordKind, ...] = ("leave", "training", "experience")
COURSES: tuple[Literal["language", "driving", "firearm"], ...] = ("language", "driving", "firearm")
"""Results of screening that are training; the others say what somebody thinks of the officer, or are health's."""
PASSED = ("met", "met_with_limits")


class TourRecords(msgspec.Struct, frozen=True):
    """What HR is to keep of one tour, in the order in which it came about."""

    records: list[RecordOut]


@use_case(permission=TOUR_READ, input=OfTour, output=TourRecords, reads=True)
async def list_tour_records(work: Work, data: OfTour) -> TourRecords:
    """List what the service's HR system is to keep of one of its tours, with the receipts."""
    tour = await find_tour(work, data.agency, data.id)
    return TourRecords(await records_of(work, tour.id))


@records("leave")
async def leave_of(work: Work, tour_id: UUID) -> About | None:
    """Return the absence for a tour that has its order: to its last day, or until the officer is home."""
    tour = await _ordered(work, tour_id)
    if tour is None or tour.state == "cancelled":
        return None
    first = min(tour.starts_on, tour.arrived_on or tour.starts_on)
    return await _about(work, tour, hr.Leave(first=first, last=max(first, tour.home_on or tour.ends_on)))


@records("training")
async def training_of(work: Work, tour_id: UUID) -> About | None:
    """Return what the officer was trained and tested in; that stays so where the tour is called off."""
    tour = await _ordered(work, tour_id)
    if tour is None:
        return None
    passed = select(Assessment).where(
        Assessment.tenant_id == tour.tenant_id,
        Assessment.candidacy_id == tour.candidacy_id,
        Assessment.kind.in_(COURSES),
        Assessment.result.in_(PASSED),
    )
    rows = await work.session.scalars(passed.order_by(Assessment.done_on, Assessment.kind))
    courses = [
        hr.Course(key=key, done=one.done_on, expires=one.expires_on)
        for one in rows
        for key in COURSES
        if key == one.kind
    ]
    return await _about(work, tour, hr.Training(courses=courses)) if courses else None


@records("experience")
async def experience_of(work: Work, tour_id: UUID) -> About | None:
    """Return the role and the days in the mission of a tour that is over."""
    tour = await _ordered(work, tour_id)
    if tour is None or tour.state != "ended" or tour.arrived_on is None or tour.left_on is None:
        return None
    position: Position = await work.find(Position, tour.position_id)
    earned = hr.Experience(
        role={"en": position.title_en, "fr": position.title_fr},
        first=tour.arrived_on,
        last=tour.left_on,
        days=days_in_mission(tour, tour.left_on),
    )
    return await _about(work, tour, earned)


async def _ordered(work: Work, tour_id: UUID) -> Tour | None:
    """Return one of the scope's tours, if it has its order: before that no date is confirmed."""
    tour = await work.session.get(Tour, (work.ctx.scope.id, tour_id))
    return tour if tour is not None and tour.order_number is not None else None


async def _about(work: Work, tour: Tour, content: hr.Leave | hr.Training | hr.Experience) -> About | None:
    officer_id = await officer_of(work, tour)
    if officer_id is None:
        return None
    mission: Mission = await work.find(Mission, tour.mission_id)
    return About(officer_id, mission.acronym_en, content)
