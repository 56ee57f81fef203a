"""Decisions on paper, which a second person confirms, and decisions that are taken back."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta
from uuid import uuid4

import pytest

from core.errors import Invalid, Refused
from tests.core.approvals.bench import Bench, last_decision, step


async def test_paper_counts_only_once_a_second_person_confirmed_it(bench: Bench) -> None:
    case = await bench.open(step("council", kind="act"))
    entered = await bench.paper("Ana", case)
    assert entered.state == "open"
    with pytest.raises(Refused, match="yourself"):
        await bench.confirm("Ana", case, last_decision(entered))
    confirmed = await bench.confirm("Ben", case, last_decision(entered))
    assert confirmed.state == "approved"
    with pytest.raises(Refused, match="nothing to confirm"):
        await bench.confirm("Ben", case, last_decision(entered))


async def test_an_act_that_all_should_sign_is_still_one_document(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "approver")
    case = await bench.open(step("council", kind="act", how_many="all"))
    entered = await bench.paper("Clerk", case)
    assert (await bench.confirm("Ben", case, last_decision(entered))).state == "approved"


async def test_entering_a_paper_is_not_deciding(bench: Bench) -> None:
    bench.person("Ana", "coordinator")
    case = await bench.open(step("council", kind="act"), step("coordinator", "coordinator"))
    entered = await bench.paper("Ana", case)
    confirmed = await bench.confirm("Ben", case, last_decision(entered))
    assert confirmed.state == "open", "who typed the council's number has not decided the next step"
    assert confirmed.steps[1].people == ["Ana"]
    assert (await bench.decide("Ana", case)).state == "approved"


async def test_one_document_does_not_count_twice(bench: Bench) -> None:
    case = await bench.open(step("two acts", kind="act", how_many=2))
    first = last_decision(await bench.paper("Ana", case))
    second = last_decision(await bench.paper("Ana", case))
    assert (await bench.confirm("Ben", case, first)).state == "open"
    with pytest.raises(Refused, match="already"):
        await bench.confirm("Ben", case, second)


async def test_a_signatory_does_not_decide_again_on_screen(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Ben", "approver")
    case = await bench.open(step("both", how_many=2))
    entered = await bench.paper("Clerk", case, signatory="ana")
    await bench.confirm("Ben", case, last_decision(entered))
    with pytest.raises(Refused, match="already"):
        await bench.decide("Ana", case)
    assert (await bench.decide("Ben", case)).state == "approved"


@pytest.mark.parametrize("signatory", ["alix tremblay", "TREMBLAY, Alix", "Sgt Alix Trémblay", "Inspector Ana Roy"])
async def test_a_paper_that_the_officer_concerned_signed_is_refused(bench: Bench, signatory: str) -> None:
    officer = uuid4()
    bench.person("Ana Roy", "approver", officer=officer)
    bench.toy.names_ = ["Alix Tremblay"]
    case = await bench.open(step("council", kind="act"), concerns=officer)
    with pytest.raises(Refused, match="officer whose file"):
        await bench.paper("Ben", case, signatory=signatory)
    entered = await bench.paper("Ben", case, signatory="Camille Tremblay")
    bench.toy.names_ = ["Camille Tremblay"]
    with pytest.raises(Refused, match="officer whose file"):
        await bench.confirm("Cleo", case, last_decision(entered))


async def test_a_paper_is_not_confirmed_while_a_check_blocks(bench: Bench) -> None:
    case = await bench.open(step("council", kind="act"))
    entered = await bench.paper("Ana", case)
    bench.toy.blocked = True
    with pytest.raises(Refused, match="forbids"):
        await bench.confirm("Ben", case, last_decision(entered))


async def test_a_refusal_on_paper_ends_the_case_when_it_is_confirmed(bench: Bench) -> None:
    case = await bench.open(step("council", kind="act"))
    with pytest.raises(Invalid):
        await bench.paper("Ana", case, verdict="refuse")
    entered = await bench.paper("Ana", case, verdict="refuse", comment="Voted down.")
    assert entered.state == "open"
    assert (await bench.confirm("Ben", case, last_decision(entered))).state == "refused"
    assert bench.toy.settled == [("refused", "Voted down.")]


async def test_what_cannot_be_on_paper_is_said_by_the_field(bench: Bench) -> None:
    case = await bench.open(step("council", kind="act"))
    with pytest.raises(Invalid) as future:
        await bench.paper("Ana", case, paper_date=date(2026, 11, 24))
    assert [fault.pointer for fault in future.value.faults] == ["/paper_date"]
    hr, refused = await bench.scan("evidence"), await bench.scan(state="refused")
    for scan in ("not an id", str(uuid4()), str(hr), str(refused)):
        with pytest.raises(Invalid) as unknown:
            await bench.paper("Ana", case, document_id=scan)
        assert [fault.pointer for fault in unknown.value.faults] == ["/document_id"]
    bench.person("Ana", "approver")
    on_screen = await bench.open(step("chief", on_paper=False))
    with pytest.raises(Refused, match="on paper"):
        await bench.paper("Clerk", on_screen)


async def test_a_paper_does_not_count_before_its_scan_can_be_opened(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    case = await bench.open(step("council", kind="act"))
    scan = await bench.scan()
    decision = last_decision(await bench.paper("Ana", case, document_id=str(scan)))
    await bench.rescan(scan, "refused")
    with pytest.raises(Refused, match="no scan"):
        await bench.confirm("Ben", case, decision)
    await bench.rescan(scan, "unscanned")
    database = bench.platform.database
    with monkeypatch.context() as scanned:
        scanned.setattr(database, "settings", replace(database.settings, clamd_address="localhost:3310"))
        with pytest.raises(Refused, match="malware"):
            await bench.confirm("Ben", case, decision)
    assert (await bench.confirm("Ben", case, decision)).state == "approved"


async def test_a_token_neither_enters_nor_confirms_a_paper(bench: Bench) -> None:
    case = await bench.open(step("council", kind="act"))
    bench.tokens.add("Ana’s token")
    with pytest.raises(Refused, match="A person does this"):
        await bench.paper("Ana’s token", case)
    decision = last_decision(await bench.paper("Ana", case))
    with pytest.raises(Refused, match="A person does this"):
        await bench.confirm("Ana’s token", case, decision)


async def test_an_act_outside_is_not_decided_on_screen(bench: Bench) -> None:
    bench.person("Ana", "approver")
    with pytest.raises(Refused, match="outside the platform"):
        await bench.decide("Ana", await bench.open(step("council", kind="act")))


async def test_a_decision_is_taken_back_within_fifteen_minutes(bench: Bench) -> None:
    bench.person("Ana", "approver")
    bench.person("Cleo", "coordinator")
    case = await bench.open(step("first"), step("second", "coordinator"))
    decision = last_decision(await bench.decide("Ana", case))
    bench.platform.clock.advance(timedelta(minutes=15))
    with pytest.raises(Refused, match="somebody else’s") as theirs:
        await bench.recall("Cleo", case, decision)
    assert "Ana" in str(theirs.value.remedy)
    recalled = await bench.recall("Ana", case, decision)
    assert [one.state for one in recalled.steps] == ["open", "pending"]
    decision = last_decision(await bench.decide("Ana", case))
    bench.platform.clock.advance(timedelta(minutes=15, seconds=1))
    with pytest.raises(Refused, match="no longer"):
        await bench.recall("Ana", case, decision)


async def test_the_last_approval_is_taken_back_within_fifteen_minutes_unless_what_followed_has_left(
    bench: Bench,
) -> None:
    bench.person("Ana", "approver")
    case = await bench.open(step("chief", deadline=5))
    approved = await bench.decide("Ana", case)
    decision = approved.steps[0].decisions[0]
    assert (approved.state, decision.can_recall) == ("approved", True)
    bench.toy.sent = True
    with pytest.raises(Refused, match="has left"):
        await bench.recall("Ana", case, decision.id)
    bench.toy.sent = False
    back = await bench.recall("Ana", case, decision.id)
    assert (back.state, back.due_on, back.mine) == ("open", approved.steps[0].due_on, True)
    assert bench.toy.settled == []
    again = last_decision(await bench.decide("Ana", case))
    bench.platform.clock.advance(timedelta(minutes=15, seconds=1))
    with pytest.raises(Refused, match="no longer"):
        await bench.recall("Ana", case, again)


async def test_nothing_is_taken_back_once_a_later_step_was_begun(bench: Bench) -> None:
    bench.person("Ana", "approver")
    for name in ("Cleo", "Dana"):
        bench.person(name, "coordinator")
    case = await bench.open(step("first"), step("two", "coordinator", how_many=2))
    decision = last_decision(await bench.decide("Ana", case))
    await bench.decide("Cleo", case)
    with pytest.raises(Refused, match="later step"):
        await bench.recall("Ana", case, decision)


async def test_taking_back_one_decision_for_two_duties_takes_back_both(bench: Bench) -> None:
    bench.person("Ana", "approver", "coordinator")
    bench.person("Cleo", "supervisor")
    case = await bench.open(step("first"), step("second", "coordinator"), step("third", "supervisor"))
    decided = await bench.decide("Ana", case)
    recalled = await bench.recall("Ana", case, last_decision(decided))
    assert [one.state for one in recalled.steps] == ["open", "pending", "pending"]
