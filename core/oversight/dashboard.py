"""The use case behind the consolidated dashboard: a handful of set-based reads, reckoned in memory."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from sqlalchemy import func, select

from core.database.directory import ScopeRow
from core.deployments.facts import IN_MISSION
from core.errors import Fault, Invalid
from core.hooks.days import shift
from core.missions.models import Mission
from core.oversight.ledger import end_of_day, holding
from core.oversight.lifecycle import DASHBOARD_READ
from core.oversight.part import Part, part_of
from core.oversight.schemas import Dashboard, DashboardIn, MissionLine, Note
from core.oversight.stays import Stay, rotations, stays_on
from core.oversight.suppression import COUNT, THRESHOLD, suppress
from core.oversight.waiting import waiting_today
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.work import Work

SOON = timedelta(days=60)
MONTHS = 12
"""How far the history goes back."""
FIRST = date(1989, 1, 1)
"""Canada sent no police to a mission before."""


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
    """Show who is deployed where on a day, who comes and goes, and today also what needs attention."""
    as_of = data.as_of or work.on
    if not FIRST <= as_of <= work.ctx.today:
        raise Invalid([Fault("/as_of", t("Enter a day that has come, and not before %(day)s.", day=FIRST))])
    missions = {row.id: row for row in (await work.session.execute(select(Mission))).scalars()}
    scopes = {row.id: row for row in (await work.session.execute(select(ScopeRow))).scalars()}
    part = part_of(data.mission, data.agency, missions.values(), scopes.values())
    days = [shift(as_of, months=-back) for back in range(MONTHS - 1, -1, -1)]
    everybody = await _presence(work, days)
    present = [one for one in everybody if part.has(one)]
    stays = await stays_on(work, as_of, part)
    coming = [one for one in stays if one.kind == "plan"]
    going = [one for one in stays if one.kind == "done" and one.last <= as_of + SOON]
    there = Counter[UUID]()
    for one in everybody:
        there[one.mission_id] += one.now
    running = [row for row in missions.values() if there[row.id] or _runs(row, as_of)]
    shown = _missions(missions, running, present, coming, part)
    deployed = sum(one.now for one in present)
    by_agency, contributions = Counter[UUID](), Counter[tuple[UUID, UUID]]()
    for one in present:
        by_agency[one.tenant_id] += one.now
        contributions[one.tenant_id, one.mission_id] += one.now
    names = {id_: row.slug for id_, row in scopes.items()}
    home = work.ctx.agencies.home
    own = sum(count for id_, count in by_agency.items() if names[id_] == home)
    return Dashboard(
        as_of=as_of,
        today=work.ctx.today,
        deployed=deployed,
        everybody=sum(there.values()),
        authorized=sum(one.authorized or 0 for one in shown),
        unauthorized=sum(one.authorized is None for one in shown),
        departing=sum(one.first <= as_of + SOON for one in coming),
        returning=len(going),
        history=[(day, sum(one.counts[place] for one in present)) for place, day in enumerate(days)],
        missions=shown,
        choices=sorted({(row.acronym_en, row.acronym_fr) for row in running}),
        agencies=[
            (row.slug, row.name_en, row.name_fr)
            for row in sorted(scopes.values(), key=lambda row: (-by_agency[row.id], row.name_en))
            if row.kind == "agency"
        ],
        contributions=[(names[tenant], mission, count) for (tenant, mission), count in contributions.items() if count],
        home=(home, own, deployed - own) if home and part.agencies is None else None,
        rotations=rotations(stays, as_of),
        notes=[_noted(missions[one.id]) for one in shown if _is_noted(missions[one.id], one)],
        waiting=await waiting_today(work, part, going) if as_of == work.ctx.today else None,
    )


async def _presence(work: Work, days: Sequence[date]) -> list[Presence]:
    fact = holding(end_of_day(work.ctx.today, work.ctx.scope.zone))
    last = func.coalesce(fact.c.valid_to, date.max)
    there = [func.count().filter(fact.c.valid_from <= day, last >= day) for day in days]
    place = (fact.c.tenant_id, fact.c.mission_id, fact.c.gender)
    rows = await work.session.execute(select(*place, *there).where(fact.c.kind == IN_MISSION).group_by(*place))
    return [Presence(tenant, mission, gender, counts) for tenant, mission, gender, *counts in rows]


def _runs(row: Mission, day: date) -> bool:
    """Say whether the mission ran on ``day``; of one that is over since nobody knows when, no day is certain."""
    if row.state == "planned" or row.starts_on > day:
        return False
    return row.state != "closed" if row.ends_on is None else row.ends_on >= day


def _is_noted(row: Mission, line: MissionLine) -> bool:
    """Say whether a mission's note is shown: where it is over, its figures are history and come with their source."""
    return row.state == "closed" and bool(line.deployed) and row.note_en is not None


def _noted(row: Mission) -> Note:
    return Note(row.acronym_en, row.acronym_fr, row.note_en or "", row.note_fr or "")


def _missions(
    missions: Mapping[UUID, Mission],
    running: Sequence[Mission],
    present: Sequence[Presence],
    coming: Sequence[Stay],
    part: Part,
) -> list[MissionLine]:
    """Return the missions that run or have somebody, the largest first; of one service, those it takes part in."""
    there = Counter[UUID]()
    for one in present:
        there[one.mission_id] += one.now
    women = {} if part.agencies is not None else _women(present, there)
    arriving: dict[UUID, list[date]] = defaultdict(list)
    for stay in coming:
        arriving[stay.mission_id].append(stay.first)
    wanted = {id_ for id_, count in there.items() if count} | arriving.keys()
    if part.agencies is None:
        wanted |= {row.id for row in running if part.missions is None or row.id in part.missions}
    lines = []
    for row in (missions[id_] for id_ in wanted):
        arrivals, total = arriving[row.id], there[row.id]
        lines.append(
            MissionLine(
                id=row.id,
                acronym_en=row.acronym_en,
                acronym_fr=row.acronym_fr,
                seat=row.seat,
                latitude=row.latitude,
                longitude=row.longitude,
                deployed=total,
                authorized=row.authorized if part.agencies is None else None,
                women=women.get(row.id),
                arrives_on=min(arrivals, default=None),
                arriving=len(arrivals),
            )
        )
    return sorted(lines, key=lambda one: (-one.deployed, one.acronym_en))


def _women(present: Sequence[Presence], there: Mapping[UUID, int]) -> dict[UUID, int]:
    """Return the percentage of women by mission where it gives nobody away.

    It is told where every officer's gender is stated and five or more are women and as many are not. Of one service it
    never is: beside the share of all services it would give away the others'.
    """
    counts = Counter[tuple[UUID, str | None]]()
    for one in present:
        counts[one.mission_id, one.gender] += one.now
    rows = [{"mission": id_, "gender": gender, COUNT: count} for (id_, gender), count in counts.items() if count]
    shown, hidden = suppress(rows, {"gender"})
    unknown = {row["mission"] for row in hidden} | {row["mission"] for row in rows if row["gender"] is None}
    return {
        row["mission"]: round(100 * row[COUNT] / total)
        for row in shown
        if row["gender"] == "woman"
        and row["mission"] not in unknown
        and (total := there[row["mission"]]) - row[COUNT] >= THRESHOLD
    }
