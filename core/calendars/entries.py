"""What stands in a calendar: which day, of which mission, of what kind. No name, no number, nothing of health.

Each entry knows since when it is as it is and how often it was changed, from the rows it is made of: none of them is
deleted, and their versions only rise, so a calendar that keeps a copy knows which of two is the newer.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime, timedelta
from typing import Any, Literal, NamedTuple
from uuid import UUID, uuid5

import msgspec
from sqlalchemy import ColumnElement, and_, func, select

from core.database.tables import Revised
from core.deployments.models import Tour
from core.missions.calls import last_day
from core.missions.models import Call, Mission, Position
from core.nominations.models import Candidacy, PersonKey
from core.returns.models import CheckIn, Milestone, ReturnFile
from core.use_cases.work import Work

Kind = Literal["tour_begins", "tour_ends", "home", "rotation", "check_in", "milestone"]
Status = Literal["confirmed", "tentative", "cancelled"]

BACK, AHEAD = timedelta(days=366), timedelta(days=731)
"""How far a calendar reaches: the past year, and two years ahead."""
MOST = 1_000
"""How many tours a calendar has at most: those that end last."""
CHOSEN = ("selected", "training", "ready")
"""States of a candidacy in which its tour is expected to begin, and to end, on the days of the call."""
BEGIN: ColumnElement[date] = func.coalesce(Tour.arrived_on, Tour.starts_on)
END: ColumnElement[date] = func.coalesce(Tour.left_on, Tour.ends_on)
MY_TOUR, MY_RETURN = "/my/tour", "/my/return"


class Entry(msgspec.Struct, frozen=True, kw_only=True):
    """One entry of whole civil days, ``first`` and ``last`` included.

    ``uid`` stays the same as long as it is about the same thing; ``path`` is where the pages say more, below the
    scope; ``revisions`` counts how often it was changed, ``revised_at`` is when it last was.
    """

    uid: UUID
    kind: Kind
    first: date
    last: date
    status: Status
    mission: Mission
    position: Position | None = None
    rotation: str | None = None
    path: str
    made_at: datetime
    revised_at: datetime
    revisions: int


class Window(NamedTuple):
    """The days that a calendar shows."""

    since: date
    until: date

    def shows(self, entry: Entry) -> bool:
        """Say whether some of the entry's days are among them."""
        return entry.first <= self.until and entry.last >= self.since


def window_on(day: date) -> Window:
    """Return the days that a calendar shows which is fetched on ``day``."""
    return Window(day - BACK, day + AHEAD)


async def own_entries(work: Work, officer_id: UUID, *, tours: bool, returns: bool) -> list[Entry]:
    """Return the dates of one officer: their ``tours``, and what is due of theirs in ``returns``."""
    window = window_on(work.ctx.today)
    found: list[Entry] = []
    if tours:
        keys = select(PersonKey.id).where(PersonKey.officer_id == officer_id)
        found += await _tours(work, window, Tour.person_id.in_(keys), path=MY_TOUR)
        found += await _expected(work, Candidacy.person_id.in_(keys))
    if returns:
        found += await _due(work, officer_id)
    return _in_order(found, window)


async def mission_entries(work: Work, mission_id: UUID) -> list[Entry]:
    """Return the dates of a mission: rotations and tours, of those tours that the scope sees."""
    window = window_on(work.ctx.today)
    tours = await _tours(work, window, Tour.mission_id == mission_id)
    return _in_order([*tours, *await _rotations(work, mission_id)], window)


def _in_order(found: list[Entry], window: Window) -> list[Entry]:
    return sorted(filter(window.shows, found), key=lambda one: (one.first, one.last, one.kind, one.uid))


async def _tours(work: Work, window: Window, *which: ColumnElement[bool], path: str | None = None) -> list[Entry]:
    query = (
        select(Tour, Candidacy, Mission, Position, Call)
        .join(Candidacy, and_(Candidacy.tenant_id == Tour.tenant_id, Candidacy.id == Tour.candidacy_id))
        .join(Mission, and_(Mission.tenant_id == Tour.program_id, Mission.id == Tour.mission_id))
        .join(Position, and_(Position.tenant_id == Tour.program_id, Position.id == Tour.position_id))
        .outerjoin(Call, and_(Call.tenant_id == Candidacy.program_id, Call.id == Candidacy.call_id))
        .where(func.coalesce(Tour.home_on, END) >= window.since, window.until >= BEGIN, *which)
        .order_by(END.desc(), Tour.id)
        .limit(MOST)
    )
    rows = await work.session.execute(query)
    return [entry for row in rows for entry in _of_tour(row, path or _page_of(work, row[0]))]


def _of_tour(row: Any, path: str) -> Iterator[Entry]:
    tour, candidacy, mission, position, call = row
    planned: Status = "tentative" if tour.state == "planned" else "confirmed"
    days: dict[Kind, date | None] = {
        "tour_begins": tour.arrived_on or tour.starts_on,
        "tour_ends": tour.left_on or tour.ends_on,
        "home": tour.home_on,
    }
    for kind, day in days.items():
        if day is not None:
            yield Entry(
                uid=uuid5(candidacy.id, kind),
                kind=kind,
                first=day,
                last=day,
                status="cancelled" if tour.state == "cancelled" else planned,
                mission=mission,
                position=position,
                rotation=tour.rotation,
                path=path,
                **_history(tour, candidacy, mission, position, call),
            )


