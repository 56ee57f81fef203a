"""The use case behind the consolidated dashboard: a handful of set-based reads, reckoned in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Sequence
from datetime import date, timedelta
from typing import Any, NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from core.database.directory import ScopeRow
from core.deployments.facts import IN_MISSION
from core.deployments.models import Tour
from core.hooks.days import shift
from core.missions.models import Call, CallPosition, Mission
from core.nominations.models import Candidacy, Nomination
from core.oversight.attention import needs_attention
from core.oversight.ledger import holding
from core.oversight.lifecycle import DASHBOARD_READ
from core.oversight.schemas import Dashboard, DashboardIn, MissionLine, Rotation
from core.oversight.suppression import THRESHOLD
from core.returns.models import ReturnStatus
from core.use_cases.declaration import use_case
from core.use_cases.work import Work

SOON = timedelta(days=60)
THERE = ("in_mission", "on_leave", "medical_hold")
COMING = ("planned", "ordered", "in_transit")
STAGES = ("nominated", "screening", "assessment", "selected", "training", "ready")


MONTHS = 12
"""How far the history goes back."""


class Presence(NamedTuple):
    """How many of a service and a gender were in a mission, on each day of the history: the last is the day asked."""

    tenant_id: UUID
    mission_id: UUID
    gender: str | None
    counts: Sequence[int]

    @property
    def now(self) -> int:
        """How many there are on the day asked for."""
        return self.counts[-1]


@use_case(permission=DASHBOARD_READ, input=DashboardIn, output=Dashboard, scopes={"program"}, reads=True)
async def read_dashboard(work: Work, data: DashboardIn) -> Dashboard:
    """Show who is deployed where, who comes and goes, and what needs attention."""
    as_of = data.as_of or work.on
    missions = {row.id: row for row in (await work.session.execute(select(Mission))).scalars()}
    scopes = {row.id: row for row in (await work.session.execute(select(ScopeRow))).scalars()}
    days = [shift(as_of, months=-back) for back in range(MONTHS - 1, -1, -1)]
    present = [
        one
        for one in await _presence(work, days)
        if (not data.mission or missions[one.mission_id].acronym_en == data.mission)
        and (not data.agency or scopes[one.tenant_id].slug == data.agency)
    ]
    tours = [
        tour
        for tour in await _tours(work)
        if (not data.mission or missions[tour.mission_id].acronym_en == data.mission)
        and (not data.agency or scopes[tour.tenant_id].slug == data.agency)
    ]
    shown = _missions(missions, present, tours, data.mission)
    coming = [tour for tour in tours if tour.state in COMING]
    going = [tour for tour in tours if tour.state in THERE and tour.ends_on <= as_of + SOON]
    files = {row.id for row in (await work.session.execute(select(ReturnStatus.id)))}
    vacancies, closing = await _vacancies(work, as_of)
    funnel = await _funnel(work)
    deployed = sum(one.now for one in present)
    by_agency, contributions = Counter[str](), Counter[tuple[str, str]]()
    for one in present:
        slug = scopes[one.tenant_id].slug
        by_agency[slug] += one.now
        contributions[slug, missions[one.mission_id].acronym_en] += one.now
    home = work.ctx.agencies.home
    return Dashboard(
        as_of=as_of,
        deployed=deployed,
        authorized=sum(one.authorized or 0 for one in shown),
        departing=sum(tour.starts_on <= as_of + SOON for tour in coming),
        returning=len(going),
        returning_unplanned=sum(tour.id not in files for tour in going),
        vacancies=vacancies,
        closing_calls=closing,
        late_returns=await _late(work),
        to_screen=dict(funnel)["nominated"] - dict(funnel)["screening"],
        history=[sum(one.counts[place] for one in present) for place in range(MONTHS)],
        missions=shown,
        agencies=[
            (row.slug, row.name_en, row.name_fr)
            for row in sorted(scopes.values(), key=lambda row: (-by_agency[row.slug], row.name_en))
            if row.kind == "agency"
        ],
        contributions=[(slug, mission, count) for (slug, mission), count in contributions.items() if count],
        home=(home, by_agency[home], deployed - by_agency[home]) if home else None,
        rotations=_rotations(tours, files),
        funnel=funnel,
        attention=await needs_attention(work, as_of),
    )


async def _presence(work: Work, days: Sequence[date]) -> list[Presence]:
    fact = holding(work.ctx.today)
    last = func.coalesce(fact.c.valid_to, date.max)
    there = [func.count().filter(fact.c.valid_from <= day, last >= day) for day in days]
    place = (fact.c.tenant_id, fact.c.mission_id, fact.c.gender)
    rows = await work.session.execute(select(*place, *there).where(fact.c.kind == IN_MISSION).group_by(*place))
    return [Presence(tenant, mission, gender, counts) for tenant, mission, gender, *counts in rows]


async def _tours(work: Work) -> Sequence[Any]:
    columns = (
        Tour.id, Tour.tenant_id, Tour.mission_id, Tour.state, Tour.starts_on, Tour.ends_on, Tour.rotation,
        Tour.arrived_on, Tour.home_on,
    )  # fmt: skip
    since = work.on - timedelta(days=420)
    query = select(*columns).where(Tour.state != "cancelled", Tour.ends_on >= since).order_by(Tour.starts_on)
    return (await work.session.execute(query)).all()


def _missions(
    missions: dict[UUID, Mission], present: Sequence[Presence], tours: Sequence[Any], wanted: str | None
) -> list[MissionLine]:
    """Return the missions that are running or have somebody, the largest first."""
    there, women, stated = Counter[UUID](), Counter[UUID](), Counter[UUID]()
    for one in present:
        there[one.mission_id] += one.now
        women[one.mission_id] += one.now if one.gender == "woman" else 0
        stated[one.mission_id] += one.now if one.gender else 0
    arriving: dict[UUID, list[date]] = defaultdict(list)
    for tour in tours:
        if tour.state in COMING:
            arriving[tour.mission_id].append(tour.starts_on)
    lines = []
    for row in missions.values():
        if (row.state == "closed" and not there[row.id]) or (wanted and row.acronym_en != wanted):
            continue
        arrivals = arriving[row.id]
        total = there[row.id]
        # A share is shown only where neither it nor what is left gives away a few.
        known = total == stated[row.id] and min(women[row.id], total - women[row.id]) >= THRESHOLD
        lines.append(
            MissionLine(
                id=row.id,
                acronym_en=row.acronym_en,
                acronym_fr=row.acronym_fr,
                seat=row.seat,
                latitude=row.latitude,
                longitude=row.longitude,
                deployed=total,
                authorized=row.authorized,
                women=round(100 * women[row.id] / total) if known else None,
                arrives_on=min(arrivals, default=None),
                arriving=len(arrivals),
            )
        )
    return sorted(lines, key=lambda one: (-one.deployed, one.acronym_en))


def _rotations(tours: Sequence[Any], files: set[UUID]) -> list[Rotation]:
    """Return tours gathered by mission, rotation and what they are: there, planned or reintegrating."""
    groups: dict[tuple[UUID, str, str], list[Any]] = {}
    for tour in tours:
        kind = "plan" if tour.state in COMING else "home" if tour.state in ("returning", "ended") else "done"
        groups.setdefault((tour.mission_id, tour.rotation or "", kind), []).append(tour)
    found = []
    for (mission_id, rotation, kind), members in groups.items():
        ends = [shift(tour.home_on or tour.ends_on, months=12) if kind == "home" else tour.ends_on for tour in members]
        starts = [(tour.home_on or tour.ends_on) if kind == "home" else tour.starts_on for tour in members]
        found.append(
            Rotation(
                mission_id=mission_id,
                title=rotation,
                officers=len(members),
                first=min(starts),
                last=max(ends),
                kind=kind,
            )
        )
    return found


async def _vacancies(work: Work, as_of: date) -> tuple[int, int]:
    """Return the places of open calls without a nominee, and the open calls that close within a week."""
    wanted = (
        select(Call.id, Call.closes_on, func.sum(CallPosition.wanted))
        .join(CallPosition, (CallPosition.tenant_id == Call.tenant_id) & (CallPosition.call_id == Call.id))
        .where(Call.state == "open")
        .group_by(Call.id, Call.closes_on)
    )
    rows = (await work.session.execute(wanted)).all()
    counted = (
        select(Nomination.call_id, func.count())
        .where(Nomination.state == "nominated", Nomination.call_id.in_([row[0] for row in rows]))
        .group_by(Nomination.call_id)
    )
    nominees = {row[0]: row[1] for row in await work.session.execute(counted)}
    vacant = sum(max(0, int(places) - nominees.get(call, 0)) for call, _, places in rows)
    return vacant, sum(as_of <= closes <= as_of + timedelta(days=7) for _, closes, _ in rows)


async def _late(work: Work) -> int:
    query = select(func.count()).where(ReturnStatus.state == "late")
    return int(await work.session.scalar(query) or 0)


async def _funnel(work: Work) -> list[tuple[str, int]]:
    """Return how many running nominations reached each stage; it starts where agencies released them."""
    query = (
        select(Candidacy.state, func.count())
        .select_from(Nomination)
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .where(Nomination.state == "nominated")
        .group_by(Candidacy.state)
    )
    counts = {state or STAGES[0]: number for state, number in await work.session.execute(query)}
    running = [counts.get(stage, 0) for stage in STAGES]
    running[2] += counts.get("reserve", 0)
    return [(stage, sum(running[place:])) for place, stage in enumerate(STAGES)]
