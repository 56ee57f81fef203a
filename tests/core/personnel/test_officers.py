"""What may be entered into an officer's file, by whom, and that nothing is half-saved."""

from __future__ import annotations

from collections.abc import Awaitable
from dataclasses import replace
from datetime import date, timedelta
from typing import Any
from uuid import UUID, uuid4

import msgspec
import pytest
from sqlalchemy import select

from contingent.demo.acting import Cast
from core.audit.models import AuditLine
from core.context import Assurance, Ctx
from core.database.sessions import tenant_session
from core.errors import Forbidden, Invalid, NotFound
from core.personnel.models import Fitness, Officer
from core.personnel.qualifications import add_qualification, list_fitness, record_fitness, remove_qualification
from core.personnel.schemas import (
    FitnessIn,
    ListOfficers,
    OfficerChange,
    OfficerFile,
    OfficerIn,
    OfQualification,
    OwnFields,
    QualificationIn,
)
from core.personnel.service import add_officer, change_officer, change_own_fields, get_officer, list_officers
from core.use_cases.declaration import ById, UseCase
from core.use_cases.step_up import HEALTH

AGENCY, OTHER = "on-durham", "on-peel"


async def refused(doing: Awaitable[Any]) -> set[str]:
    """Return the fields that are at fault."""
    with pytest.raises(Invalid) as told:
        await doing
    return {fault.pointer for fault in told.value.faults}


async def added(cast: Cast, agency: str = AGENCY, number: str | None = None) -> OfficerFile:
    data = OfficerIn(
        employee_number=number or f"N-{uuid4()}", given_name="Noël", family_name="Éthier", rank_code="constable"
    )
    return await cast.run(await cast.ctx(agency, "coordinator"), add_officer, data)


def change_of(file: OfficerFile, **given: str) -> OfficerChange:
    one = file.officer
    kept = OfficerChange(
        id=str(one.id), given_name=one.given_name, family_name=one.family_name, rank_code=one.rank_code
    )
    return msgspec.structs.replace(kept, **given)


async def test_an_officer_by_hand_is_told_every_fault_at_once_and_not_half_saved(cast: Cast) -> None:
    ctx = await cast.ctx(AGENCY, "coordinator")
    number = (await added(cast)).officer.employee_number
    before = (await cast.run(ctx, list_officers, ListOfficers(status="all"))).total
    wrong = OfficerIn(
        employee_number=number, given_name="A", family_name="B", rank_code="admiral",
        hire_date=ctx.today + timedelta(days=1),
    )  # fmt: skip
    assert await refused(cast.run(ctx, add_officer, wrong)) == {"/employee_number", "/rank_code", "/hire_date"}
    assert (await cast.run(ctx, list_officers, ListOfficers(status="all"))).total == before


async def test_a_number_that_was_mistyped_is_corrected_unless_another_officer_has_it(cast: Cast) -> None:
    file, other = await added(cast), await added(cast)
    ctx = await cast.ctx(AGENCY, "coordinator")
    taken = change_of(file, employee_number=other.officer.employee_number)
    assert await refused(cast.run(ctx, change_officer, taken)) == {"/employee_number"}
    right = f"N-{uuid4()}"
    changed = await cast.run(ctx, change_officer, change_of(file, employee_number=right))
    assert changed.officer.employee_number == right
    kept = await cast.run(ctx, change_officer, change_of(changed, given_name="Noël-Ange"))
    assert kept.officer.employee_number == right, "left out, it stays"


async def test_two_services_may_use_the_same_employee_number(cast: Cast) -> None:
    number = (await added(cast)).officer.employee_number
    assert (await added(cast, OTHER, number)).officer.employee_number == number


@pytest.mark.parametrize("words", ["ethier noel", "ÉTHIER", "noël", "  Ethier   "])
async def test_the_search_needs_no_accents_no_capitals_and_no_order(cast: Cast, words: str) -> None:
    officer = (await added(cast)).officer.id
    ctx = await cast.ctx(AGENCY, "coordinator")
    found = await cast.run(ctx, list_officers, ListOfficers(q=words, limit=200))
    assert officer in {one.id for one in found.officers}
    assert {one.family_name for one in found.officers} == {"Éthier"}


