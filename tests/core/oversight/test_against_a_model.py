"""Strength under any order of arrivals, corrections and ends, beside a ledger that is a list."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from typing import Any, NamedTuple
from uuid import UUID
from zoneinfo import ZoneInfo

from hypothesis import Phase, given, settings
from hypothesis import strategies as st

from core.clock import ManualClock
from core.context import Ctx, Scope
from core.database.sessions import tenant_session
from core.deployments.facts import record_presence, void_presence
from core.deployments.models import Tour
from core.missions.models import Mission
from core.nominations.models import ReleasedPerson
from core.oversight.strength import Strength, StrengthIn, count_strength
from core.oversight.suppression import THRESHOLD
from core.use_cases.execution import execute
from core.use_cases.work import Work
from tests.platform import Platform

BEGINS = datetime(2026, 3, 1, 15, tzinfo=UTC)
FIRST = date(2026, 1, 1)
DAYS = 60
GENDERS = ("woman", "man", None)

days = st.integers(0, DAYS)
squads = st.lists(st.tuples(st.integers(0, 1), st.sampled_from(GENDERS), st.integers(1, 7)), min_size=1, max_size=4)
acts = st.lists(
    st.tuples(
        st.integers(0, 3), st.sampled_from(["there", "there", "left", "left", "open", "void"]), days, st.integers(1, 40)
    ),
    max_size=8,
)
questions = st.lists(st.tuples(days, st.integers(-2, 16)), min_size=1, max_size=4)


class Squad(NamedTuple):
    """Officers of one service and gender who come and go together."""

    agency: Scope
    gender: str | None
    tours: list[Tour]


class Said(NamedTuple):
    """What was recorded of a squad, and when."""

    at: datetime
    squad: int
    first: date | None
    last: date | None


@dataclass
class Model:
    """Of each squad the last that was said by then holds; nothing said is ever taken back."""

    zone: ZoneInfo
    said: list[Said] = field(default_factory=list)

    def holding(self, known_on: date) -> dict[int, Said]:
        """Return what held at the end of a day, as the day goes in the zone."""
        return {one.squad: one for one in self.said if one.at.astimezone(self.zone).date() <= known_on}

    def there(self, as_of: date, known_on: date) -> set[int]:
        """Return the squads that were in the mission on a day, as known on a day."""
        return {
            squad
            for squad, one in self.holding(known_on).items()
            if one.first is not None and one.first <= as_of <= (one.last or date.max)
        }


@dataclass
class Land:
    """A mission of its own, and squads of two services in it."""

    platform: Platform
    mission: str
    mission_id: UUID
    ctx: Ctx
    squads: list[Squad] = field(default_factory=list)

    async def say(self, squad: int, what: str, day: date) -> Said:
        """Record of a squad that it is there from ``day``, left on it, is there still, or never was there."""
        async with tenant_session(self.ctx) as session:
            work = Work(self.ctx, session, self.ctx.today, self.ctx.clock.now())
            for tour in self.squads[squad].tours:
                if what == "void":
                    await void_presence(work, tour)
                    continue
                if what == "there" or tour.arrived_on is None:
                    tour.arrived_on = day
                tour.left_on = {"left": max(day, tour.arrived_on), "open": None}.get(what, tour.left_on)
                if tour.left_on is not None:
                    tour.left_on = max(tour.left_on, tour.arrived_on)
                await record_presence(work, tour)
        one = self.squads[squad].tours[0]
        gone = what == "void"
        return Said(work.now, squad, None if gone else one.arrived_on, None if gone else one.left_on)

    async def count(self, by: str, as_of: date, known_on: date | None = None) -> Strength:
        """Ask for the mission's strength."""
        asked = StrengthIn(by=by, mission=self.mission, as_of=as_of, known_on=known_on)
        return await execute(count_strength, self.ctx, asked)


