"""Use cases on qualifications and health outcomes."""

from __future__ import annotations

import msgspec
from sqlalchemy import select

from core.errors import Fault, Invalid, NotFound
from core.personnel.lifecycle import FITNESS_READ, FITNESS_WRITE, QUALIFICATION_WRITE
from core.personnel.models import Fitness, Officer, Qualification
from core.personnel.schemas import FitnessIn, FitnessList, FitnessOut, OfficerFile, OfQualification, QualificationIn
from core.personnel.service import name_of, officer_file
from core.text import t
from core.use_cases.declaration import ById, use_case
from core.use_cases.output import shown
from core.use_cases.step_up import HEALTH
from core.use_cases.work import Work


@use_case(permission=QUALIFICATION_WRITE, input=QualificationIn, output=OfficerFile)
async def add_qualification(work: Work, data: QualificationIn) -> OfficerFile:
    """Add a qualification to an officer's file."""
    officer: Officer = await work.get(Officer, data.id)
    faults = []
    if data.issued_on and data.issued_on > work.on:
        faults.append(Fault("/issued_on", t("This day is in the future.")))
    if data.issued_on and data.expires_on and data.expires_on < data.issued_on:
        faults.append(Fault("/expires_on", t("It expires before it was issued.")))
    if faults:
        raise Invalid(faults)
    values = msgspec.structs.asdict(data) | {"id": work.new_id(), "officer_id": officer.id}
    row = Qualification(
        tenant_id=work.ctx.scope.id,
        verified_by=work.ctx.actor.name,
        verified_at=work.now,
        created_at=work.now,
        **values,
    )
    work.session.add(row)
    await work.session.flush()
    await work.audit("qualification.add", ("qualification", row.id), after=msgspec.to_builtins(data))
    return await officer_file(work, officer)


@use_case(permission=QUALIFICATION_WRITE, input=OfQualification, output=OfficerFile)
async def remove_qualification(work: Work, data: OfQualification) -> OfficerFile:
    """Remove a qualification that was entered by mistake; the audit log keeps what it was."""
    officer: Officer = await work.get(Officer, data.id)
    row: Qualification = await work.get(Qualification, data.qualification_id)
    if row.officer_id != officer.id:
        raise NotFound
    before = {"kind": row.kind, "detail": row.detail, "expires_on": row.expires_on}
    await work.session.delete(row)
    await work.session.flush()
    await work.audit("qualification.remove", ("qualification", row.id), before=before)
    return await officer_file(work, officer)


@use_case(permission=FITNESS_READ, input=ById, output=FitnessList, looks={"agency"}, health=True, step_up=HEALTH)
async def list_fitness(work: Work, data: ById) -> FitnessList:
    """List the health outcomes of an officer: the health officer alone."""
    officer: Officer = await work.get(Officer, data.id)
    await work.saw("fitness.see", ("officer", officer.id), whose=officer.id, after={"officer": name_of(officer)})
    return await _outcomes(work, officer)


@use_case(permission=FITNESS_WRITE, input=FitnessIn, output=FitnessList, health=True, step_up=HEALTH)
async def record_fitness(work: Work, data: FitnessIn) -> FitnessList:
    """Record a health outcome: fit, fit with limits or unfit, and dates."""
    officer: Officer = await work.get(Officer, data.id)
    faults = []
    if data.done_on > work.on:
        faults.append(Fault("/done_on", t("This day is in the future.")))
    if data.valid_until and data.valid_until < data.done_on:
        faults.append(Fault("/valid_until", t("It expires before it was done.")))
    if faults:
        raise Invalid(faults)
    values = msgspec.structs.asdict(data) | {"id": work.new_id(), "officer_id": officer.id}
    row = Fitness(tenant_id=work.ctx.scope.id, created_at=work.now, **values)
    work.session.add(row)
    await work.session.flush()
    recorded = {"kind": data.kind, "outcome": data.outcome, "done_on": data.done_on}
    await work.audit("fitness.record", ("fitness", row.id), after=recorded)
    return await _outcomes(work, officer)


async def _outcomes(work: Work, officer: Officer) -> FitnessList:
    query = select(Fitness).where(Fitness.officer_id == officer.id).order_by(Fitness.done_on.desc())
    return FitnessList([shown(FitnessOut, row) for row in (await work.session.execute(query)).scalars()])
