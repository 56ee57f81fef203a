"""Use cases on tours: plan, order, move, report a movement."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import msgspec
from sqlalchemy import func, select

from core.clock import today
from core.deployments.absences import on_tour
from core.deployments.cases import of_tour
from core.deployments.facts import record_presence, void_presence
from core.deployments.lifecycle import MOVEMENT_REPORT, MOVEMENTS, TOUR, TOUR_MOVE, TOUR_ORDER, TOUR_PLAN
from core.deployments.models import Movement, Tour
from core.deployments.reading import find_tour, officer_of, tour_file
from core.deployments.schemas import KINDS, MovementIn, OrderIn, TourFile, TourIn, TourStep
from core.errors import Fault, Invalid, NotFound, Refused
from core.missions.models import Mission, Position
from core.missions.service import BEFORE_CLOSING
from core.nominations.candidacies import missing_on, require_running
from core.nominations.lifecycle import CANDIDACY
from core.nominations.models import Candidacy
from core.nominations.strength import ABSENCES
from core.text import t
from core.use_cases.conflicts import named
from core.use_cases.declaration import A_YEAR, use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Work

DATES: dict[str, str] = {"arrive": "arrived_on", "leave_mission": "left_on", "end": "home_on"}
"""The day a transition writes down, from the request's ``on``."""

ABROAD = ("in_transit", "in_mission", "on_leave", "medical_hold", "evacuated", "returning")


@use_case(permission=TOUR_PLAN, input=TourIn, output=TourFile, scopes={"program"}, backdated=A_YEAR, cases=named)
async def plan_tour(work: Work, data: TourIn) -> TourFile:
    """Plan the tour of a candidate who is ready."""
    scope = await work.ctx.database.scope(data.agency)
    if scope is None:
        raise NotFound
    candidacy: Candidacy = await work.get(Candidacy, data.id, tenant=scope.id)
    faults = []
    if data.ends_on <= data.starts_on:
        faults.append(Fault("/ends_on", t("The last day is not after the first.")))
    if faults:
        raise Invalid(faults)
    await require_running(work, scope.id, candidacy.id)
    await _check_room(work, candidacy, data.starts_on)
    missing = await missing_on(work, candidacy, data.ends_on)
    if missing:
        raise Refused(
            t("Not ready until the last day of the tour: %(missing)s.", missing=missing),
            t("Record the results that are missing or have expired."),
        )
    work.expected = None
    await move(work, candidacy, CANDIDACY, "assign")
    tour = Tour(
        tenant_id=scope.id,
        id=work.new_id(),
        candidacy_id=candidacy.id,
        person_id=candidacy.person_id,
        program_id=candidacy.program_id,
        mission_id=candidacy.mission_id,
        position_id=candidacy.position_id,
        state=TOUR.initial,
        starts_on=data.starts_on,
        ends_on=data.ends_on,
        rotation=data.rotation,
        created_at=work.now,
    )
    work.session.add(tour)
    await work.session.flush()
    await work.audit("tour.plan", ("tour", tour.id), after=msgspec.to_builtins(data))
    await work.emit("tour_changed", ("tour", tour.id), tenant=tour.tenant_id)
    return await tour_file(work, tour)


@use_case(permission=TOUR_ORDER, input=OrderIn, output=TourFile, scopes={"program"}, backdated=A_YEAR, cases=of_tour)
async def order_tour(work: Work, data: OrderIn) -> TourFile:
    """Give a planned tour its order."""
    tour = await find_tour(work, data.agency, data.id)
    same = select(Tour.id).where(Tour.tenant_id == tour.tenant_id, Tour.order_number == data.order_number)
    if await work.session.scalar(same):
        raise Invalid([Fault("/order_number", t("Another tour of this service has this number."))])
    changes = {"order_number": data.order_number, "ordered_on": work.on}
    await move(work, tour, TOUR, "order", changes=changes)
    return await tour_file(work, tour)


@use_case(permission=TOUR_MOVE, input=TourStep, output=TourFile, scopes={"program"}, backdated=A_YEAR, cases=of_tour)
async def move_tour(work: Work, data: TourStep) -> TourFile:
    """Move a tour along: departed, arrived, on leave, back, left the mission, home, cancelled."""
    tour = await find_tour(work, data.agency, data.id)
    await shift_tour(work, tour, data.step, reason=data.reason)
    return await tour_file(work, tour)