async def _expected(work: Work, *which: ColumnElement[bool]) -> list[Entry]:
    """Return when the tours of candidates are expected who are chosen and have none yet.

    Their entries become those of the tour once it is planned: they are about the same thing.
    """
    query = (
        select(Candidacy, Mission, Position, Call)
        .join(Mission, and_(Mission.tenant_id == Candidacy.program_id, Mission.id == Candidacy.mission_id))
        .join(Position, and_(Position.tenant_id == Candidacy.program_id, Position.id == Candidacy.position_id))
        .join(Call, and_(Call.tenant_id == Candidacy.program_id, Call.id == Candidacy.call_id))
        .where(Candidacy.state.in_(CHOSEN), *which)
        .limit(MOST)
    )
    found = []
    for candidacy, mission, position, call in await work.session.execute(query):
        end = last_day(call.tour_starts_on, call.tour_months)
        days: dict[Kind, date] = {"tour_begins": call.tour_starts_on, "tour_ends": end}
        found += [
            Entry(
                uid=uuid5(candidacy.id, kind),
                kind=kind,
                first=day,
                last=day,
                status="tentative",
                mission=mission,
                position=position,
                path=MY_TOUR,
                **_history(candidacy, mission, position, call),
            )
            for kind, day in days.items()
        ]
    return found


async def _due(work: Work, officer_id: UUID) -> list[Entry]:
    """Return the check-ins of an officer's open returns that are to come, and the officer's own steps still to do.

    Of a step only the day: its name is the service's to choose, and could say anything. Health's are left out.
    """
    whose = and_(ReturnFile.officer_id == officer_id, ReturnFile.state != "closed")
    own_step = and_(Milestone.owner == "officer", Milestone.state == "open")
    found = []
    kinds: list[tuple[Kind, Any, Any]] = [
        ("check_in", CheckIn, CheckIn.done_on.is_(None)),
        ("milestone", Milestone, own_step),
    ]
    for kind, table, still_to_do in kinds:
        query = (
            select(table, Mission)
            .join(ReturnFile, and_(ReturnFile.tenant_id == table.tenant_id, ReturnFile.id == table.return_id))
            .join(Tour, and_(Tour.tenant_id == ReturnFile.tenant_id, Tour.id == ReturnFile.tour_id))
            .join(Mission, and_(Mission.tenant_id == Tour.program_id, Mission.id == Tour.mission_id))
            .where(whose, still_to_do)
            .order_by(table.due_on.desc(), table.id)
            .limit(MOST)
        )
        found += [
            Entry(
                uid=uuid5(row.id, kind),
                kind=kind,
                first=row.due_on,
                last=row.due_on,
                status="confirmed",
                mission=mission,
                path=MY_RETURN,
                **_history(row, mission),
            )
            for row, mission in await work.session.execute(query)
        ]
    return found


async def _rotations(work: Work, mission_id: UUID) -> list[Entry]:
    """Return when those of each rotation arrive, from the first to the last of them.

    All its tours count, whatever day it is: what is said of a rotation does not change because time goes by.
    """
    live = Tour.state != "cancelled"
    query = (
        select(
            Tour.rotation,
            func.coalesce(func.min(BEGIN).filter(live), func.min(BEGIN)).label("first"),
            func.coalesce(func.max(BEGIN).filter(live), func.max(BEGIN)).label("last"),
            func.bool_or(live).label("live"),
            func.bool_or(Tour.state.not_in(("planned", "cancelled"))).label("ordered"),
            func.min(Tour.created_at).label("made_at"),
            func.max(func.coalesce(Tour.changed_at, Tour.created_at)).label("revised_at"),
            func.sum(Tour.version).label("revisions"),
        )
        .where(Tour.mission_id == mission_id, Tour.rotation.is_not(None))
        .group_by(Tour.rotation)
        .order_by(func.max(BEGIN).desc(), Tour.rotation)
        .limit(MOST)
    )
    rows = (await work.session.execute(query)).all()
    if not rows:
        return []
    mission: Mission = await work.find(Mission, mission_id)
    return [
        Entry(
            # Each scope sees the tours that it may, so that its rotations are its own.
            uid=uuid5(uuid5(mission.id, work.ctx.scope.slug), row.rotation),
            kind="rotation",
            first=row.first,
            last=row.last,
            status="cancelled" if not row.live else "confirmed" if row.ordered else "tentative",
            mission=mission,
            rotation=row.rotation,
            path=_tours_of(mission.id),
            made_at=row.made_at,
            revised_at=max(row.revised_at, mission.revised_at),
            revisions=int(row.revisions) + mission.version,
        )
        for row in rows
    ]


def _page_of(work: Work, tour: Tour) -> str:
    """Return where a tour is shown; the address of another scope's would say whose officer it is."""
    own = tour.tenant_id == work.ctx.scope.id
    return f"/tours/{work.ctx.scope.slug}/{tour.id}" if own else _tours_of(tour.mission_id)


def _tours_of(mission_id: UUID) -> str:
    return f"/tours?state=all&mission_id={mission_id}"


def _history(*rows: Revised | None) -> dict[str, Any]:
    """Return what an entry tells of its own past, from the rows of which it is made, its subject's first."""
    known = [row for row in rows if row is not None]
    return {
        "made_at": known[0].created_at,
        "revised_at": max(row.revised_at for row in known),
        "revisions": sum(row.version for row in known),
    }
