"""Who may decide a step, and who may not."""

from __future__ import annotations

import asyncio
from uuid import uuid4

import pytest

from core.errors import Invalid, Refused
from tests.core.approvals.bench import Bench, step


async def test_one_approval_ends_a_step_for_any_of_them(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "approver")
    case = await bench.open(step("chief"))
    decided = await bench.decide("Ana", case)
    assert decided.state == "approved"
    assert bench.toy.settled == [("approved", None)]


async def test_a_step_for_all_waits_for_each_of_them(bench: Bench) -> None:
    for name in ("Ana", "Ben", "Cleo"):
        bench.person(name, "approver")
    case = await bench.open(step("board", how_many="all"))
    assert (await bench.decide("Ana", case)).state == "open"
    assert (await bench.decide("Ben", case)).steps[0].people == ["Cleo"]
    assert (await bench.decide("Cleo", case)).state == "approved"


async def test_a_count_takes_that_many_different_people(bench: Bench) -> None:
    for name in ("Ana", "Ben", "Cleo"):
        bench.person(name, "approver")
    case = await bench.open(step("two", how_many=2))
    assert (await bench.decide("Ana", case)).state == "open"
    with pytest.raises(Refused, match="already"):
        await bench.decide("Ana", case)
    assert (await bench.decide("Cleo", case)).state == "approved"


async def test_two_clicks_at_once_are_one_decision(bench: Bench) -> None:
    for name in ("Ana", "Ben"):
        bench.person(name, "approver")
    case = await bench.open(step("two", how_many=2))
    results = await asyncio.gather(*(bench.decide("Ana", case) for _ in range(2)), return_exceptions=True)
    assert sorted(isinstance(one, Refused) for one in results) == [False, True], results
    assert bench.toy.settled == []


