"""The whole way through the front door: worker file, nomination, the service's own chain, selection, tour, facts."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from sqlalchemy import func, select

from contingent.demo.acting import Cast
from contingent.demo.force_2008 import ENDS, STARTS, load_force, strength_2008
from contingent.demo.way import Journey, travel
from contingent.demo.workers import load_workers
from contingent.demo.world import add_positions, load_missions
from contingent.progress import Progress
from core.database.sessions import tenant_session
from core.deployments.models import TourFact
from core.errors import Refused
from core.missions.calls import create_call, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn
from core.oversight.strength import Strength, StrengthIn, count_strength
from core.use_cases.lifecycle import Step


@pytest.fixture(scope="module")
async def missions(cast: Cast) -> dict[str, UUID]:
    """The missions since 1989."""
    return await load_missions(cast)


async def counted(cast: Cast, **asked: object) -> Strength:
    analyst = await cast.ctx("ipob", "analyst")
    return await cast.run(analyst, count_strength, StrengthIn(**asked))  # type: ignore[arg-type]


async def test_the_force_of_2008_is_counted_by_service_as_of_the_day(
    cast: Cast, missions: dict[str, UUID], monkeypatch: pytest.MonkeyPatch
) -> None:
    small = [("on-durham", 1), ("qc-saguenay", 2), ("qc-riviere-du-loup", 1)]
    assert set(small) <= set(strength_2008())
    monkeypatch.setattr("contingent.demo.force_2008.strength_2008", lambda: small)
    officers = {agency: await load_workers(cast, agency, count, start=0) for agency, count in small}
    await load_force(cast, missions["MINUSTAH"], officers, Progress())

    spring = await counted(cast, by="agency", mission="MINUSTAH", as_of=date(2008, 4, 1))
    assert {row["agency"]: row["officers"] for row in spring.rows} == dict(small)
    assert spring.suppressed == 0

    by_gender = await counted(cast, by="gender", mission="MINUSTAH", as_of=date(2008, 4, 1))
    assert by_gender.rows == []
    assert by_gender.suppressed == 1, "four people by gender are too few to show"

    for day, there in ((STARTS, True), (ENDS, True), (date(2008, 1, 13), False), (date(2008, 10, 14), False)):
        assert bool((await counted(cast, by="mission", mission="MINUSTAH", as_of=day)).rows) is there
    unknown = await counted(cast, by="agency", as_of=date(2008, 4, 1), known_on=date(2026, 11, 22))
    assert unknown.rows == [], "nothing was recorded before today"


async def test_facts_are_appended_and_none_is_changed(cast: Cast, missions: dict[str, UUID]) -> None:
    analyst = await cast.ctx("ipob", "analyst")
    async with tenant_session(analyst, read_only=True) as session:
        of_2008 = TourFact.mission_id == missions["MINUSTAH"]
        by_tour = select(TourFact.tour_id, func.count()).where(of_2008).group_by(TourFact.tour_id)
        rows = (await session.execute(by_tour)).all()
    assert rows
    assert {count for _, count in rows} == {2}, "one fact on arrival, one on leaving; the first stays"


async def test_a_nomination_cannot_leave_while_a_gate_is_shut(cast: Cast, missions: dict[str, UUID]) -> None:
    planner = await cast.ctx("ipob", "planner")
    (position,) = await add_positions(cast, missions["BINUH"], [("Police adviser", "Conseil policier", 5)])
    call = await cast.run(
        planner,
        create_call,
        CallIn(mission_id=str(missions["BINUH"]), closes_on=date(2026, 12, 20), tour_starts_on=date(2027, 3, 1)),
    )
    await cast.run(planner, offer_position, CallPositionIn(id=str(call.id), position_id=str(position)))
    await cast.run(planner, move_call, Step(id=str(call.id), step="open"))
    (officer, *_) = await load_workers(cast, "qc-bromont", 1, start=40)
    journey = Journey(
        agency="qc-bromont",
        officer=officer,
        call=call.id,
        position=position,
        stage="nominated",
        nominated_on=date(2026, 11, 23),
        selected_on=date(2026, 12, 24),
        starts_on=date(2027, 3, 1),
        ends_on=date(2028, 2, 29),
    )
    with pytest.raises(Refused) as refused:
        await travel(cast, journey)
    assert "cannot leave" in str(refused.value.text)
    assert refused.value.remedy is not None
    assert str(refused.value.remedy), "the refusal says who can supply what is missing"