@pytest.mark.parametrize("words", ["%", "_", "éthier\\"])
async def test_a_search_for_signs_finds_nobody_by_accident(cast: Cast, words: str) -> None:
    await added(cast)
    ctx = await cast.ctx(AGENCY, "coordinator")
    assert (await cast.run(ctx, list_officers, ListOfficers(q=words))).total == 0


async def test_what_hr_sends_cannot_be_changed_by_hand(cast: Cast) -> None:
    officer = (await added(cast)).officer.id
    ctx = await cast.ctx(AGENCY, "coordinator")
    async with tenant_session(ctx) as session:
        row = await session.get(Officer, (ctx.scope.id, officer))
        assert row is not None
        row.source = "hr_file"
    file = await cast.run(ctx, get_officer, ById(str(officer)))
    assert {"given_name", "family_name", "rank_code"} <= set(file.owned_by_hr)
    assert await refused(cast.run(ctx, change_officer, change_of(file, given_name="X", family_name="Y"))) == {
        "/given_name",
        "/family_name",
    }
    assert (await cast.run(ctx, get_officer, ById(str(officer)))).officer == file.officer


async def test_a_file_made_by_hand_can_be_changed_and_is_found_by_its_new_name(cast: Cast) -> None:
    file = await added(cast)
    ctx = await cast.ctx(AGENCY, "coordinator")
    changed = await cast.run(ctx, change_officer, change_of(file, family_name="Lévesque-Changed"))
    assert changed.owned_by_hr == []
    found = await cast.run(ctx, list_officers, ListOfficers(q="levesque-changed"))
    assert [one.id for one in found.officers] == [file.officer.id]


async def test_a_qualification_has_possible_dates(cast: Cast) -> None:
    officer = str((await added(cast)).officer.id)
    ctx = await cast.ctx(AGENCY, "coordinator")
    tomorrow = ctx.today + timedelta(days=1)
    wrong = QualificationIn(id=officer, kind="firearm", issued_on=tomorrow, expires_on=ctx.today)
    assert await refused(cast.run(ctx, add_qualification, wrong)) == {"/issued_on", "/expires_on"}
    assert (await cast.run(ctx, get_officer, ById(officer))).qualifications == []


@pytest.mark.parametrize(
    ("days", "state"), [(None, "valid"), (91, "valid"), (90, "soon"), (0, "soon"), (-1, "expired")]
)
async def test_a_qualification_says_how_long_it_holds(cast: Cast, days: int | None, state: str) -> None:
    officer = str((await added(cast)).officer.id)
    ctx = await cast.ctx(AGENCY, "coordinator")
    until = None if days is None else ctx.today + timedelta(days=days)
    file = await cast.run(ctx, add_qualification, QualificationIn(id=officer, kind="passport", expires_on=until))
    assert [one.state for one in file.qualifications] == [state]


async def test_a_qualification_is_removed_from_its_own_file_only(cast: Cast) -> None:
    ctx = await cast.ctx(AGENCY, "coordinator")
    one, other = [str((await added(cast)).officer.id) for _ in range(2)]
    file = await cast.run(ctx, add_qualification, QualificationIn(id=one, kind="driving"))
    row = str(file.qualifications[0].id)
    with pytest.raises(NotFound):
        await cast.run(ctx, remove_qualification, OfQualification(id=other, qualification_id=row))
    file = await cast.run(ctx, remove_qualification, OfQualification(id=one, qualification_id=row))
    assert file.qualifications == []


async def test_fitness_is_an_outcome_with_possible_dates_and_health_alone_reads_it(cast: Cast) -> None:
    officer = str((await added(cast)).officer.id)
    health = await cast.ctx(AGENCY, "health")
    wrong = FitnessIn(
        id=officer, kind="medical", outcome="fit",
        done_on=health.today + timedelta(days=1), valid_until=health.today,
    )  # fmt: skip
    assert await refused(cast.run(health, record_fitness, wrong)) == {"/done_on", "/valid_until"}
    told = await cast.run(
        health, record_fitness, FitnessIn(id=officer, kind="medical", outcome="fit", done_on=health.today)
    )
    assert [one.outcome for one in told.outcomes] == ["fit"]
    with pytest.raises(Forbidden):
        await cast.run(await cast.ctx(AGENCY, "coordinator"), list_fitness, ById(officer))


