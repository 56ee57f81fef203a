"""Nominations as their own agency sees them: the list, the file, what IPOB sees."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, select

from core.approvals.models import STANDS, ApprovalCase, ApprovalDecision, ApprovalStep
from core.approvals.subjects import SUBJECTS
from core.database.folding import holds
from core.errors import NotFound
from core.missions.calls import last_day
from core.missions.models import Call, Mission, Position
from core.nominations.eligibility import findings_of
from core.nominations.lifecycle import CANDIDACY, NOMINATION, NOMINATION_READ
from core.nominations.models import Candidacy, Dossier, Nomination, Reconsideration
from core.nominations.release import preview
from core.nominations.schemas import (
    Event,
    ListNominations,
    NominationFile,
    NominationList,
    NominationSummary,
    OfNomination,
    Preview,
)
from core.personnel.models import Officer
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.paging import beyond, cut
from core.use_cases.work import Work

ORDER = (Nomination.created_at, Nomination.number)
RUNNING = ("draft", "agency_review", "nominated")
SETTLED = ("assigned", "not_selected", "withdrawn")
"""Where a nomination ends on IPOB's side."""

VERDICTS = {"approve": t("Approved"), "refuse": t("Refused"), "return": t("Returned for changes")}


@use_case(permission=NOMINATION_READ, input=ListNominations, output=NominationList, reads=True)
async def list_nominations(work: Work, data: ListNominations) -> NominationList:
    """List nominations, the latest first: an officer sees their own."""
    query = _query()
    if data.state == "running":
        settled = func.coalesce(Candidacy.state, "").in_(SETTLED)
        query = query.where(Nomination.state.in_(RUNNING), ~settled)
    elif data.state != "all":
        query = query.where(Nomination.state == data.state)
    if data.call_id:
        try:
            query = query.where(Nomination.call_id == UUID(data.call_id))
        except ValueError:
            return NominationList([])
    if not work.ctx.actor.may(NOMINATION_READ):
        query = query.where(Dossier.officer_id == work.ctx.actor.officer_id)
    words = (Officer.folded, Nomination.number, Call.number, Mission.acronym_en, Mission.acronym_fr)
    query = query.where(holds(data.q, *words))
    if data.after:
        query = query.where(beyond(_query(), ORDER, Nomination.id, data.after, descending=True))
    return NominationList(*cut(await _summaries(work, query.limit(data.limit + 1)), data.limit))


@use_case(permission=NOMINATION_READ, input=OfNomination, output=NominationFile, reads=True)
async def get_nomination(work: Work, data: OfNomination) -> NominationFile:
    """Show a nomination with its checks, gates and history."""
    nomination: Nomination = await work.get(Nomination, data.id)
    return await nomination_file(work, nomination)


@use_case(permission=NOMINATION_READ, input=OfNomination, output=Preview, reads=True)
async def preview_release(work: Work, data: OfNomination) -> Preview:
    """Show what IPOB sees, or would see, of the officer in this nomination."""
    dossier: Dossier = await work.get(Dossier, data.id)
    work.require(NOMINATION_READ, owner=dossier.officer_id)
    return await preview(work, await work.get(Officer, dossier.officer_id))


