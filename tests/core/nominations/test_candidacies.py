"""From the service to IPOB: what crosses, who looked, who may still decide, and once only."""

from __future__ import annotations

from datetime import date
from typing import Any

import msgspec
import pytest

from core.errors import Invalid, NotFound, Refused
from core.nominations.answering import answer_decision, ask_reconsideration
from core.nominations.candidacies import list_candidacies, open_candidacy
from core.nominations.candidacy_schemas import AssessmentIn, CandidacyFile, CandidacyStep, ListCandidacies, OfCandidacy
from core.nominations.reading import get_nomination
from core.nominations.schemas import AnswerIn, OfNomination
from core.nominations.selection import move_candidacy, record_assessment
from core.nominations.service import withdraw_nomination
from core.nominations.sharing import WhatIsSeen, what_ipob_sees
from tests.way import AGENCY, World


async def step(world: World, nomination: Any, name: str, **more: Any) -> CandidacyFile:
    data = CandidacyStep(agency=AGENCY, id=str(nomination), step=name, **more)
    return await world.cast.run(await world.ipob("selection"), move_candidacy, data)


async def opened(world: World, nomination: Any) -> CandidacyFile:
    of = OfCandidacy(agency=AGENCY, id=str(nomination))
    return await world.cast.run(await world.ipob("selection"), open_candidacy, of)


async def refused(world: World) -> Any:
    nomination = (await world.at("assessment")).nomination
    await step(world, nomination, "refuse", reason_code="numbers", reason="Too many.")
    return nomination


@pytest.mark.parametrize("stage", ["draft", "review", "approved"])
async def test_ipob_sees_nothing_before_it_is_sent(world: World, stage: str) -> None:
    nomination = (await world.at(stage)).nomination
    with pytest.raises(NotFound):
        await opened(world, nomination)
    with pytest.raises(NotFound):
        await step(world, nomination, "screen")
    seen = await world.cast.run(await world.ipob("selection"), list_candidacies, ListCandidacies(state="all"))
    assert nomination not in {one.id for one in seen.candidacies}


