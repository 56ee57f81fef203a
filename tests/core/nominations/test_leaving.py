"""What an approved nomination still needs to leave: an open call, its last day not past, no check that blocks."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select

from contingent.demo.personas import personas_for
from core.approvals.decisions import decide, recall
from core.approvals.schemas import DecideIn, OfDecision
from core.approvals.service import get_case
from core.database.sessions import tenant_session
from core.errors import Refused
from core.events.models import NotificationRow
from core.missions.calls import create_call, move_call, offer_position
from core.missions.schemas import CallIn, CallPositionIn
from core.nominations.reading import get_nomination
from core.nominations.schemas import ConductIn, NominationFile, OfNomination
from core.nominations.service import attest_conduct, draft_nomination, release_nomination
from core.nominations.tables import standing_of
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from core.use_cases.lifecycle import Step
from tests.way import AGENCY, World


async def send(world: World, nomination: object, *, on: date | None = None) -> NominationFile:
    of = OfNomination(id=str(nomination))
    return await world.cast.run(await world.ctx("coordinator"), release_nomination, of, on=on)


async def with_a_call_until(world: World, last_day: date) -> World:
    """Return the world with another call, open from today until ``last_day``."""
    planner = await world.ipob("planner")
    data = CallIn(mission_id=str(world.mission), closes_on=last_day, tour_starts_on=last_day + timedelta(days=90))
    call = await world.cast.run(planner, create_call, data)
    offered = CallPositionIn(id=str(call.id), position_id=str(world.position))
    await world.cast.run(planner, offer_position, offered)
    await world.cast.run(planner, move_call, Step(id=str(call.id), step="open"))
    return replace(world, call=call.id)


async def move(world: World, step: str) -> None:
    planner = await world.ipob("planner")
    await world.cast.run(planner, move_call, Step(id=str(world.call), step=step, reason="For the test."))


async def test_a_nomination_leaves_until_the_end_of_the_calls_last_day(world: World) -> None:
    today = (await world.ctx("coordinator")).today
    here = await with_a_call_until(world, today + timedelta(days=3))
    on_time, late = (await here.at("approved")).nomination, (await here.at("approved")).nomination
    assert (await send(here, on_time, on=today + timedelta(days=3))).nomination.state == "nominated"
    with pytest.raises(Refused, match="until") as refused:
        await send(here, late, on=today + timedelta(days=4))
    assert "later deadline" in str(refused.value.remedy)


async def test_coordinators_are_told_to_send_it_until_it_is_sent_and_the_list_says_so(world: World) -> None:
    coordinator = await world.ctx("coordinator")
    here = await with_a_call_until(world, coordinator.today + timedelta(days=3))
    nomination = (await here.at("approved")).nomination
    assert nomination is not None
    asked = select(func.count()).where(
        NotificationRow.link == f"/nominations/{nomination}",
        NotificationRow.sentence == "%(number)s is approved: send it to IPOB.",
        NotificationRow.read_at.is_(None),
    )
    async with tenant_session(coordinator, read_only=True) as session:
        assert await session.scalar(asked)
    found = await execute(get_nomination, coordinator, OfNomination(id=str(nomination)))
    assert str(standing_of(found.nomination).text) == "Approved: to be sent"
    sent = await send(here, nomination)
    assert str(standing_of(sent.nomination).text) == "Nominated"
    async with tenant_session(coordinator, read_only=True) as session:
        assert not await session.scalar(asked)


async def test_nobody_says_that_a_nomination_left_on_an_earlier_day() -> None:
    assert draft_nomination.undated
    assert release_nomination.undated


async def test_a_nomination_leaves_only_while_the_call_is_open(world: World) -> None:
    today = (await world.ctx("coordinator")).today
    here = await with_a_call_until(world, today + timedelta(days=3))
    nomination = (await here.at("approved")).nomination
    await move(here, "close")
    with pytest.raises(Refused, match="not open") as refused:
        await send(here, nomination)
    assert "open it again" in str(refused.value.remedy)
    await move(here, "reopen")
    assert (await send(here, nomination)).nomination.state == "nominated"


async def test_an_approved_nomination_does_not_leave_once_conduct_is_not_clear(world: World) -> None:
    today = (await world.ctx("coordinator")).today
    here = await with_a_call_until(world, today + timedelta(days=3))
    nomination = (await here.at("approved")).nomination
    coordinator = await here.ctx("coordinator")
    said = ConductIn(id=str(nomination), outcome="not_clear", attested_by="Standards", attested_on=today)
    await here.cast.run(coordinator, attest_conduct, said)
    with pytest.raises(Refused, match="not clear") as refused:
        await send(here, nomination)
    assert "no check blocks" in str(refused.value.remedy)
    clear = ConductIn(id=str(nomination), outcome="clear", attested_by="Standards", attested_on=today)
    await here.cast.run(coordinator, attest_conduct, clear)
    assert (await send(here, nomination)).nomination.state == "nominated"


async def test_an_approval_is_taken_back_only_while_the_nomination_has_not_left(world: World) -> None:
    today = (await world.ctx("coordinator")).today
    here = await with_a_call_until(world, today + timedelta(days=3))
    nomination = (await here.at("approved")).nomination
    coordinator = await here.ctx("coordinator")
    file = await here.cast.run(coordinator, get_nomination, OfNomination(id=str(nomination)))
    assert file.case_id is not None
    case = await here.cast.run(coordinator, get_case, ById(str(file.case_id)))
    last = max((one for step in case.steps for one in step.decisions), key=lambda one: (one.decided_at, one.id))
    decider = await here.cast.ctx_of(AGENCY, next(one for one in personas_for(AGENCY) if one.name == last.name))
    of = OfDecision(id=str(case.id), decision_id=str(last.id))
    assert (await here.cast.run(decider, recall, of)).state == "open"
    with pytest.raises(Refused, match="not approved yet"):
        await send(here, nomination)
    await here.cast.run(decider, decide, DecideIn(id=str(case.id), verdict="approve"))
    await send(here, nomination)
    case = await here.cast.run(decider, get_case, ById(str(case.id)))
    last = max((one for step in case.steps for one in step.decisions), key=lambda one: (one.decided_at, one.id))
    with pytest.raises(Refused, match="can no longer be taken back") as refused:
        await here.cast.run(decider, recall, OfDecision(id=str(case.id), decision_id=str(last.id)))
    assert "withdrawn" in str(refused.value.remedy)