async def shift_tour(work: Work, tour: Tour, step: str, *, reason: str | None = None) -> None:
    """Move ``tour`` by ``step`` as of ``work.on`` and append the fact in the same transaction."""
    if step == "order":
        raise Invalid([Fault("/step", t("Give the order its number."))])
    agency = await work.ctx.database.scope_by_id(tour.tenant_id)
    assert agency is not None
    if work.on > max(work.ctx.today, today(work.ctx.clock, agency.zone)):
        raise Invalid([Fault("/on", t("This day is in the future: record it when it has happened."))])
    changes: dict[str, Any] = {DATES[step]: work.on} if step in DATES else {}
    if step == "leave_mission" and tour.arrived_on is not None and work.on < tour.arrived_on:
        raise Invalid([Fault("/on", t("This day is before the arrival in the mission."))])
    if step == "end" and tour.left_on is not None and work.on < tour.left_on:
        raise Invalid([Fault("/on", t("This day is before the officer left the mission."))])
    await move(work, tour, TOUR, step, reason=reason, changes=changes)
    if step in ("arrive", "leave_mission"):
        await record_presence(work, tour)
    if step == "cancel":
        await void_presence(work, tour)


@use_case(permission=MOVEMENT_REPORT, input=MovementIn, output=TourFile, cases=of_tour)
async def report_movement(work: Work, data: MovementIn) -> TourFile:
    """Report what happened on a tour: an officer on their own, a coordinator on any of the service."""
    tour = await find_tour(work, work.ctx.scope.slug, data.id)
    work.require(MOVEMENT_REPORT, owner=await officer_of(work, tour))
    if data.happened_on > work.ctx.today:
        raise Invalid([Fault("/happened_on", t("This day is in the future: report it when it has happened."))])
    transition = TOUR.find(MOVEMENTS[data.kind])
    if tour.state not in transition.sources:
        raise Refused(
            t("“%(step)s” does not follow on “%(state)s”.", step=KINDS[data.kind], state=TOUR.states[tour.state]),
            TOUR.way_to(transition.name),
        )
    movement = Movement(
        tenant_id=tour.tenant_id,
        id=work.new_id(),
        tour_id=tour.id,
        kind=data.kind,
        happened_on=data.happened_on,
        note=data.note,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.session.add(movement)
    await work.session.flush()
    await work.audit("movement.report", ("movement", movement.id), after=msgspec.to_builtins(data))
    await work.emit("movement_reported", ("movement", movement.id))
    return await tour_file(work, tour)


async def _check_room(work: Work, candidacy: Candidacy, starts_on: date) -> None:
    """Refuse a tour beyond the mission's authorized number or the seats of its position.

    Counted on the day after the handover, when whoever is relieved has left.
    """
    position: Position = await work.find(Position, candidacy.position_id)
    mission: Mission = await work.find(Mission, candidacy.mission_id)
    if mission.state not in ("planned", "active"):
        raise Refused(t("This mission takes no officers now."), t("It can be resumed on the mission's page."))
    day = starts_on + timedelta(days=position.handover_days)
    there = select(func.count()).where(
        Tour.mission_id == mission.id,
        Tour.state.not_in(("ended", "cancelled")),
        Tour.starts_on <= day,
        Tour.ends_on > day,
    )
    in_mission = int(await work.session.scalar(there) or 0)
    in_position = int(await work.session.scalar(there.where(Tour.position_id == position.id)) or 0)
    if mission.authorized is not None and in_mission >= mission.authorized:
        raise Refused(
            t("All %(most)s authorized places are taken on %(day)s.", most=mission.authorized, day=day),
            t("Plan the tour for when another ends, or have the authorized number raised."),
        )
    if in_position >= position.seats:
        raise Refused(
            t("All %(most)s seats of this position are taken on %(day)s.", most=position.seats, day=day),
            t("Plan the tour for when another ends, or enlarge the establishment."),
        )


async def _nobody_abroad(work: Work, mission: Mission) -> None:
    abroad = select(func.count()).where(Tour.mission_id == mission.id, Tour.state.in_(ABROAD))
    count = int(await work.session.scalar(abroad) or 0)
    if count:
        raise Refused(
            t("%(count)s officers are still in the mission.", count=count),
            t("Draw the mission down, and close it when the last has left."),
        )


BEFORE_CLOSING.append(_nobody_abroad)
ABSENCES.append(on_tour)
