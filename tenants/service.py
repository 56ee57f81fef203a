"""Use cases of an agency on its own gates: what is recorded, and what keeps its nominations back."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.documents.models import Document
from core.errors import Fault
from core.text import Text, t
from core.use_cases.declaration import Nothing, use_case
from core.use_cases.intake import refuse
from core.use_cases.output import shown
from core.use_cases.work import Work
from tenants.answers import held_on
from tenants.contracts import contracts_of
from tenants.gates import find_gaps
from tenants.lifecycle import AGENCY_READ, AGREEMENT_WRITE, PRIVACY_WRITE
from tenants.models import AgencyProfile, AgencySettings, AgreementRow, ExternalAct, PrivacyRecord
from tenants.schemas import ActIn, ActOut, AgreementIn, AgreementOut, GatesOut, PrivacyIn, PrivacyOut
from tenants.standings import standings_of


@use_case(permission=AGENCY_READ, input=Nothing, output=GatesOut, reads=True)
async def get_gates(work: Work, data: Nothing) -> GatesOut:
    """Show what the agency's law needs, what is recorded, and what keeps nominations from leaving today."""
    tenant = work.ctx.scope.id
    settings = await work.session.scalar(select(AgencySettings).where(AgencySettings.tenant_id == tenant))
    needs = settings.needs if settings else []
    return GatesOut(
        regime_en=settings.regime_en if settings else "",
        regime_fr=settings.regime_fr if settings else "",
        needs=[need["what"] for need in needs],
        gaps=find_gaps(await held_on(work.session, work.on), work.on),
        agreements=await agreements_of(work, tenant, settings.acts if settings else []),
        contracts=await contracts_of(work, tenant),
        privacy=[shown(PrivacyOut, row) for row in await _rows(work, PrivacyRecord, PrivacyRecord.made_on.desc())],
        standings=await standings_of(work, tenant),
        confidence=await work.session.scalar(select(AgencyProfile.confidence).where(AgencyProfile.tenant_id == tenant)),
    )


@use_case(permission=AGREEMENT_WRITE, input=AgreementIn, output=AgreementOut)
async def record_agreement(work: Work, data: AgreementIn) -> AgreementOut:
    """Record an agreement with the RCMP."""
    same = AgreementRow.reference == data.reference
    known = t("An agreement with this reference is recorded already.")
    faults = [
        *await _twice(work, AgreementRow, same, "reference", known),
        *_in_order(data.starts_on, data.expires_on, "expires_on"),
    ]
    refuse(faults, AgreementIn)
    row = AgreementRow(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        submitted_at=work.now,
        created_at=work.now,
        **msgspec.structs.asdict(data),
    )
    await _add(work, row, "agreement.record", data)
    return shown(AgreementOut, row)


@use_case(permission=AGREEMENT_WRITE, input=ActIn, output=AgreementOut)
async def record_act(work: Work, data: ActIn) -> AgreementOut:
    """Record an external act on which an agreement rests: a resolution, an order in council, a signature.

    Most are decided before the agreement begins; none once it is over. What is recorded late may be of one that is
    over by now.
    """
    agreement: AgreementRow = await work.get(AgreementRow, data.id)
    same = (ExternalAct.agreement_id == agreement.id) & (ExternalAct.kind == data.kind)
    known = t("This act is recorded for the agreement already.")
    faults = [
        *await _twice(work, ExternalAct, same, "kind", known),
        *(_not_in_future(work, data.decided_on, "decided_on") or _while_it_lasted(agreement, data.decided_on)),
    ]
    refuse(faults, ActIn)
    row = ExternalAct(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        agreement_id=agreement.id,
        kind=data.kind,
        number=data.number,
        decided_on=data.decided_on,
        document_id=await _document(work, data.document_id),
        created_at=work.now,
    )
    await _add(work, row, "external_act.record", data)
    act = shown(ActOut, row)
    return shown(AgreementOut, agreement, acts=[act])


@use_case(permission=PRIVACY_WRITE, input=PrivacyIn, output=PrivacyOut)
async def record_privacy(work: Work, data: PrivacyIn) -> PrivacyOut:
    """Record a privacy impact assessment or a written agreement on personal information."""
    same = (PrivacyRecord.kind == data.kind) & (PrivacyRecord.reference == data.reference)
    faults = [
        *await _twice(work, PrivacyRecord, same, "reference", t("This reference is recorded already.")),
        *_not_in_future(work, data.made_on, "made_on"),
        *([] if data.lapses_on is None else _in_order(data.made_on, data.lapses_on, "lapses_on")),
    ]
    refuse(faults, PrivacyIn)
    values = msgspec.structs.asdict(data) | {"document_id": await _document(work, data.document_id)}
    row = PrivacyRecord(tenant_id=work.ctx.scope.id, id=work.new_id(), created_at=work.now, **values)
    await _add(work, row, "privacy_record.record", data)
    return shown(PrivacyOut, row)


async def agreements_of(work: Work, tenant: UUID, needed: list[str]) -> list[AgreementOut]:
    """Return the agreements of ``tenant``, the latest first; to IPOB without the agency's own acts."""
    acts: dict[UUID, list[ActOut]] = {}
    if tenant == work.ctx.scope.id:
        for row in await _rows(work, ExternalAct, ExternalAct.decided_on):
            acts.setdefault(row.agreement_id, []).append(shown(ActOut, row))
    query = select(AgreementRow).where(AgreementRow.tenant_id == tenant).order_by(AgreementRow.expires_on.desc())
    found = []
    for row in (await work.session.execute(query)).scalars():
        recorded = acts.get(row.id, [])
        wanting = [kind for kind in needed if kind not in {act.kind for act in recorded}]
        found.append(shown(AgreementOut, row, acts=recorded, wanting=wanting))
    return found


async def _rows(work: Work, table: Any, *order: Any) -> list[Any]:
    query = select(table).where(table.tenant_id == work.ctx.scope.id).order_by(*order)
    return list((await work.session.execute(query)).scalars())


async def _add(work: Work, row: Any, action: str, data: msgspec.Struct) -> None:
    work.session.add(row)
    await work.session.flush()
    subject = (row.__tablename__, row.id)
    await work.audit(action, subject, after=msgspec.to_builtins(data))
    await work.emit("gates_changed", subject)


async def _document(work: Work, id: str | None) -> UUID | None:
    """Return the id of a file of this scope; raise ``NotFound`` for any other."""
    if id is None:
        return None
    row: Document = await work.get(Document, id)
    return row.id


async def _twice(work: Work, table: Any, same: Any, key: str, text: Text) -> list[Fault]:
    query = select(table.id).where(table.tenant_id == work.ctx.scope.id, same).limit(1)
    return [Fault(f"/{key}", text)] if await work.session.scalar(query) else []


def _in_order(first: date, last: date, key: str) -> list[Fault]:
    return [Fault(f"/{key}", t("Enter %(day)s or a later day.", day=first))] if last < first else []


def _not_in_future(work: Work, day: date, key: str) -> list[Fault]:
    return [Fault(f"/{key}", t("This day is in the future."))] if day > work.ctx.today else []


def _while_it_lasted(agreement: AgreementRow, day: date) -> list[Fault]:
    if day <= agreement.expires_on:
        return []
    over = t(
        "Agreement %(reference)s was no longer in force on this day: its last day was %(last)s. Correct the day, or"
        " record the act with the agreement that followed.",
        reference=agreement.reference,
        last=agreement.expires_on,
    )
    return [Fault("/decided_on", over)]
