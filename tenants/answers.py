"""What core asks about the agency of an open session: gates, sharing contract and ranks."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from functools import cache
from uuid import UUID

import msgspec
from sqlalchemy import select
from sqlalchemy.ext.asyncio import AsyncSession

from core.agencies import Contract, Gap, Rank
from tenants.gates import AgreementHeld, ContractHeld, Held, Need, RecordHeld, find_gaps, in_force
from tenants.library import load_library
from tenants.lifecycle import AGENCY_READ
from tenants.models import (
    AgencySettings,
    AgreementRow,
    ExternalAct,
    PrivacyRecord,
    RankRow,
    SharingConsent,
    SharingContract,
    SharingField,
    Standing,
)


class TenantAnswers:
    """The ``core.agencies.Agencies`` of the application."""

    @property
    def home(self) -> str | None:
        """The agency whose provider signs the program's people in, as the scopes' file says."""
        return _home()

    async def gaps(self, session: AsyncSession, on: date) -> list[Gap]:
        """Return what keeps a nomination from leaving on ``on``."""
        return find_gaps(await held_on(session, on), on)

    async def contract(self, session: AsyncSession, on: date) -> Contract:
        """Return the sharing contract in force on ``on``; without one, version 0 and no field."""
        tenant = tenant_of(session)
        current = in_force(await _contracts(session, tenant), on)
        if current is None:
            return Contract(version=0, fields={})
        query = (
            select(SharingField.field, SharingField.purpose)
            .join(
                SharingContract,
                (SharingContract.tenant_id == SharingField.tenant_id)
                & (SharingContract.id == SharingField.contract_id),
            )
            .where(SharingContract.tenant_id == tenant, SharingContract.number == current.number)
            .order_by(SharingField.field)
        )
        purposes = {row.field: row.purpose for row in await session.execute(query)}
        return Contract(current.number, purposes)

    async def ranks(self, session: AsyncSession) -> dict[str, Rank]:
        """Return the agency's ranks by code, lowest first."""
        query = select(RankRow).where(RankRow.tenant_id == tenant_of(session)).order_by(RankRow.place)
        return {
            row.code: Rank(row.code, row.band, row.title_en, row.title_fr_masculine, row.title_fr_feminine)
            for row in (await session.execute(query)).scalars()
        }

    async def opens_on(self, session: AsyncSession, on: date) -> str | None:
        """Return the page of tasks while the agency is joining, for who may open it; else ``None``."""
        if not session.info["ctx"].actor.may(AGENCY_READ):
            return None
        return JOINING if await state_on(session, tenant_of(session), on) == "onboarding" else None


@cache
def _home() -> str | None:
    program = next((one for one in load_library().scopes.values() if one.kind == "program"), None)
    return program.provider.issuer if program is not None else None


JOINING = "/joining"
"""The page of tasks that a joining agency begins on."""


def tenant_of(session: AsyncSession) -> UUID:
    """Return the id of the scope that the session was opened for."""
    scope_id: UUID = session.info["ctx"].scope.id
    return scope_id


async def state_on(session: AsyncSession, scope_id: UUID, on: date) -> str | None:
    """Return the agency's state on ``on``; ``None`` before its first."""
    found = await standing_on(session, scope_id, on)
    return found.state if found else None


async def standing_on(session: AsyncSession, scope_id: UUID, on: date) -> Standing | None:
    """Return the row of the agency's state on ``on``; ``None`` before its first."""
    query = (
        select(Standing)
        .where(Standing.scope_id == scope_id, Standing.since <= on)
        .order_by(Standing.since.desc(), Standing.recorded_at.desc())
        .limit(1)
    )
    found: Standing | None = await session.scalar(query)
    return found


async def held_on(session: AsyncSession, on: date) -> Held:
    """Return all that the gates of the session's agency look at."""
    tenant = tenant_of(session)
    query = select(AgencySettings.needs, AgencySettings.acts).where(AgencySettings.tenant_id == tenant)
    settings = (await session.execute(query)).first()
    standing = await standing_on(session, tenant, on)
    return Held(
        state=standing.state if standing else None,
        set_by=standing.set_by if standing else "operator",
        needs=msgspec.convert(settings.needs if settings else [], list[Need]),
        acts=settings.acts if settings else [],
        agreements=await _agreements(session, tenant),
        contracts=await _contracts(session, tenant),
        records=await _records(session, tenant),
    )


async def _agreements(session: AsyncSession, tenant: UUID) -> list[AgreementHeld]:
    query = (
        select(AgreementRow.id, AgreementRow.starts_on, AgreementRow.expires_on, ExternalAct.kind)
        .outerjoin(
            ExternalAct,
            (ExternalAct.tenant_id == AgreementRow.tenant_id) & (ExternalAct.agreement_id == AgreementRow.id),
        )
        .where(AgreementRow.tenant_id == tenant)
    )
    periods: dict[UUID, tuple[date, date]] = {}
    acts: dict[UUID, set[str]] = {}
    for id, starts, expires, act in await session.execute(query):
        periods[id] = (starts, expires)
        acts.setdefault(id, set()).update(_given(act))
    return [AgreementHeld(*period, frozenset(acts[id])) for id, period in periods.items()]


async def _contracts(session: AsyncSession, tenant: UUID) -> list[ContractHeld]:
    query = (
        select(SharingContract.number, SharingContract.since, SharingConsent.accepted_on)
        .outerjoin(
            SharingConsent,
            (SharingConsent.tenant_id == SharingContract.tenant_id)
            & (SharingConsent.contract_id == SharingContract.id),
        )
        .where(SharingContract.tenant_id == tenant)
    )
    return [ContractHeld(*row) for row in await session.execute(query)]


async def _records(session: AsyncSession, tenant: UUID) -> list[RecordHeld]:
    query = select(PrivacyRecord.kind, PrivacyRecord.made_on, PrivacyRecord.lapses_on)
    return [RecordHeld(*row) for row in await session.execute(query.where(PrivacyRecord.tenant_id == tenant))]


def _given(value: str | None) -> Iterable[str]:
    return () if value is None else (value,)