async def nomination_file(work: Work, nomination: Nomination) -> NominationFile:
    """Return the whole nomination; raise ``NotFound`` where it is not the officer's own."""
    dossier: Dossier = await work.get(Dossier, nomination.id)
    if not work.ctx.actor.may(NOMINATION_READ, owner=dossier.officer_id):
        raise NotFound
    (summary,) = await _summaries(work, _query().where(Nomination.id == nomination.id))
    call: Call = await work.find(Call, nomination.call_id)
    key = (nomination.tenant_id, nomination.id)
    candidacy = await work.session.get(Candidacy, key)
    asked = await work.session.get(Reconsideration, key)
    return NominationFile(
        nomination=summary,
        position_id=nomination.position_id,
        tour_starts_on=call.tour_starts_on,
        tour_ends_on=last_day(call.tour_starts_on, call.tour_months),
        closes_on=call.closes_on,
        recommendation=dossier.recommendation,
        impact=dossier.impact,
        conduct=dossier.conduct,
        conduct_by=dossier.conduct_by,
        conduct_on=dossier.conduct_on,
        officer_answer=dossier.officer_answer,
        reason_code=candidacy.reason_code if candidacy else None,
        reason=candidacy.reason if candidacy else dossier.refusal,
        reconsideration=asked.reason if asked else None,
        case_id=dossier.case_id,
        gaps=await work.ctx.agencies.gaps(work.session, work.ctx.today),
        checks=await SUBJECTS["nomination"].checks(work, nomination.id),
        findings=findings_of(dossier),
        history=await _history(work, nomination, dossier, candidacy),
    )


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(Nomination, Dossier, Officer, Call, Mission, Position, Candidacy.state, ApprovalCase.state)
        .join(Dossier, (Dossier.tenant_id == Nomination.tenant_id) & (Dossier.id == Nomination.id))
        .join(Officer, (Officer.tenant_id == Dossier.tenant_id) & (Officer.id == Dossier.officer_id))
        .join(Call, (Call.tenant_id == Nomination.program_id) & (Call.id == Nomination.call_id))
        .join(Mission, (Mission.tenant_id == Nomination.program_id) & (Mission.id == Nomination.mission_id))
        .join(Position, (Position.tenant_id == Nomination.program_id) & (Position.id == Nomination.position_id))
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .outerjoin(ApprovalCase, (ApprovalCase.tenant_id == Dossier.tenant_id) & (ApprovalCase.id == Dossier.case_id))
        .order_by(*(column.desc() for column in ORDER))
    )


async def _summaries(work: Work, query: Select[*tuple[Any, ...]]) -> list[NominationSummary]:
    ranks = await work.ctx.agencies.ranks(work.session)
    found = []
    for nomination, dossier, officer, call, mission, position, stage, case_state in await work.session.execute(query):
        rank = ranks.get(officer.rank_code)
        found.append(
            NominationSummary(
                id=nomination.id,
                number=nomination.number,
                officer_id=dossier.officer_id,
                name=f"{officer.preferred_name or officer.given_name} {officer.family_name}",
                rank_en=rank.title("en", officer.gender) if rank else officer.rank_code,
                rank_fr=rank.title("fr", officer.gender) if rank else officer.rank_code,
                mission_en=mission.acronym_en,
                mission_fr=mission.acronym_fr,
                position_en=position.title_en,
                position_fr=position.title_fr,
                call_id=call.id,
                call_number=call.number,
                state=nomination.state,
                stage=stage,
                case_state=case_state,
                nominated_on=nomination.nominated_on,
                created_at=nomination.created_at,
                version=nomination.version,
            )
        )
    return found


async def _history(work: Work, nomination: Nomination, dossier: Dossier, candidacy: Candidacy | None) -> list[Event]:
    """Return each decision with who, when and why, the latest first; the same for officer and coordinator."""
    french = work.ctx.language == "fr"
    events = [Event(at=nomination.created_at, title=t("Drafted"))]
    cases = select(ApprovalCase).where(ApprovalCase.subject_id == nomination.id)
    for case in (await work.session.execute(cases)).scalars():
        events.append(Event(at=case.opened_at, title=t("Sent for approval")))
        decided = (
            select(ApprovalDecision, ApprovalStep)
            .join(
                ApprovalStep,
                (ApprovalStep.tenant_id == ApprovalDecision.tenant_id) & (ApprovalStep.id == ApprovalDecision.step_id),
            )
            .where(ApprovalDecision.case_id == case.id, STANDS)
        )
        for decision, step in await work.session.execute(decided):
            title = t(
                "%(step)s: %(verdict)s",
                step=step.title_fr if french else step.title_en,
                verdict=VERDICTS[decision.verdict],
            )
            by = decision.signatory or decision.name
            events.append(Event(at=decision.decided_at, title=title, by=by, reason=decision.comment))
    if nomination.submitted_at:
        events.append(Event(at=nomination.submitted_at, title=t("Sent to IPOB")))
    if nomination.state == "withdrawn":
        events.append(Event(at=nomination.created_at, title=NOMINATION.states["withdrawn"]))
    if candidacy:
        at = nomination.submitted_at or candidacy.created_at
        events.append(
            Event(
                at=max(at, candidacy.created_at),
                title=CANDIDACY.states[candidacy.state],
                by="MPI" if french else "IPOB",
                reason=candidacy.reason,
            )
        )
    return sorted(events, key=lambda event: event.at, reverse=True)
