"""The inbox says what each case needs, in the order asked for; several are approved together or not at all."""

from __future__ import annotations

from datetime import timedelta

import pytest

from core.approvals.listing import list_cases
from core.approvals.schemas import Approved, ApproveIn, CaseList, Inbox, Picked
from core.approvals.several import approve_several
from core.database.sessions import tenant_session
from core.errors import Invalid, NotFound
from core.events.notifications import unread_count
from core.ids import new_id
from core.use_cases.execution import execute
from tests.core.approvals.bench import Bench, step


async def inbox(bench: Bench, name: str, **asked: str) -> CaseList:
    return await execute(list_cases, bench.ctx(name), Inbox(**asked))  # type: ignore[arg-type]


async def approve(bench: Bench, name: str, *cases: tuple[str, int]) -> Approved:
    picked = [Picked(id=case, version=version) for case, version in cases]
    return await execute(approve_several, bench.ctx(name), ApproveIn(cases=picked))


async def test_a_case_in_the_list_says_whether_a_check_forbids_it_and_since_when_it_waits(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Cleo", "coordinator")
    case = await bench.open(step("chief"), step("second", "coordinator"))
    bench.platform.clock.advance(timedelta(days=2))
    begun = bench.platform.clock.now()
    await bench.decide("Ana", case)
    bench.toy.blocked = True
    (mine,) = (await inbox(bench, "Cleo")).cases
    assert (mine.step, mine.steps, mine.mine, mine.blocking, mine.to_confirm) == (2, 2, True, 1, 0)
    assert mine.waiting_since == begun
    found = await inbox(bench, "Ana", show="others")
    assert ([one.mine for one in found.cases], found.mine, found.others) == ([False], 0, 1)


async def test_cases_come_by_deadline_or_the_longest_waiting_first(bench: Bench) -> None:
    bench.person("Ana", "approver")
    for days in (30, 5, 10):
        await bench.open(step("chief", deadline=days))
        bench.platform.clock.advance(timedelta(minutes=1))
    due = [one.due_on for one in (await inbox(bench, "Ana")).cases]
    assert due == sorted(due, key=str)
    waiting = [one.due_on for one in (await inbox(bench, "Ana", order="waiting")).cases]
    assert waiting == [due[2], due[0], due[1]]


async def test_several_are_approved_at_once(bench: Bench) -> None:
    bench.person("Ana", "approver")
    cases = [await bench.open(step("chief")) for _ in range(3)]
    versions = {str(one.id): one.version for one in (await inbox(bench, "Ana")).cases}
    assert (await approve(bench, "Ana", *((case, versions[case]) for case in cases[:2]))).cases == 2
    assert [str(one.id) for one in (await inbox(bench, "Ana")).cases] == cases[2:]
    assert len(await bench.lines("approval.decide")) == 2


async def test_where_one_cannot_be_approved_none_is_and_each_says_why(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Cleo", "coordinator")
    good, stale = await bench.open(step("chief")), await bench.open(step("chief"))
    foreign = await bench.open(step("second", "coordinator"))
    versions = {str(one.id): one.version for one in (await inbox(bench, "Ana")).cases}
    other = (await inbox(bench, "Ana", show="others")).cases[0].version
    with pytest.raises(Invalid) as faults:
        await approve(bench, "Ana", (good, versions[good]), (stale, versions[stale] - 1), (foreign, other))
    assert [fault.pointer for fault in faults.value.faults] == ["/cases/1", "/cases/2"]
    assert "not yours" in str(faults.value.faults[1].text)
    assert (await inbox(bench, "Ana")).mine == 2, "nothing is half approved"
    bench.toy.blocked = True
    with pytest.raises(Invalid) as blocked:
        await approve(bench, "Ana", (good, versions[good]))
    assert "forbids" in str(blocked.value.faults[0].text)


async def test_nothing_selected_is_a_fault_and_what_is_not_there_is_not_found(bench: Bench) -> None:
    bench.person("Ana", "approver")
    with pytest.raises(Invalid):
        await approve(bench, "Ana")
    with pytest.raises(NotFound):
        await approve(bench, "Ana", (str(new_id(bench.platform.clock)), 1))


async def unread(bench: Bench, name: str) -> int:
    async with tenant_session(bench.ctx(), read_only=True) as session:
        return await unread_count(session, bench.scope.id, bench.seats[name])


async def test_notices_ask_for_a_decision_only_while_it_waits(bench: Bench) -> None:
    for name, role in (("Ana", "approver"), ("Ben", "approver"), ("Cleo", "coordinator")):
        bench.person(name, role)
    case, another = await bench.open(step("one"), step("two", "coordinator")), await bench.open(step("one"))
    assert [await unread(bench, name) for name in ("Ana", "Ben", "Cleo")] == [2, 2, 0]
    await bench.decide("Ana", case)
    assert [await unread(bench, name) for name in ("Ana", "Ben", "Cleo")] == [1, 1, 1]
    await bench.decide("Cleo", case, "refuse", "Not this year.")
    await bench.decide("Ben", another)
    assert [await unread(bench, name) for name in ("Ana", "Ben", "Cleo")] == [0, 0, 0]