async def test_nobody_decides_twice_in_one_case(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    bench.person("Ben", "coordinator")
    case = await bench.open(step("first"), step("second", "coordinator"))
    assert (await bench.decide("Ana", case)).steps[1].people == ["Ben"]
    with pytest.raises(Refused, match="already"):
        await bench.decide("Ana", case)
    assert (await bench.decide("Ben", case)).state == "approved"


async def test_duties_of_one_person_become_one_decision_that_names_both(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    decided = await bench.decide("Ana", await bench.open(step("first"), step("second", "coordinator")))
    assert decided.state == "approved"
    assert [one.with_earlier for one in decided.steps] == [False, True]
    assert len(await bench.lines("approval.decide")) == 1


async def test_one_earlier_decision_does_not_stand_for_two(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    case = await bench.open(step("first"), step("pair", "coordinator", how_many=2))
    assert (await bench.decide("Ana", case)).state == "open"
    assert bench.toy.settled == []


async def test_nobody_decides_on_their_own_file(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Ana", "approver", officer=officer)
    bench.person("Ben", "approver")
    case = await bench.open(step("chief"), concerns=officer)
    with pytest.raises(Refused, match="own file"):
        await bench.decide("Ana", case)
    assert (await bench.decide("Ben", case)).state == "approved"


@pytest.mark.parametrize("doing", ["paper", "confirm"])
async def test_nobody_enters_or_confirms_paper_on_their_own_file(bench: Bench, doing: str) -> None:
    officer = uuid4()
    bench.person("Ana", "coordinator", officer=officer)
    bench.person("Ben", "approver")
    case = await bench.open(step("council", kind="act"), concerns=officer)
    if doing == "confirm":
        entered = await bench.paper("Ben", case)
        with pytest.raises(Refused, match="own file"):
            await bench.confirm("Ana", case, entered.steps[0].decisions[0].id)
        return
    with pytest.raises(Refused, match="own file"):
        await bench.paper("Ana", case)


async def test_an_own_file_cannot_be_decided_through_a_delegate_of_oneself(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Ana", "approver", officer=officer)
    bench.person("Ben")
    await bench.delegate("Ana", "Ben")
    with pytest.raises(Refused):
        await bench.decide("Ben", await bench.open(step("chief"), concerns=officer))


async def test_an_officer_is_no_delegate_on_their_own_file(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Ana", "approver")
    bench.person("Ben", officer=officer)
    await bench.delegate("Ana", "Ben")
    with pytest.raises(Refused, match="own file"):
        await bench.decide("Ben", await bench.open(step("chief"), concerns=officer))


async def test_a_delegate_decides_for_another_and_the_line_says_so(bench: Bench) -> None:
    ana = bench.person("Ana", "approver")
    ben = bench.person("Ben")
    await bench.delegate("Ana", "Ben")
    case = await bench.open(step("chief"))
    decided = await bench.decide("Ben", case)
    assert decided.state == "approved"
    assert decided.steps[0].decisions[0].for_name == "Ana"
    (line,) = await bench.lines("approval.decide")
    assert (line.seat_id, line.behalf_of) == (ben, ana)


async def test_a_delegate_s_decision_touches_the_case_for_whom_it_was_too(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben")
    bench.person("Cem", "approver")
    await bench.delegate("Ana", "Ben")
    case = await bench.open(step("chief"))
    await bench.decide("Ben", case)
    touching = {seat for seat, _ in bench.folk.touching}
    assert touching == {bench.seats["Ana"], bench.seats["Ben"]}
    assert len(bench.folk.touching) == 2


@pytest.mark.parametrize("days", [(-10, -1), (1, 10)])
async def test_a_delegation_holds_only_between_its_days(bench: Bench, days: tuple[int, int]) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben")
    await bench.delegate("Ana", "Ben", days=days)
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Ben", await bench.open(step("chief")))


async def test_whoever_has_a_duty_in_the_chain_decides_for_nobody_else(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "coordinator")
    await bench.delegate("Ana", "Ben")
    case = await bench.open(step("first"), step("second", "coordinator"))
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Ben", case)
    await bench.decide("Ana", case)
    assert (await bench.decide("Ben", case)).state == "approved"


async def test_after_the_delegate_the_one_who_delegated_has_no_second_vote(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    bench.person("Ben")
    bench.person("Cleo", "approver")
    await bench.delegate("Ana", "Ben")
    case = await bench.open(step("both", how_many="all"), step("second", "coordinator"))
    await bench.decide("Ben", case)
    with pytest.raises(Refused, match="already"):
        await bench.decide("Ana", case)
    decided = await bench.decide("Cleo", case)
    assert decided.state == "approved", "the second duty is Ana's too: her delegate's decision names both"


async def test_somebody_who_left_decides_nothing_and_holds_nothing_up(bench: Bench) -> None:
    seat = bench.person("Ana", "approver")
    bench.person("Olive")
    await bench.outside("Olive")
    case = await bench.open(step("chief", person=seat))
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Olive", case)
    bench.leaves("Ana")
    assert (await bench.decide("Olive", case)).state == "approved"


async def test_whoever_is_away_decides_nothing_and_their_delegate_does(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben")
    bench.person("Olive")
    await bench.outside("Olive")
    case = await bench.open(step("chief"))
    bench.goes_away("Ana")
    with pytest.raises(Refused, match="until you are back"):
        await bench.decide("Ana", case)
    await bench.delegate("Ana", "Ben")
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Olive", case)
    assert (await bench.decide("Ben", case)).state == "approved"


async def test_all_means_all_who_are_here_or_left_a_delegate(bench: Bench) -> None:
    for name in ("Ana", "Ben", "Cleo"):
        bench.person(name, "approver")
    bench.person("Dana")
    await bench.delegate("Ben", "Dana")
    bench.goes_away("Ben")
    bench.goes_away("Cleo")
    case = await bench.open(step("board", how_many="all"))
    assert (await bench.decide("Ana", case)).state == "open"
    assert (await bench.decide("Dana", case)).state == "approved"


async def test_a_delegate_who_is_away_decides_nothing_either(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben")
    await bench.delegate("Ana", "Ben")
    bench.goes_away("Ben")
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Ben", await bench.open(step("chief")))


async def test_the_outside_decider_decides_when_nobody_else_is_left(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Ana", "approver", officer=officer)
    bench.person("Olive")
    await bench.outside("Olive")
    case = await bench.open(step("chief"), concerns=officer)
    assert (await bench.decide("Olive", case)).state == "approved"


async def test_the_outside_decider_is_not_on_their_own_file_either(bench: Bench) -> None:
    officer = uuid4()
    bench.person("Olive", officer=officer)
    await bench.outside("Olive")
    with pytest.raises(Refused, match="own file"):
        await bench.decide("Olive", await bench.open(step("chief"), concerns=officer))


async def test_only_the_unit_named_decides(bench: Bench) -> None:
    bench.person("Ana", "approver", unit="north")
    bench.person("Ben", "approver", unit="south")
    case = await bench.open(step("chief", unit="north"))
    with pytest.raises(Refused, match="not yours"):
        await bench.decide("Ben", case)
    assert (await bench.decide("Ana", case)).state == "approved"


async def test_while_a_check_blocks_nobody_approves_but_anybody_able_can_refuse(bench: Bench) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("chief"))
    bench.toy.blocked = True
    with pytest.raises(Refused, match="forbids"):
        await bench.decide("Ana", case)
    assert (await bench.decide("Ana", case, "refuse", "Not now.")).state == "refused"


@pytest.mark.parametrize(("verdict", "state"), [("refuse", "refused"), ("return", "returned")])
async def test_a_refusal_or_return_needs_its_reason_and_ends_the_case(bench: Bench, verdict: str, state: str) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("chief"), step("next"))
    with pytest.raises(Invalid):
        await bench.decide("Ana", case, verdict)
    decided = await bench.decide("Ana", case, verdict, "The post stays empty.")
    assert decided.state == state
    assert [one.state for one in decided.steps] == ["skipped", "skipped"]
    assert bench.toy.settled == [(state, "The post stays empty.")]
    with pytest.raises(Refused):
        await bench.decide("Ana", case)
