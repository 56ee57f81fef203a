"""Candidacies as IPOB sees them: the list of a call, and one file, whose every opening is recorded."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import ColumnElement, Select, case, func, select

from core.approvals.subjects import Check
from core.audit.recording import record_look, record_looks
from core.database.directory import ScopeRow
from core.database.folding import holds
from core.errors import NotFound, Refused
from core.missions.calls import last_day
from core.missions.models import Call, Mission, Position
from core.nominations.candidacy_schemas import (
    ASSESSMENTS,
    FITNESS,
    HEALTH,
    SPOILING,
    AssessmentOut,
    CandidacyFile,
    CandidacyList,
    CandidacySummary,
    ListCandidacies,
    OfCandidacy,
)
from core.nominations.lifecycle import CANDIDACY_HEALTH, CANDIDACY_READ
from core.nominations.looks import fields_of
from core.nominations.models import Assessment, Candidacy, Nomination, Reconsideration, ReleasedPerson
from core.nominations.readiness import check_qualification
from core.text import Text, t
from core.use_cases.conflicts import is_touched
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.paging import beyond, cut
from core.use_cases.work import Work

NEEDED = ("interview", "medical", "security")
"""Results without which nobody is ready."""
TITLES = ASSESSMENTS | FITNESS | {HEALTH: t("Health requirements")}


_STATE: ColumnElement[str] = case(
    (Nomination.state == "withdrawn", "withdrawn"), else_=func.coalesce(Candidacy.state, Nomination.state)
)
"""The candidacy's state: the nomination's own until IPOB looks at it, and once it is withdrawn."""
_ORDER = (Call.closes_on, func.coalesce(Nomination.nominated_on, Call.closes_on), Nomination.number, Nomination.id)
_NAMES = (
    ReleasedPerson.given_name,
    ReleasedPerson.family_name,
    Nomination.number,
    Call.number,
    Mission.acronym_en,
    Mission.acronym_fr,
    ScopeRow.name_en,
    ScopeRow.name_fr,
    ScopeRow.slug,
)


class ToScreen(msgspec.Struct, frozen=True):
    """Nominations that nobody has looked at yet."""


class ToScreenCount(msgspec.Struct, frozen=True):
    """How many there are."""

    count: int


@use_case(permission=CANDIDACY_READ, input=ListCandidacies, output=CandidacyList, scopes={"program"}, looks={"program"})
async def list_candidacies(work: Work, data: ListCandidacies) -> CandidacyList:
    """List what the agencies nominated, by call, or the latest first; each agency sees that IPOB looked."""
    query = _query()
    if data.call_id:
        try:
            query = query.where(Nomination.call_id == UUID(data.call_id))
        except ValueError:
            return CandidacyList([])
    if data.agency:
        query = query.where(ScopeRow.slug == data.agency)
    if data.state == "running":
        query = query.where(_STATE.not_in(("assigned", "not_selected", "withdrawn")))
    elif data.state != "all":
        query = query.where(_STATE.in_([data.state]))
    query = query.where(holds(data.q, *_NAMES))
    latest = data.state in ("all", "assigned", "not_selected", "withdrawn")
    if data.after:
        query = query.where(beyond(_query(), _ORDER, Nomination.id, data.after, descending=latest))
    if latest:
        query = query.order_by(None).order_by(*(column.desc() for column in _ORDER))
    rows = await work.session.execute(query.limit(data.limit + 1))
    found, following = cut([_summary(row) for row in rows], data.limit)
    slugs = {one.agency for one in found}
    agencies = (await work.session.execute(select(ScopeRow.id).where(ScopeRow.slug.in_(slugs)))).scalars()
    await record_looks(work, agencies, "nomination", "selection", fields_of(*found))
    return CandidacyList(found, following)


@use_case(permission=CANDIDACY_READ, input=ToScreen, output=ToScreenCount, scopes={"program"}, reads=True)
async def count_to_screen(work: Work, data: ToScreen) -> ToScreenCount:
    """Count the nominations that nobody has looked at yet, without reading them: every page shows the number."""
    query = (
        select(func.count())
        .select_from(Nomination)
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .where(Nomination.submitted_at.is_not(None), Nomination.state == "nominated", Candidacy.id.is_(None))
    )
    return ToScreenCount(int(await work.session.scalar(query) or 0))


@use_case(permission=CANDIDACY_READ, input=OfCandidacy, output=CandidacyFile, scopes={"program"}, looks={"program"})
async def open_candidacy(work: Work, data: OfCandidacy) -> CandidacyFile:
    """Open a nominated officer's file: the agency sees that IPOB looked."""
    return await candidacy_file(work, await find_nomination(work, data.agency, data.id))


async def find_nomination(work: Work, agency: str, id: str) -> Nomination:
    scope = await work.ctx.database.scope(agency)
    if scope is None:
        raise NotFound
    row = await work.get(Nomination, id, tenant=scope.id)
    assert isinstance(row, Nomination)
    if row.submitted_at is None:
        raise NotFound
    return row


