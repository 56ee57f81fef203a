"""Use cases on the sharing contract: the agency proposes, IPOB accepts, and only what both agreed crosses."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from uuid import UUID

from sqlalchemy import select

from core.agencies import CONTRACT_FIELDS
from core.errors import Fault, Invalid, NotFound, Refused
from core.text import t
from core.use_cases.declaration import NOW, use_case
from core.use_cases.output import shown
from core.use_cases.work import Work
from tenants.gates import ContractHeld, in_force
from tenants.lifecycle import CONTRACT_ACCEPT, CONTRACT_PROPOSE
from tenants.models import SharingConsent, SharingContract, SharingField
from tenants.schemas import AcceptIn, ContractIn, ContractOut, SharedOut

USUAL = {
    "given_name": ("selection", 1826),
    "family_name": ("selection", 1826),
    "rank": ("selection", 3652),
    "band": ("reporting", 3652),
    "gender": ("reporting", 3652),
    "language": ("selection", 1826),
    "affiliation": ("cost", 3652),
    "telephone": ("duty_of_care", 90),
    "qualifications": ("selection", 730),
}
"""The purpose of a field, and the days it is kept after its last use, where no earlier version says otherwise."""


@use_case(permission=CONTRACT_PROPOSE, input=ContractIn, output=ContractOut, backdated=NOW)
async def propose_contract(work: Work, data: ContractIn) -> ContractOut:
    """Propose a new version of what IPOB may see; it holds once IPOB has accepted it and its day has come."""
    if data.since < work.on:
        raise Invalid([Fault("/since", t("Enter %(day)s or a later day.", day=work.on))])
    if len(set(data.fields)) != len(data.fields):
        raise Invalid([Fault("/fields", t("Name each field once."))])
    known = await contracts_of(work, work.ctx.scope.id)
    kept = {one.field: one for one in known[0].fields} if known else {}
    contract = SharingContract(
        tenant_id=work.ctx.scope.id,
        id=work.new_id(),
        number=known[0].number + 1 if known else 1,
        since=data.since,
        proposed_on=work.on,
        submitted_at=work.now,
        created_at=work.now,
    )
    work.session.add(contract)
    await work.session.flush()
    for name in (one for one in CONTRACT_FIELDS if one in data.fields):
        purpose, days = USUAL[name]
        earlier = kept.get(name)
        row = SharingField(
            tenant_id=contract.tenant_id,
            id=work.new_id(),
            contract_id=contract.id,
            field=name,
            purpose=earlier.purpose if earlier else purpose,
            retention_days=data.retention_days or (earlier.retention_days if earlier else days),
            submitted_at=work.now,
        )
        work.session.add(row)
    await work.session.flush()
    subject = ("contract", contract.id)
    before = {"fields": [one.field for one in known[0].fields]} if known else None
    after = {"number": contract.number, "since": data.since, "fields": data.fields}
    await work.audit("contract.propose", subject, before=before, after=after)
    await work.emit("contract_proposed", subject)
    return await _contract(work, contract.tenant_id, contract.number)


@use_case(permission=CONTRACT_ACCEPT, input=AcceptIn, output=ContractOut, scopes={"program"}, backdated=NOW)
async def accept_contract(work: Work, data: AcceptIn) -> ContractOut:
    """Accept, for IPOB, the latest version that an agency proposed."""
    try:
        tenant = UUID(data.id)
    except ValueError:
        raise NotFound from None
    known = await contracts_of(work, tenant)
    if not known:
        raise NotFound
    if known[0].number != data.number:
        raise Refused(
            t("Version %(number)s is no longer the one that is proposed.", number=data.number),
            t("Look at version %(number)s and accept that one.", number=known[0].number),
        )
    if known[0].accepted_on is not None:
        raise Refused(t("This version is accepted already."), t("Nothing remains to be done."))
    work.session.add(
        SharingConsent(
            tenant_id=tenant,
            id=work.new_id(),
            contract_id=known[0].id,
            accepted_on=work.on,
            accepted_by=work.ctx.actor.name,
            created_at=work.now,
        )
    )
    await work.session.flush()
    subject = ("contract", known[0].id)
    await work.audit("contract.accept", subject, after={"agency": tenant, "number": data.number, "on": work.on})
    await work.emit("contract_accepted", subject, tenant=tenant)
    return await _contract(work, tenant, data.number)


async def contracts_of(work: Work, tenant: UUID) -> list[ContractOut]:
    """Return every version of ``tenant``'s contract, the latest first, each with its state today."""
    return (await contracts_by_agency(work, tenant)).get(tenant, [])


async def contracts_by_agency(work: Work, tenant: UUID | None = None) -> dict[UUID, list[ContractOut]]:
    """Return the versions of all agencies that the scope may see (of ``tenant`` alone, if given), the latest first."""
    query = (
        select(SharingContract, SharingConsent.accepted_on)
        .outerjoin(
            SharingConsent,
            (SharingConsent.tenant_id == SharingContract.tenant_id)
            & (SharingConsent.contract_id == SharingContract.id),
        )
        .order_by(SharingContract.number.desc())
    )
    fields = select(SharingField)
    if tenant:
        query, fields = query.where(SharingContract.tenant_id == tenant), fields.where(SharingField.tenant_id == tenant)
    rows: dict[UUID, list[tuple[SharingContract, date | None]]] = {}
    for row, accepted in await work.session.execute(query):
        rows.setdefault(row.tenant_id, []).append((row, accepted))
    shared: dict[UUID, list[SharedOut]] = {}
    for field in sorted(await work.session.scalars(fields), key=lambda one: CONTRACT_FIELDS.index(one.field)):
        shared.setdefault(field.contract_id, []).append(shown(SharedOut, field))
    return {agency: _versions(found, shared, work.on) for agency, found in rows.items()}


def _versions(
    rows: Sequence[tuple[SharingContract, date | None]], shared: Mapping[UUID, list[SharedOut]], on: date
) -> list[ContractOut]:
    held = [ContractHeld(row.number, row.since, accepted) for row, accepted in rows]
    current = in_force(held, on)
    return [
        shown(ContractOut, row, accepted_on=accepted, state=_state(one, current), fields=shared.get(row.id, []))
        for (row, accepted), one in zip(rows, held, strict=True)
    ]


async def _contract(work: Work, tenant: UUID, number: int) -> ContractOut:
    return next(one for one in await contracts_of(work, tenant) if one.number == number)


def _state(one: ContractHeld, current: ContractHeld | None) -> str:
    if current is not None and one.number == current.number:
        return "in_force"
    if current is not None and one.number < current.number:
        return "replaced"
    return "proposed" if one.accepted is None else "agreed"
