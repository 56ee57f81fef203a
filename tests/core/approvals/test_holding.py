"""Decisions on hold: they do not count, their steps are open again, and released they count as before."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from msgspec import structs
from sqlalchemy import select

from core.approvals.holding import hold_decisions, list_made, release_decisions
from core.approvals.schemas import HoldIn, Made, MadeList, ReleaseIn
from core.approvals.service import get_case
from core.database.sessions import tenant_session
from core.errors import Forbidden, NotFound, Refused
from core.events.models import NotificationRow
from core.use_cases.declaration import ById
from core.use_cases.execution import execute
from tests.core.approvals.bench import Bench, last_decision, step

WHY = "somebody else had this account"


def since(bench: Bench, **ago: Any) -> Any:
    return bench.platform.clock.now() - timedelta(**(ago or {"days": 1}))


async def hold(bench: Bench, name: str, by: str = "Admin", **ago: Any) -> MadeList:
    data = HoldIn(seat=str(bench.seats[name]), since=since(bench, **ago), reason=WHY)
    return await execute(hold_decisions, bench.ctx(by), data)


async def release(bench: Bench, name: str, by: str = "Admin", decision: UUID | None = None) -> MadeList:
    data = ReleaseIn(seat=str(bench.seats[name]), decision=str(decision) if decision else None, reason=WHY)
    return await execute(release_decisions, bench.ctx(by), data)


async def states(bench: Bench, case: str) -> tuple[str, list[str]]:
    found = await execute(get_case, bench.ctx(), ById(case))
    return found.state, [one.state for one in found.steps]


async def told(bench: Bench, name: str) -> list[str]:
    async with tenant_session(bench.ctx(), read_only=True) as session:
        chosen = select(NotificationRow.sentence).where(NotificationRow.seat_id == bench.seats[name])
        return list(await session.scalars(chosen.order_by(NotificationRow.id)))


async def test_an_approval_on_hold_opens_its_step_again_and_what_came_after_waits(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("one"), step("two", "coordinator"))
    await bench.decide("Ana", case)
    assert await states(bench, case) == ("open", ["approved", "open"])
    found = await hold(bench, "Ana")
    assert (found.changed, found.decisions[0].needs_look) == (1, False)
    assert await states(bench, case) == ("open", ["open", "pending"])
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Ben", case)
    shown = await execute(get_case, bench.ctx("Ana"), ById(case))
    assert shown.mine, "whoever it really is may decide again"
    (kept,) = shown.steps[0].decisions
    assert (kept.held_reason, kept.can_recall) == (WHY, False)
    assert "Waiting for your decision, “%(step)s”: %(title)s" in await told(bench, "Ana")
    assert any("is on hold" in one for one in await told(bench, "Ben"))
    assert [line.reason for line in await bench.lines("approval.hold")][-1] == WHY


async def test_a_closed_case_opens_again_where_nothing_has_left(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("one"), step("two", "coordinator"))
    await bench.decide("Ana", case)
    assert (await bench.decide("Ben", case)).state == "approved"
    await hold(bench, "Ana")
    assert await states(bench, case) == ("open", ["open", "approved"]), "Ben's own decision stands"
    assert bench.toy.settled == []
    assert (await bench.decide("Ana", case)).state == "approved"
    assert bench.toy.settled == [("approved", None)]


async def test_what_has_left_is_listed_and_not_undone(bench: Bench) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("one"))
    await bench.decide("Ana", case)
    bench.toy.sent = True
    found = await hold(bench, "Ana")
    assert [one.needs_look for one in found.decisions] == [True]
    assert await states(bench, case) == ("approved", ["approved"])
    assert bench.toy.settled == [("approved", None)]


@pytest.mark.parametrize("verdict", ["refuse", "return"])
async def test_a_refusal_needs_a_look(bench: Bench, verdict: str) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("one"), step("two", "coordinator"))
    before = await bench.decide("Ana", case, verdict, "no")
    found = await hold(bench, "Ana")
    assert [(one.verdict, one.needs_look) for one in found.decisions] == [(verdict, True)]
    assert (await states(bench, case))[0] == before.state


async def test_released_it_counts_again_and_the_case_goes_on(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("one"), step("two", "coordinator"))
    await bench.decide("Ana", case)
    await hold(bench, "Ana")
    assert (await release(bench, "Ana")).changed == 1
    assert await states(bench, case) == ("open", ["approved", "open"])
    assert (await bench.decide("Ben", case)).state == "approved"
    with pytest.raises(Refused, match="Nothing is on hold"):
        await release(bench, "Ana")


async def test_two_steps_of_which_both_were_held_close_again_when_both_are_released(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("one"), step("two", "coordinator"))
    await bench.decide("Ana", case)
    await bench.decide("Ben", case)
    await hold(bench, "Ana")
    await hold(bench, "Ben")
    assert await states(bench, case) == ("open", ["open", "pending"])
    await release(bench, "Ben")
    assert await states(bench, case) == ("open", ["open", "pending"])
    await release(bench, "Ana")
    assert await states(bench, case) == ("approved", ["approved", "approved"])


async def test_who_has_decided_anew_does_not_count_twice(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "approver")
    case = await bench.open(step("both", how_many=2))
    first = last_decision(await bench.decide("Ana", case))
    await hold(bench, "Ana")
    await bench.decide("Ana", case)
    for decision in (first, None):
        with pytest.raises(Refused, match="decided anew"):
            await release(bench, "Ana", decision=decision)
    assert (await states(bench, case))[0] == "open"
    assert (await bench.decide("Ben", case)).state == "approved"


async def test_a_decision_for_somebody_else_is_the_accounts_too_and_frees_both(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Dee")
    case = await bench.open(step("one"))
    bench.goes_away("Ana")
    await bench.delegate("Ana", "Dee")
    assert (await bench.decide("Dee", case)).state == "approved"
    await hold(bench, "Dee")
    assert (await bench.decide("Dee", case)).state == "approved"


async def test_nobody_releases_what_was_decided_in_their_own_name(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Dee")
    case = await bench.open(step("one"))
    bench.goes_away("Ana")
    await bench.delegate("Ana", "Dee")
    await bench.decide("Dee", case)
    await hold(bench, "Dee")
    with pytest.raises(Refused, match="your own"):
        await release(bench, "Dee", by="Ana")
    assert await states(bench, case) == ("open", ["open"])


async def test_paper_that_the_account_entered_or_confirmed_is_held_too(bench: Bench) -> None:
    case, other = await bench.open(step("act", kind="act")), await bench.open(step("act", kind="act"))
    entered = last_decision(await bench.paper("Ana", case))
    await bench.confirm("Ben", other, last_decision(await bench.paper("Cem", other)))
    assert [one.part for one in (await hold(bench, "Ben")).decisions] == ["confirmed"]
    assert await states(bench, other) == ("open", ["open"])
    assert [one.part for one in (await hold(bench, "Ana")).decisions] == ["entered"]
    with pytest.raises(Refused, match="nothing to confirm"):
        await bench.confirm("Ben", case, entered)
    await release(bench, "Ana")
    assert (await bench.confirm("Cem", case, entered)).state == "approved"


async def test_nobody_releases_what_they_confirmed_from_paper_on_the_page_of_whoever_entered_it(bench: Bench) -> None:
    case = await bench.open(step("act", kind="act"))
    await bench.confirm("Cem", case, last_decision(await bench.paper("Ben", case)))
    await hold(bench, "Cem")
    with pytest.raises(Refused, match="your own"):
        await release(bench, "Ben", by="Cem")
    assert await states(bench, case) == ("open", ["open"])
    await release(bench, "Ben")
    assert await states(bench, case) == ("approved", ["approved"])


async def test_a_step_closed_with_an_earlier_decision_opens_with_it(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    case = await bench.open(step("one"), step("two", "coordinator"))
    assert (await bench.decide("Ana", case)).state == "approved"
    await hold(bench, "Ana")
    assert await states(bench, case) == ("open", ["open", "pending"])
    assert (await bench.decide("Ana", case)).state == "approved"


async def test_only_what_came_since_is_held(bench: Bench) -> None:
    bench.person("Ana", "approver")
    early, late = await bench.open(step("one")), await bench.open(step("one"))
    await bench.decide("Ana", early)
    bench.platform.clock.advance(timedelta(hours=2))
    await bench.decide("Ana", late)
    assert (await hold(bench, "Ana", hours=1)).changed == 1
    assert (await states(bench, early))[0] == "approved"
    assert (await states(bench, late))[0] == "open"
    with pytest.raises(Refused, match="decided nothing"):
        await hold(bench, "Ana", hours=1)
    made = await execute(list_made, bench.ctx(), Made(seat=str(bench.seats["Ana"]), since=since(bench, hours=0)))
    assert [one.held_at is not None for one in made.decisions] == [True, True][:1], "what is on hold is always listed"


async def test_nobody_releases_their_own_nor_touches_another_services(bench: Bench) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("one"))
    await bench.decide("Ana", case)
    await hold(bench, "Ana", by="Ana")
    with pytest.raises(Refused, match="your own"):
        await release(bench, "Ana", by="Ana")
    ctx, data = bench.ctx("Cem"), ReleaseIn(seat=str(bench.seats["Ana"]), reason=WHY)
    with pytest.raises(Refused, match="behind a program"):
        await execute(release_decisions, replace(ctx, actor=structs.replace(ctx.actor, kind="token")), data)
    elsewhere = Bench(bench.platform, await bench.platform.agency())
    elsewhere.seats["Ana"] = bench.seats["Ana"]
    for seat in (str(bench.seats["Ana"]), str(uuid4()), "nobody"):
        calls: list[tuple[Any, Any]] = [
            (hold_decisions, HoldIn(seat=seat, since=since(bench), reason=WHY)),
            (release_decisions, ReleaseIn(seat=seat, reason=WHY)),
            (list_made, Made(seat=seat, since=since(bench))),
        ]
        for case_, data in calls:
            with pytest.raises(NotFound):
                await execute(case_, elsewhere.ctx("Eve"), data)
    plain = bench.platform.ctx(bench.scope, "approval.decide")
    with pytest.raises(Forbidden):
        await execute(hold_decisions, plain, HoldIn(seat=str(bench.seats["Ana"]), since=since(bench), reason=WHY))


async def test_two_who_hold_at_the_same_moment_hold_once(bench: Bench) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("one"))
    await bench.decide("Ana", case)
    bench.ctx("Cem"), bench.ctx("Dee")
    done = await asyncio.gather(hold(bench, "Ana", by="Cem"), hold(bench, "Ana", by="Dee"), return_exceptions=True)
    assert await states(bench, case) == ("open", ["open"])
    assert not [one for one in done if isinstance(one, BaseException) and not isinstance(one, Refused)]


@settings(max_examples=25)
@given(st.lists(st.tuples(st.sampled_from(["decide", "hold", "release"]), st.integers(0, 2)), max_size=12))
async def test_whatever_the_order_a_case_is_approved_exactly_when_enough_decisions_stand(
    bench: Bench, deeds: list[tuple[str, int]]
) -> None:
    names = ["Ana", "Ben", "Cem"]
    bench.folk.seats.clear()
    bench.seats.clear()
    bench.toy.settled.clear()
    for name, role in zip(names, ("approver", "approver", "coordinator"), strict=True):
        bench.person(name, role)
    case = await bench.open(step("both", how_many=2), step("last", "coordinator"))
    for deed, who in deeds:
        try:
            await {"decide": bench.decide, "hold": lambda name, _: hold(bench, name), "release": _release(bench)}[deed](
                names[who], case
            )
        except Refused:
            continue
    found = await execute(get_case, bench.ctx(), ById(case))
    standing = [
        {one.name for one in made.decisions if one.held_at is None and one.recalled_at is None} for made in found.steps
    ]
    assert standing[0] <= {"Ana", "Ben"}
    assert standing[1] <= {"Cem"}
    assert (found.state == "approved") == (len(standing[0]) == 2 and len(standing[1]) == 1)
    assert bench.toy.settled == ([("approved", None)] if found.state == "approved" else [])
    if found.state == "open":
        assert [one.state for one in found.steps].count("open") == 1


def _release(bench: Bench) -> Any:
    async def released(name: str, case: str) -> MadeList:
        return await release(bench, name)

    return released