async def test_opening_a_file_and_its_health_results_leaves_a_line_each_with_the_proof(cast: Cast) -> None:
    officer = str((await added(cast)).officer.id)
    ctx = await cast.ctx(AGENCY, "health")
    proof = Assurance(ctx.clock.now(), amr=("hwk",))
    actor = msgspec.structs.replace(ctx.actor, ruled=frozenset({HEALTH}), meets=frozenset({HEALTH}), assurance=proof)
    proven = replace(ctx, actor=actor)
    await cast.run(proven, get_officer, ById(officer))
    await cast.run(proven, list_fitness, ById(officer))
    await cast.run(proven, list_officers, ListOfficers())
    about = await seen_of(ctx, officer)
    assert [(line.action, line.seat_id, line.after) for line in about] == [
        ("officer.see", ctx.actor.id, {"officer": "Noël Éthier"}),
        ("fitness.see", ctx.actor.id, {"officer": "Noël Éthier"}),
    ]
    assert [line.assurance and line.assurance["amr"] for line in about] == [None, ["hwk"]]


async def test_a_file_that_is_refused_and_ones_own_leave_no_line(cast: Cast) -> None:
    own, other = [str((await added(cast)).officer.id) for _ in range(2)]
    member = await cast.member_ctx(AGENCY, UUID(own))
    assert (await cast.run(member, get_officer, ById(own))).own
    with pytest.raises(NotFound):
        await cast.run(member, get_officer, ById(other))
    assert [await seen_of(member, officer) for officer in (own, other)] == [[], []]


async def seen_of(ctx: Ctx, officer: str) -> list[AuditLine]:
    chosen = select(AuditLine).where(AuditLine.subject_id == UUID(officer), AuditLine.action.endswith(".see"))
    async with tenant_session(ctx, read_only=True) as session:
        return list(await session.scalars(chosen.order_by(AuditLine.id)))


def test_nothing_clinical_has_a_column() -> None:
    keys = {"tenant_id", "id", "officer_id", "created_at", "version"}
    assert {column.name for column in Fitness.__table__.columns} - keys == {
        "kind",
        "outcome",
        "profile",
        "done_on",
        "valid_until",
    }


async def test_an_officer_sees_and_enters_their_own_and_nobody_elses(cast: Cast) -> None:
    own, other = [(await added(cast)).officer.id for _ in range(2)]
    member = await cast.member_ctx(AGENCY, own)
    told = await cast.run(
        member, change_own_fields, OwnFields(id=str(own), gender="woman", birth_date=date(1990, 5, 1))
    )
    assert (told.own, told.gender) == (True, "woman")
    attempts: list[tuple[UseCase[Any, OfficerFile], Any]] = [
        (get_officer, ById(str(other))),
        (change_own_fields, OwnFields(id=str(other))),
    ]
    for case, data in attempts:
        with pytest.raises((NotFound, Forbidden)):
            await cast.run(member, case, data)
    child = OwnFields(id=str(own), birth_date=member.today - timedelta(days=365 * 17))
    assert await refused(cast.run(member, change_own_fields, child)) == {"/birth_date"}


async def test_another_services_officer_is_not_found_as_one_that_never_was(cast: Cast) -> None:
    theirs: UUID = (await added(cast, OTHER)).officer.id
    ctx = await cast.ctx(AGENCY, "coordinator")
    told = []
    for id in (theirs, uuid4()):
        attempts: list[tuple[UseCase[Any, OfficerFile], Any]] = [
            (get_officer, ById(str(id))),
            (add_qualification, QualificationIn(id=str(id), kind="driving")),
        ]
        for case, data in attempts:
            with pytest.raises(NotFound) as error:
                await cast.run(ctx, case, data)
            told.append(str(error.value))
    assert len(set(told)) == 1
