"""From the service to IPOB: what crosses, who looked, who may still decide, and once only."""

from __future__ import annotations

from collections.abc import Awaitable
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
import pytest
from sqlalchemy import select

from core.audit.models import Look
from core.audit.recording import WITHHELD
from core.database.sessions import tenant_session
from core.deployments.schemas import TourIn
from core.deployments.service import plan_tour
from core.errors import Invalid, NotFound, Refused
from core.journal.schemas import ListLines, ListLooks
from core.journal.service import list_lines, list_looks
from core.nominations.answering import answer_decision, ask_reconsideration
from core.nominations.candidacies import list_candidacies, open_candidacy
from core.nominations.candidacy_schemas import (
    AssessmentIn,
    CandidacyFile,
    CandidacyStep,
    FitnessIn,
    ListCandidacies,
    OfCandidacy,
)
from core.nominations.reading import get_nomination
from core.nominations.schemas import AnswerIn, OfNomination
from core.nominations.selection import move_candidacy, record_assessment, record_fitness_result
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
    of_it = ListLooks(subject_id=nomination)
    assert [look.purpose for look in (await world.cast.run(await world.ctx("privacy"), list_looks, of_it)).looks]


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
    health = await world.ipob("health")
    end = (await opened(world, nomination)).tour_ends_on
    medical = FitnessIn(
        agency=AGENCY, id=str(nomination), kind="medical", result="fit", done_on=date(2025, 11, 3),
        expires_on=date.fromordinal(end.toordinal() - 1),
    )  # fmt: skip
    await world.cast.run(health, record_fitness_result, medical)
    with pytest.raises(Refused, match="Not ready yet") as waiting:
        await step(world, nomination, "ready")
    assert str(waiting.value.remedy)
    await world.cast.run(health, record_fitness_result, msgspec.structs.replace(medical, expires_on=end))
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


@pytest.mark.parametrize("role", ["selection", "planner", "analyst", "auditor", "support"])
async def test_health_results_are_one_line_to_all_but_health(world: World, role: str) -> None:
    nomination = (await world.at("assessment")).nomination
    of = OfCandidacy(agency=AGENCY, id=str(nomination))
    unfit = FitnessIn(agency=AGENCY, id=of.id, kind="psychological", result="unfit", done_on=date(2025, 11, 3))
    told = await world.cast.run(await world.ipob("health"), record_fitness_result, unfit)
    assert {"medical": "fit", "psychological": "unfit"}.items() <= {
        one.kind: one.result for one in told.assessments
    }.items()
    seen = await world.cast.run(await world.ipob(role), open_candidacy, of)
    text = msgspec.json.encode(seen).decode().lower()
    assert ("health", "not_met") in {(one.kind, one.result) for one in seen.assessments}
    assert not [word for word in ("medical", "psycholog", "unfit", 'fit"') if word in text]
    assert [str(one) for one in seen.missing] == ["Health requirements"]


async def test_the_log_tells_results_and_withholds_those_of_health(world: World) -> None:
    nomination = (await world.at("assessment")).nomination
    again = AssessmentIn(
        agency=AGENCY, id=str(nomination), kind="interview", result="not_met", done_on=date(2025, 11, 4)
    )
    await world.cast.run(await world.ipob("selection"), record_assessment, again)
    lines = await world.cast.run(
        await world.ipob("auditor"), list_lines, ListLines(subject_id=nomination, action="assess")
    )
    first, *earlier = lines.lines
    assert first.before["result"] == "met"
    assert first.after["result"] == "not_met"
    medical = [line.after for line in earlier if "outcome" in line.after]
    assert medical
    assert all(value == {WITHHELD: "health"} for told in medical for value in told.values())


async def test_every_answer_that_shows_a_person_leaves_a_look_of_just_what_it_showed(world: World) -> None:
    way = await world.at("screening")
    privacy, support = await world.ctx("privacy"), await world.ipob("support")

    async def looks() -> dict[UUID, list[str]]:
        async with tenant_session(privacy, read_only=True) as session:
            return {look.id: look.fields for look in await session.scalars(select(Look))}

    async def added(doing: Awaitable[Any]) -> list[str]:
        before = await looks()
        await doing
        (fields,) = [told for key, told in (await looks()).items() if key not in before]
        return fields

    shared = {"name", "rank", "band", "language", "qualifications"}
    assert set(await added(step(world, way.nomination, "assess"))) <= shared | {"gender", "affiliation", "telephone"}
    shown = await opened(world, way.nomination)
    result = AssessmentIn(
        agency=AGENCY, id=str(way.nomination), kind="interview", result="met", done_on=date(2025, 11, 3)
    )
    fields = await added(world.cast.run(await world.ipob("selection"), record_assessment, result))
    assert "assessments" in fields
    assert ("gender" in fields) == (shown.gender is not None)
    assert ("telephone" in fields) == (shown.telephone is not None)
    ready = (await world.at("ready")).nomination
    plan = TourIn(agency=AGENCY, id=str(ready), starts_on=date(2026, 1, 5), ends_on=date(2026, 12, 28))
    assert {"name", "rank"} <= set(await added(world.cast.run(support, plan_tour, plan)))