async def test_only_the_contracts_fields_cross_and_the_look_is_seen(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    file = await opened(world, nomination)
    privacy = await world.cast.run(await world.ctx("privacy"), what_ipob_sees, WhatIsSeen())
    shared = set(privacy.fields)
    person = {"gender": file.gender, "telephone": file.telephone, "language": file.summary.language}
    assert all(value is None for name, value in person.items() if name not in shared)
    text = msgspec.json.encode(file).decode()
    assert "Calm, methodical" not in text, "the supervisor's recommendation stays in the service"
    assert any(look.what == file.summary.number for look in privacy.looks)


async def test_a_member_withdraws_their_own_and_nobody_elses(world: World) -> None:
    nomination = (await world.at("nominated")).nomination
    coordinator = await world.ctx("coordinator")
    file = await world.cast.run(coordinator, get_nomination, OfNomination(id=str(nomination)))
    other = await world.cast.member_ctx(AGENCY, world.officers[0])
    withdrawal = OfNomination(id=str(nomination), reason="Family.")
    with pytest.raises(Exception, match=r".*") as denied:
        await world.cast.run(other, withdraw_nomination, withdrawal)
    assert getattr(denied.value, "status", 0) in (403, 404)
    own = await world.cast.member_ctx(AGENCY, file.nomination.officer_id)
    with pytest.raises(Invalid):
        await world.cast.run(own, withdraw_nomination, OfNomination(id=str(nomination)))
    assert (await world.cast.run(own, withdraw_nomination, withdrawal)).nomination.state == "withdrawn"


async def test_nothing_goes_on_with_what_was_withdrawn(world: World) -> None:
    nomination = (await world.at("assessment")).nomination
    withdrawal = OfNomination(id=str(nomination), reason="Family.")
    await world.cast.run(await world.ctx("coordinator"), withdraw_nomination, withdrawal)
    with pytest.raises(Refused, match="withdrew"):
        await step(world, nomination, "select")
    data = AssessmentIn(agency=AGENCY, id=str(nomination), kind="interview", result="met", done_on=date(2026, 1, 1))
    with pytest.raises(Refused, match="withdrew"):
        await world.cast.run(await world.ipob("selection"), record_assessment, data)


async def test_what_became_a_tour_is_not_withdrawn(world: World) -> None:
    nomination = (await world.at("planned")).nomination
    withdrawal = OfNomination(id=str(nomination), reason="Family.")
    with pytest.raises(Refused, match="become a tour"):
        await world.cast.run(await world.ctx("coordinator"), withdraw_nomination, withdrawal)


async def test_an_officer_answers_a_refusal_once(world: World) -> None:
    waiting = (await world.at("assessment")).nomination
    coordinator = await world.ctx("coordinator")
    with pytest.raises(Refused, match="no refusal"):
        await world.cast.run(coordinator, answer_decision, AnswerIn(id=str(waiting), answer="But why?"))
    nomination = await refused(world)
    answer = AnswerIn(id=str(nomination), answer="I passed the test.")
    answered = await world.cast.run(coordinator, answer_decision, answer)
    assert (answered.officer_answer, answered.reason_code) == ("I passed the test.", "numbers")
    with pytest.raises(Refused, match="already"):
        await world.cast.run(coordinator, answer_decision, answer)


async def test_a_refusal_is_reconsidered_once_and_only_when_asked(world: World) -> None:
    nomination = await refused(world)
    with pytest.raises(Refused, match="no request"):
        await step(world, nomination, "reconsider", reason="New result.")
    coordinator = await world.ctx("coordinator")
    asking = OfNomination(id=str(nomination), reason="New result.")
    await world.cast.run(coordinator, ask_reconsideration, asking)
    with pytest.raises(Refused, match="already"):
        await world.cast.run(coordinator, ask_reconsideration, asking)
    again = await step(world, nomination, "reconsider", reason="New result.")
    assert again.summary.state == "assessment"
    await step(world, nomination, "refuse", reason_code="numbers")
    with pytest.raises(Refused, match="no request"):
        await step(world, nomination, "reconsider", reason="Again.")


async def test_ready_waits_for_results_that_hold_until_the_last_day(world: World) -> None:
    nomination = (await world.at("selected")).nomination
    selection = await world.ipob("selection")
    end = (await opened(world, nomination)).tour_ends_on
    medical = AssessmentIn(
        agency=AGENCY, id=str(nomination), kind="medical", result="met", done_on=date(2025, 11, 3),
        expires_on=date.fromordinal(end.toordinal() - 1),
    )  # fmt: skip
    await world.cast.run(selection, record_assessment, medical)
    with pytest.raises(Refused, match="Not ready yet") as waiting:
        await step(world, nomination, "ready")
    assert str(waiting.value.remedy)
    await world.cast.run(selection, record_assessment, msgspec.structs.replace(medical, expires_on=end))
    assert (await step(world, nomination, "ready")).summary.state == "ready"


@pytest.mark.parametrize("name", ["select", "train", "ready", "reserve"])
async def test_a_step_out_of_order_says_from_where_it_is_possible(world: World, name: str) -> None:
    nomination = (await world.at("selected" if name in ("select", "reserve") else "screening")).nomination
    with pytest.raises(Refused) as out_of_order:
        await step(world, nomination, name)
    assert out_of_order.value.remedy is not None
    assert str(out_of_order.value.remedy)


async def test_only_a_tour_assigns_and_a_refusal_has_its_reason(world: World) -> None:
    nomination = (await world.at("assessment")).nomination
    with pytest.raises(Refused, match="tour assigns"):
        await step(world, nomination, "assign")
    with pytest.raises(Invalid):
        await step(world, nomination, "refuse")