async def candidacy_file(work: Work, nomination: Nomination) -> CandidacyFile:
    """Return all that IPOB sees of a nomination, and record that it was shown, whatever led to it."""
    row = (await work.session.execute(_query().where(Nomination.id == nomination.id))).one()
    _, person, candidacy, call, _, _, asked, _, _ = row
    end = last_day(call.tour_starts_on, call.tour_months)
    query = select(Assessment).filter_by(tenant_id=nomination.tenant_id, candidacy_id=nomination.id)
    known = (await work.session.scalars(query.order_by(Assessment.done_on))).all()
    held = [
        check_qualification(one["kind"], date.fromisoformat(one["expires_on"]) if one["expires_on"] else None, end)
        for one in (person.qualifications if person and person.qualifications else [])
    ]
    file = CandidacyFile(
        summary=_summary(row),
        gender=person.gender if person else None,
        affiliation=person.affiliation if person else None,
        telephone=person.telephone if person else None,
        contract_version=person.contract_version if person else 0,
        tour_starts_on=call.tour_starts_on,
        tour_ends_on=end,
        qualifications=held,
        assessments=_assessments(work, known, end),
        missing=_missing(work, known, end),
        reason_code=candidacy.reason_code if candidacy else None,
        reason=candidacy.reason if candidacy else None,
        reconsideration=asked.reason if asked else None,
        touched=await is_touched(work, [nomination.id]),
    )
    told = fields_of(file, file.summary)
    await record_look(work, nomination.tenant_id, ("nomination", nomination.id), "selection", told)
    return file


async def require_running(work: Work, agency_id: UUID, nomination_id: UUID) -> None:
    """Refuse to go on with a nomination that its service or officer withdrew."""
    nomination: Nomination = await work.get(Nomination, nomination_id, tenant=agency_id)
    if nomination.state == "withdrawn":
        raise Refused(t("The service withdrew this nomination."), t("Speak with the service's coordinator."))


async def missing_on(work: Work, candidacy: Candidacy, end: date) -> list[Text]:
    """Name the results that keep a candidate from a tour whose last day is ``end``."""
    query = select(Assessment).filter_by(tenant_id=candidacy.tenant_id, candidacy_id=candidacy.id)
    return _missing(work, (await work.session.scalars(query)).all(), end)


def _assessments(work: Work, known: Sequence[Assessment], end: date) -> list[AssessmentOut]:
    """Return the results that the actor may see; for all but health, those of health are one line."""
    open_ = [one for one in known if one.kind not in FITNESS or work.ctx.actor.may(CANDIDACY_HEALTH)]
    told = [shown(AssessmentOut, one, check=check_qualification(one.kind, one.expires_on, end)) for one in open_]
    closed = [one for one in known if one not in open_]
    if closed:
        line = AssessmentOut(
            kind=HEALTH,
            result="not_met" if _spoiled(closed, end) else "met",
            done_on=max(one.done_on for one in closed),
            expires_on=None,
            check=Check("pass", TITLES[HEALTH], t("Outcomes and dates stay with health.")),
        )
        told.append(line)
    return told


def _missing(work: Work, known: Sequence[Assessment], end: date) -> list[Text]:
    """Name the results that keep a candidate from being ready: absent, not met, or expired before the end."""
    by_kind = {one.kind: one for one in known}
    kinds = [kind for kind in NEEDED if kind not in by_kind] + [one.kind for one in _spoiled(known, end)]
    if not work.ctx.actor.may(CANDIDACY_HEALTH):
        kinds = [HEALTH if kind in FITNESS else kind for kind in kinds]
    return [TITLES[kind] for kind in dict.fromkeys(kinds)]


def _spoiled(known: Sequence[Assessment], end: date) -> list[Assessment]:
    return [one for one in known if one.result in SPOILING or (one.expires_on and one.expires_on < end)]


def _summary(row: Any) -> CandidacySummary:
    nomination, person, candidacy, call, mission, position, asked, scope, state = row
    names = [name for name in (person.given_name, person.family_name) if name] if person else []
    return CandidacySummary(
        id=nomination.id,
        agency=scope.slug,
        agency_en=scope.name_en,
        agency_fr=scope.name_fr,
        number=nomination.number,
        name=" ".join(names) or None,
        rank_en=person.rank_en if person else None,
        rank_fr=person.rank_fr if person else None,
        band=person.band if person else None,
        language=person.language if person else None,
        call_id=call.id,
        call_number=call.number,
        mission_en=mission.acronym_en,
        mission_fr=mission.acronym_fr,
        position_en=position.title_en,
        position_fr=position.title_fr,
        state=state,
        nominated_on=nomination.nominated_on,
        reconsideration=asked is not None and candidacy is not None and not candidacy.reconsidered,
        version=candidacy.version if candidacy else 0,
    )


def _query() -> Select[*tuple[Any, ...]]:
    return (
        select(Nomination, ReleasedPerson, Candidacy, Call, Mission, Position, Reconsideration, ScopeRow, _STATE)
        .join(ScopeRow, ScopeRow.id == Nomination.tenant_id)
        .outerjoin(
            ReleasedPerson,
            (ReleasedPerson.tenant_id == Nomination.tenant_id) & (ReleasedPerson.id == Nomination.person_id),
        )
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .join(Call, (Call.tenant_id == Nomination.program_id) & (Call.id == Nomination.call_id))
        .join(Mission, (Mission.tenant_id == Nomination.program_id) & (Mission.id == Nomination.mission_id))
        .join(Position, (Position.tenant_id == Nomination.program_id) & (Position.id == Nomination.position_id))
        .outerjoin(
            Reconsideration,
            (Reconsideration.tenant_id == Nomination.tenant_id) & (Reconsideration.id == Nomination.id),
        )
        .where(Nomination.submitted_at.is_not(None))
        .order_by(*_ORDER)
    )