async def settle(platform: Platform, wanted: list[tuple[int, str | None, int]]) -> Land:
    """Make a mission, two services and their squads, at the beginning of time."""
    own = replace(platform, clock=ManualClock(BEGINS))
    ctx = own.ctx(platform.program, "strength.read")
    agencies = [await own.agency(), await own.agency()]
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        id_ = work.new_id()
        names = dict.fromkeys(("acronym_en", "acronym_fr", "name_en", "name_fr", "seat"), f"M{id_.hex[-10:]}")
        session.add(
            Mission(
                tenant_id=ctx.scope.id, id=id_, **names, organization="UN", country="HT", latitude=0.0, longitude=0.0,
                languages=["en"], state="active", starts_on=FIRST, created_at=work.now, published_at=work.now,
            )
        )  # fmt: skip
    land = Land(own, names["acronym_en"], id_, ctx)
    for place, gender, size in wanted:
        tours = [await enlist(land, agencies[place], gender) for _ in range(size)]
        land.squads.append(Squad(agencies[place], gender, tours))
    return land


async def enlist(land: Land, agency: Scope, gender: str | None) -> Tour:
    """Release a person of the service, and return a tour of theirs that the ledger has not heard of."""
    ctx = land.platform.ctx(agency)
    async with tenant_session(ctx) as session:
        work = Work(ctx, session, ctx.today, ctx.clock.now())
        person, tour = work.new_id(), work.new_id()
        session.add(
            ReleasedPerson(
                tenant_id=agency.id, id=person, submitted_at=work.now, contract_version=1, gender=gender,
                created_at=work.now,
            )
        )  # fmt: skip
    return Tour(
        tenant_id=agency.id, id=tour, person_id=person, program_id=land.ctx.scope.id, mission_id=land.mission_id,
        position_id=tour, starts_on=FIRST, ends_on=FIRST + timedelta(days=DAYS),
    )  # fmt: skip


def rows(land: Land, there: set[int], by: str) -> dict[Any, int]:
    """Return the officers of the squads by service or by gender."""
    counts: Counter[Any] = Counter()
    for squad in there:
        one = land.squads[squad]
        counts[one.agency.slug if by == "agency" else one.gender or "not_stated"] += len(one.tours)
    return dict(counts)


# Without shrinking: a failure is read off easily, and to make it smaller would ask the database for minutes.
@settings(
    max_examples=25,
    phases=[Phase.explicit, Phase.reuse, Phase.generate],
)
@given(wanted=squads, order=acts, asked=questions)
async def test_strength_as_of_a_day_and_as_known_on_a_day_is_the_models(
    platform: Platform,
    wanted: list[tuple[int, str | None, int]],
    order: list[tuple[int, str, int, int]],
    asked: list[tuple[int, int]],
) -> None:
    land = await settle(platform, wanted)
    model = Model(ZoneInfo(land.ctx.scope.zone))
    told: list[tuple[date, date, dict[Any, int]]] = []
    for number, what, day, hours in order:
        squad = number % len(wanted)
        if what == "void" and squad not in model.holding(land.ctx.today):
            continue
        model.said.append(await land.say(squad, what, FIRST + timedelta(days=day)))
        before = land.ctx.today - timedelta(days=1)
        as_of = FIRST + timedelta(days=day)
        told.append((as_of, before, rows(land, model.there(as_of, before), "agency")))
        land.platform.clock.advance(timedelta(hours=hours))
    questions = [(FIRST + timedelta(days=day), BEGINS.date() + timedelta(days=known)) for day, known in asked]
    for as_of, known_on in questions:
        there = model.there(as_of, known_on)
        found = await land.count("agency", as_of, known_on)
        assert {row["agency"]: row["officers"] for row in found.rows} == rows(land, there, "agency")
        by_gender, expected = await land.count("gender", as_of, known_on), rows(land, there, "gender")
        assert len(by_gender.rows) + by_gender.suppressed == len(expected)
        for row in by_gender.rows:
            assert row["officers"] == expected[row["gender"]] >= THRESHOLD
    for as_of, known_on, then in told:
        found = await land.count("agency", as_of, known_on)
        assert {row["agency"]: row["officers"] for row in found.rows} == then, "what was known then is as it was"
    now = await land.count("agency", FIRST + timedelta(days=30))
    assert {row["agency"]: row["officers"] for row in now.rows} == rows(
        land, model.there(FIRST + timedelta(days=30), date.max), "agency"
    ), "what was recorded just now is known today, at any hour"
