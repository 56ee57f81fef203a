"""What the database holds of an agency, in the form of its file."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, cast
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.context import Scope
from core.hooks.models import PluginEnablement
from tenants.files import (
    Act,
    AgencyFile,
    Agreement,
    Both,
    Governance,
    NeedEntry,
    Participation,
    Plugin,
    Privacy,
    Provider,
    RankEntry,
    SharedField,
    Sharing,
    Standing,
)
from tenants.models import (
    AgencyProfile,
    AgencySettings,
    AgreementRow,
    ExternalAct,
    PrivacyRecord,
    RankRow,
    ScopeName,
    SharingConsent,
    SharingContract,
    SharingField,
)
from tenants.models import Standing as StandingRow
from tenants.resolving import Resolved, in_order


async def read_back(session: AsyncSession, scope: Scope) -> Resolved | None:
    """Return the agency of ``session``'s scope as it is now; ``None`` if no file was imported for it."""
    profile = await session.scalar(select(AgencyProfile).where(AgencyProfile.tenant_id == scope.id))
    settings = await session.scalar(select(AgencySettings).where(AgencySettings.tenant_id == scope.id))
    if profile is None or settings is None:
        return None
    called = await _latest_name(session, scope.id)
    agency = AgencyFile(
        slug=scope.slug,
        code=Both(en=called.code_en, fr=called.code_fr),
        name=Both(en=scope.name_en, fr=scope.name_fr),
        kind=cast("Any", profile.kind),
        province=profile.province,
        city=profile.city,
        zone=scope.zone,
        languages=cast("Any", profile.languages),
        colour=settings.colour,
        marking=Both(en=settings.marking_en, fr=settings.marking_fr),
        participation=Participation(confidence=cast("Any", profile.confidence), note=_both(profile)),
        governance=Governance(
            ladder=settings.ladder, chain=settings.chain, regime=settings.regime, sponsor=settings.sponsor
        ),
        provider=Provider(issuer=settings.issuer, claim=settings.claim, value=settings.claim_value),
        states=await _states(session, scope.id),
        plugins=await _plugins(session, scope.id),
        agreements=await _agreements(session, scope.id),
        sharing=await _sharing(session, scope.id),
        privacy=await _privacy(session, scope.id),
    )
    return Resolved(
        agency=in_order(agency),
        ranks=await _ranks(session, scope.id),
        regime=Both(en=settings.regime_en, fr=settings.regime_fr),
        needs=msgspec.convert(settings.needs, list[NeedEntry]),
        acts=settings.acts,
    )


def _both(profile: AgencyProfile) -> Both | None:
    if profile.note_en is None or profile.note_fr is None:
        return None
    return Both(en=profile.note_en, fr=profile.note_fr)


async def _rows(session: AsyncSession, table: Any, tenant: UUID, *order: Any) -> Sequence[Any]:
    query = select(table).where(table.tenant_id == tenant).order_by(*order)
    return list((await session.execute(query)).scalars())


async def _latest_name(session: AsyncSession, scope_id: UUID) -> ScopeName:
    query = (
        select(ScopeName)
        .where(ScopeName.scope_id == scope_id)
        .order_by(ScopeName.since.desc(), ScopeName.recorded_at.desc())
    )
    found: ScopeName = (await session.execute(query.limit(1))).scalar_one()
    return found


async def _states(session: AsyncSession, scope_id: UUID) -> list[Standing]:
    query = (
        select(StandingRow).where(StandingRow.scope_id == scope_id).order_by(StandingRow.since, StandingRow.recorded_at)
    )
    of_day = {row.since: row for row in (await session.execute(query)).scalars()}
    return [
        Standing(
            state=cast("Any", row.state),
            since=row.since,
            reason=row.reason,
            by="agency" if row.set_by == "agency" else "operator",
        )
        for row in of_day.values()
    ]


async def _plugins(session: AsyncSession, tenant: UUID) -> list[Plugin]:
    rows = await _rows(session, PluginEnablement, tenant, PluginEnablement.plugin)
    return [Plugin(name=row.plugin, enabled=row.state == "enabled", settings=row.settings) for row in rows]


async def _ranks(session: AsyncSession, tenant: UUID) -> list[RankEntry]:
    return [
        RankEntry(
            code=row.code,
            band=row.band,
            en=row.title_en,
            masculine=row.title_fr_masculine,
            feminine=row.title_fr_feminine,
        )
        for row in await _rows(session, RankRow, tenant, RankRow.place)
    ]


async def _agreements(session: AsyncSession, tenant: UUID) -> list[Agreement]:
    acts: dict[UUID, list[Act]] = {}
    for row in await _rows(session, ExternalAct, tenant, ExternalAct.decided_on, ExternalAct.id):
        acts.setdefault(row.agreement_id, []).append(Act(kind=row.kind, number=row.number, on=row.decided_on))
    return [
        Agreement(
            reference=row.reference,
            starts=row.starts_on,
            expires=row.expires_on,
            demonstration=row.demonstration,
            acts=acts.get(row.id, []),
        )
        for row in await _rows(session, AgreementRow, tenant, AgreementRow.starts_on, AgreementRow.id)
    ]


async def _sharing(session: AsyncSession, tenant: UUID) -> Sharing | None:
    """Return the latest version of the contract."""
    contracts = await _rows(session, SharingContract, tenant, SharingContract.number.desc())
    if not contracts:
        return None
    latest = contracts[0]
    fields = await _rows(session, SharingField, tenant, SharingField.id)
    consents = {row.contract_id: row for row in await _rows(session, SharingConsent, tenant, SharingConsent.id)}
    consent = consents.get(latest.id)
    return Sharing(
        since=latest.since,
        proposed=latest.proposed_on,
        accepted=consent.accepted_on if consent else None,
        demonstration=latest.demonstration,
        fields=[
            SharedField(field=row.field, purpose=row.purpose, retention_days=row.retention_days)
            for row in fields
            if row.contract_id == latest.id
        ],
    )


async def _privacy(session: AsyncSession, tenant: UUID) -> list[Privacy]:
    return [
        Privacy(
            kind=row.kind,
            reference=row.reference,
            made=row.made_on,
            lapses=row.lapses_on,
            demonstration=row.demonstration,
        )
        for row in await _rows(session, PrivacyRecord, tenant, PrivacyRecord.made_on, PrivacyRecord.id)
    ]
