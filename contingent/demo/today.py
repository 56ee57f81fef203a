"""Today's picture: somebody at every stage of the way, tours in the current missions, returns on theirs.

Days are reckoned from the day of loading, so that the picture is always of today. The figures are
invented and marked as such on every page.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import select

from contingent.demo.acting import Cast
from contingent.demo.personas import gender_of
from contingent.demo.way import Journey, travel
from contingent.demo.world import add_positions
from contingent.progress import Progress
from core.database.sessions import tenant_session
from core.missions.calls import create_call, last_day, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn
from core.nominations.interest import declare_interest
from core.nominations.schemas import DeclareInterest
from core.personnel.models import Officer
from core.personnel.qualifications import add_qualification
from core.personnel.schemas import OwnFields, QualificationIn, QualificationKind
from core.personnel.service import change_own_fields
from core.use_cases.lifecycle import Step

POSITIONS: dict[str, list[tuple[str, str, int]]] = {
    "BINUH": [("Police adviser", "Conseil policier", 10)],
    "MONUSCO": [("Investigations mentor", "Mentorat en enquêtes", 25)],
    "EUPOL COPPS": [("Rule of law adviser", "Conseil en primauté du droit", 12)],
    "CPMU": [("Community policing adviser", "Conseil en police communautaire", 45)],
    "PRMNY": [("Senior police adviser", "Conseil policier principal", 1)],
}


QUALIFICATIONS: tuple[tuple[QualificationKind, int], ...] = (
    ("language", 0),
    ("driving", 700),
    ("firearm", 240),
    ("security_clearance", 900),
)
"""What each officer is qualified in, and for how many days at least; 0 does not expire."""
SILENT = 7
"""One officer in so many would rather not state a gender."""


class Group(NamedTuple):
    """Officers of several services in one mission at one stage; days are from today, negative before it."""

    mission: str
    stage: str
    starts: int
    months: int
    agencies: dict[str, int]
    rotation: str | None = None
    home: int | None = None


GROUPS = [
    Group("CPMU", "in_mission", -200, 12, {"ca-rcmp": 3, "on-opp": 2, "qc-sq": 1, "on-ottawa": 1}, "R12"),
    Group("CPMU", "in_mission", -325, 12, {"ca-rcmp": 2, "on-toronto": 2, "qc-spvm": 1, "ns-halifax": 1}, "R11"),
    Group("CPMU", "in_mission", -60, 12, {"on-toronto": 1, "on-peel": 1, "ab-edmonton": 1, "qc-longueuil": 1}, "R13"),
    Group("BINUH", "in_mission", -150, 9, {"qc-spvm": 2, "qc-sq": 1, "ca-rcmp": 1}, "R4"),
    Group("BINUH", "in_mission", -245, 9, {"qc-sq": 1, "qc-laval": 1}, "R3"),
    Group("MONUSCO", "in_mission", -120, 12, {"qc-sq": 2, "qc-quebec": 1, "ca-rcmp": 1, "qc-gatineau": 1}, "R18"),
    Group("EUPOL COPPS", "in_mission", -90, 12, {"on-opp": 1, "on-ottawa": 1, "sk-saskatoon": 1, "ca-rcmp": 1}, "R31"),
    Group("EUPOL COPPS", "in_mission", -340, 12, {"on-durham": 1, "mb-winnipeg": 1}, "R30"),
    Group("PRMNY", "in_mission", -180, 24, {"ca-rcmp": 1}),
    Group("CPMU", "returning", -366, 12, {"on-opp": 1}, "R11", None),
    Group("CPMU", "ended", -372, 12, {"qc-spvm": 1}, "R11", -5),
    Group("BINUH", "ended", -300, 9, {"qc-sq": 1}, "R2", -20),
    Group("MONUSCO", "ended", -420, 12, {"qc-spvm": 1}, "R17", -50),
    Group("CPMU", "ended", -490, 12, {"on-toronto": 1}, "R10", -120),
    Group("EUPOL COPPS", "ended", -610, 12, {"ca-rcmp": 1}, "R29", -240),
    Group("CPMU", "ended", -765, 12, {"on-opp": 1}, "R9", -395),
]
CALLED = [
    ("draft", {"qc-spvm": 1, "on-opp": 1}),
    ("review", {"qc-spvm": 2, "qc-sq": 1, "on-toronto": 1}),
    ("approved", {"qc-spvm": 1, "qc-bromont": 1}),
    ("nominated", {"qc-sq": 1, "qc-laval": 1}),
    ("screening", {"ca-rcmp": 1, "qc-gatineau": 1}),
    ("assessment", {"qc-spvm": 1, "on-ottawa": 1}),
]
SELECTED = [
    ("selected", {"ca-rcmp": 1, "on-opp": 1}),
    ("training", {"on-toronto": 1, "ab-edmonton": 1}),
    ("ready", {"qc-sq": 1, "bc-vancouver": 1}),
    ("planned", {"ca-rcmp": 1, "on-peel": 1}),
    ("ordered", {"on-ottawa": 1, "qc-spvm": 1}),
    ("in_transit", {"on-opp": 1}),
]


def _counted() -> dict[str, int]:
    found: dict[str, int] = {"qc-saguenay": 0, "qc-saint-jerome": 0, "qc-riviere-du-loup": 0}
    for agencies in [*(one.agencies for one in GROUPS), *(one for _, one in (*CALLED, *SELECTED))]:
        for agency, count in agencies.items():
            found[agency] = found.get(agency, 0) + count
    return found


OFFICERS = _counted()
"""How many officers of each service are on some way today; those of 2008 alone need none."""


async def complete_files(cast: Cast, officers: dict[str, list[UUID]]) -> None:
    """Let most of the officers state their gender, each for themselves, and enter what they are qualified in."""
    for agency, ids in officers.items():
        coordinator = await cast.ctx(agency, "coordinator")
        async with tenant_session(coordinator, read_only=True) as session:
            given = dict((await session.execute(select(Officer.id, Officer.given_name))).tuples().all())
        for number, officer in enumerate(ids[: OFFICERS[agency]], start=1):
            stated = gender_of(given[officer])
            member = await cast.member_ctx(agency, officer)
            if stated and number % SILENT:
                await cast.run(member, change_own_fields, OwnFields(id=str(officer), gender=stated))
            for place, (kind, days) in enumerate(QUALIFICATIONS):
                expires = coordinator.today + timedelta(days=days + 61 * ((number + place) % 4)) if days else None
                held = QualificationIn(id=str(officer), kind=kind, expires_on=expires)
                await cast.run(coordinator, add_qualification, held)


async def load_today(
    cast: Cast, missions: dict[str, UUID], officers: dict[str, list[UUID]], progress: Progress
) -> None:
    """Put everybody on their way: ``officers`` are the free ones of each service, by its slug."""
    planner = await cast.ctx("ipob", "planner")
    today = planner.today
    free = {agency: iter(ids) for agency, ids in officers.items()}
    positions = {
        acronym: (await add_positions(cast, missions[acronym], wanted))[0] for acronym, wanted in POSITIONS.items()
    }
    orders = iter(range(1, 1000))
    for group in GROUPS:
        progress("Putting today's officers on their way", group.mission)
        starts = today + timedelta(days=group.starts)
        call = await _call(cast, missions[group.mission], positions[group.mission], starts, group.months)
        for agency, officer in _taken(group.agencies, free):
            await travel(
                cast,
                _journey(group, agency, officer, call=call, positions=positions, starts=starts, number=next(orders)),
            )
        await cast.run(planner, move_call, Step(id=str(call), step="fill"), on=starts - timedelta(days=60))
    await _running(cast, missions, positions, free=free, orders=orders, progress=progress)


def _journey(
    group: Group, agency: str, officer: UUID, *, call: UUID, positions: dict[str, UUID], starts: date, number: int
) -> Journey:
    ends = last_day(starts, group.months)
    left = starts + timedelta(days=group.home - group.starts - 2) if group.home is not None else None
    home = left + timedelta(days=2) if left else None
    return Journey(
        agency=agency,
        officer=officer,
        call=call,
        position=positions[group.mission],
        stage=group.stage,
        order=f"OD-{starts.year}-{number:04d}",
        nominated_on=starts - timedelta(days=150),
        selected_on=starts - timedelta(days=90),
        starts_on=starts,
        ends_on=left or ends,
        left_on=left or min(ends, starts + timedelta(days=-group.starts - 1)),
        home_on=home,
        rotation=group.rotation,
    )


async def _running(
    cast: Cast,
    missions: dict[str, UUID],
    positions: dict[str, UUID],
    *,
    free: dict[str, Iterator[UUID]],
    orders: Iterator[int],
    progress: Progress,
) -> None:
    """The two calls that are running: one open, with somebody at each stage before selection; one after it."""
    planner = await cast.ctx("ipob", "planner")
    today = planner.today
    later = today + timedelta(days=95)
    opened = await _call(
        cast, missions["BINUH"], positions["BINUH"], later, 9, open_days=35, closes=today + timedelta(days=24)
    )
    soon = today + timedelta(days=30)
    closed = await _call(cast, missions["CPMU"], positions["CPMU"], soon, 12)
    for call, mission, starts, stages in ((opened, "BINUH", later, CALLED), (closed, "CPMU", soon, SELECTED)):
        for stage, agencies in stages:
            progress("Putting today's officers on their way", f"{mission}, {stage}")
            for agency, officer in _taken(agencies, free):
                in_transit = stage == "in_transit"
                first = today + timedelta(days=1) if in_transit else starts
                called = today - timedelta(days=20) if mission == "BINUH" else starts - timedelta(days=140)
                journey = Journey(
                    agency=agency,
                    officer=officer,
                    call=call,
                    position=positions[mission],
                    stage=stage,
                    order=f"OD-{starts.year}-{next(orders):04d}",
                    nominated_on=called,
                    selected_on=today - timedelta(days=4) if mission == "BINUH" else starts - timedelta(days=60),
                    starts_on=first,
                    ends_on=last_day(first, 9 if mission == "BINUH" else 12),
                    rotation="R14" if mission == "CPMU" else None,
                )
                await travel(cast, journey)
    await cast.run(planner, move_call, Step(id=str(closed), step="close"))
    for agency in ("qc-spvm", "on-toronto", "ca-rcmp"):
        officer = next(free[agency])
        member = await cast.member_ctx(agency, officer)
        note = "Ready to go from spring on. / Libre dès le printemps."
        await cast.run(member, declare_interest, DeclareInterest(call_id=str(opened), note=note))
    draft = CallIn(
        mission_id=str(missions["MONUSCO"]),
        closes_on=today + timedelta(days=60),
        tour_starts_on=today + timedelta(days=180),
        women_share=30,
    )
    await cast.run(planner, create_call, draft)


async def _call(
    cast: Cast,
    mission: UUID,
    position: UUID,
    starts: date,
    months: int,
    *,
    open_days: int = 170,
    closes: date | None = None,
) -> UUID:
    planner = await cast.ctx("ipob", "planner")
    closes = closes or starts - timedelta(days=100)
    on = min(starts - timedelta(days=open_days), planner.today - timedelta(days=open_days if open_days < 60 else 0))
    data = CallIn(
        mission_id=str(mission),
        closes_on=closes,
        tour_starts_on=starts,
        tour_months=months,
        requirements_en="Five years of service, valid driving licence, experience in community policing.",
        requirements_fr="Cinq ans de service, permis de conduire valide, expérience en police communautaire.",
    )
    call = await cast.run(planner, create_call, data, on=on)
    offered = CallPositionIn(id=str(call.id), position_id=str(position), wanted=8)
    await cast.run(planner, offer_position, offered, on=on)
    await cast.run(planner, move_call, Step(id=str(call.id), step="open"), on=on)
    return call.id


def _taken(agencies: dict[str, int], free: dict[str, Iterator[UUID]]) -> Iterator[tuple[str, UUID]]:
    for agency, count in agencies.items():
        for _ in range(count):
            yield agency, next(free[agency])
