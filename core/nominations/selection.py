"""Use cases on candidacies that change them: screening, results, selection, readiness."""

from __future__ import annotations

from typing import Any

from sqlalchemy import select

from core.errors import Fault, Invalid, Refused
from core.missions.calls import last_day
from core.missions.models import Call
from core.nominations.candidacies import candidacy_file, find_nomination, missing_on, require_running
from core.nominations.candidacy_schemas import FITNESS, REASONS, AssessmentIn, CandidacyFile, CandidacyStep, FitnessIn
from core.nominations.lifecycle import CANDIDACY, CANDIDACY_HEALTH, CANDIDACY_SCREEN
from core.nominations.models import Assessment, Candidacy, Nomination, Reconsideration
from core.text import t
from core.use_cases.conflicts import named
from core.use_cases.declaration import use_case
from core.use_cases.lifecycle import move
from core.use_cases.work import Work


@use_case(permission=CANDIDACY_SCREEN, input=AssessmentIn, output=CandidacyFile, scopes={"program"}, cases=named)
async def record_assessment(work: Work, data: AssessmentIn) -> CandidacyFile:
    """Record a result of screening; a later result of the same kind replaces the earlier."""
    return await _record(work, data)


@use_case(permission=CANDIDACY_HEALTH, input=FitnessIn, output=CandidacyFile, scopes={"program"}, cases=named)
async def record_fitness_result(work: Work, data: FitnessIn) -> CandidacyFile:
    """Record a health result of screening: an outcome and dates, which only health sees."""
    return await _record(work, data)


@use_case(permission=CANDIDACY_SCREEN, input=CandidacyStep, output=CandidacyFile, scopes={"program"}, cases=named)
async def move_candidacy(work: Work, data: CandidacyStep) -> CandidacyFile:
    """Begin screening, and move a candidacy along to selection, training and readiness."""
    nomination = await find_nomination(work, data.agency, data.id)
    if data.step == "screen":
        if await work.session.get(Candidacy, (nomination.tenant_id, nomination.id)):
            raise Refused(t("Screening has begun already."), t("Look at the file: somebody was faster."))
        await _candidacy(work, nomination)
        return await candidacy_file(work, nomination)
    if data.step == "assign":
        raise Refused(t("A tour assigns a candidate."), t("Plan the tour: that assigns."))
    candidacy = await _candidacy(work, nomination)
    if data.step != "withdraw":
        await require_running(work, nomination.tenant_id, nomination.id)
    changes: dict[str, Any] = {"decided_on": work.on}
    if data.step == "refuse":
        if data.reason_code is None:
            raise Invalid([Fault("/reason_code", t("Choose a reason: the service and the officer read it."))])
        changes |= {"reason_code": data.reason_code, "reason": data.reason}
    if data.step == "reconsider":
        await _require_request(work, nomination, candidacy)
        changes |= {"reason_code": None, "reason": None, "reconsidered": True}
    if data.step == "ready":
        call: Call = await work.find(Call, nomination.call_id)
        missing = await missing_on(work, candidacy, last_day(call.tour_starts_on, call.tour_months))
        if missing:
            raise Refused(
                t("Not ready yet: %(missing)s.", missing=missing),
                t("Record the results that are missing or have expired."),
            )
    reason = data.reason or (str(REASONS[data.reason_code]) if data.reason_code else None)
    await move(work, candidacy, CANDIDACY, data.step, reason=reason, changes=changes)
    return await candidacy_file(work, nomination)


async def _record(work: Work, data: AssessmentIn | FitnessIn) -> CandidacyFile:
    nomination = await find_nomination(work, data.agency, data.id)
    candidacy: Candidacy = await work.get(Candidacy, nomination.id, tenant=nomination.tenant_id)
    await require_running(work, nomination.tenant_id, nomination.id)
    faults = []
    if data.done_on > work.on:
        faults.append(Fault("/done_on", t("This day is in the future.")))
    if data.expires_on and data.expires_on < data.done_on:
        faults.append(Fault("/expires_on", t("It expires before it was done.")))
    if faults:
        raise Invalid(faults)
    key = select(Assessment).filter_by(tenant_id=nomination.tenant_id, candidacy_id=candidacy.id, kind=data.kind)
    row = (await work.session.execute(key)).scalar_one_or_none()
    before = _told(row) if row else None
    if row is None:
        row = Assessment(
            tenant_id=nomination.tenant_id,
            id=work.new_id(),
            candidacy_id=candidacy.id,
            kind=data.kind,
            created_at=work.now,
        )
        work.session.add(row)
    row.result, row.done_on, row.expires_on = data.result, data.done_on, data.expires_on
    await work.session.flush()
    await work.audit("candidacy.assess", ("candidacy", candidacy.id), before=before, after=_told(row))
    return await candidacy_file(work, nomination)


def _told(row: Assessment) -> dict[str, Any]:
    """Return what the log is given of a result; it withholds the names under which health's own tables keep theirs."""
    if row.kind in FITNESS:
        return {"kind": row.kind, "outcome": row.result, "done_on": row.done_on, "valid_until": row.expires_on}
    return {"assessment": row.kind, "result": row.result, "on": row.done_on, "until": row.expires_on}


async def _candidacy(work: Work, nomination: Nomination) -> Candidacy:
    """Return IPOB's side of a nomination; screening begins when it is first needed."""
    found = await work.session.get(Candidacy, (nomination.tenant_id, nomination.id))
    if found is not None:
        return found
    if nomination.state != "nominated":
        raise Refused(t("The service withdrew this nomination."), t("Speak with the service's coordinator."))
    work.require(CANDIDACY_SCREEN)
    made = Candidacy(
        tenant_id=nomination.tenant_id,
        id=nomination.id,
        program_id=nomination.program_id,
        call_id=nomination.call_id,
        position_id=nomination.position_id,
        mission_id=nomination.mission_id,
        person_id=nomination.person_id,
        state=CANDIDACY.initial,
        created_at=work.now,
    )
    work.session.add(made)
    await work.session.flush()
    work.expected = None
    after = {"state": made.state, "number": nomination.number}
    await work.audit("candidacy.screen", ("candidacy", made.id), after=after)
    await work.emit("candidacy_changed", ("candidacy", made.id), tenant=made.tenant_id)
    return made


async def _require_request(work: Work, nomination: Nomination, candidacy: Candidacy) -> None:
    """Refuse to reconsider what the service did not ask for, or a second time."""
    asked = await work.session.get(Reconsideration, (nomination.tenant_id, nomination.id))
    if candidacy.state == "not_selected" and (asked is None or candidacy.reconsidered):
        raise Refused(
            t("There is no request to reconsider."), t("The service can ask for it, once for each nomination.")
        )
