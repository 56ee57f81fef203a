"""Use cases of IPOB and the operator: which agencies there are, and one of them."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.database.directory import ScopeRow
from core.database.folding import holds
from core.use_cases.declaration import ById, use_case
from core.use_cases.work import Work
from tenants.contracts import contracts_by_agency, contracts_of
from tenants.lifecycle import AGENCY_READ
from tenants.models import AgencyProfile, AgreementRow
from tenants.schemas import AgencyFileOut, AgencyList, AgencyOut, ListAgencies
from tenants.service import agreements_of
from tenants.standings import current_standings, find_agency, names_of, standings_of


@use_case(permission=AGENCY_READ, input=ListAgencies, output=AgencyList, scopes={"program", "platform"}, reads=True)
async def list_agencies(work: Work, data: ListAgencies) -> AgencyList:
    """List the agencies with their states; to IPOB also with what each shares and until when its agreement runs."""
    names = (ScopeRow.name_en, ScopeRow.name_fr, ScopeRow.slug)
    query = select(ScopeRow).where(ScopeRow.kind == "agency", holds(data.q, *names)).order_by(ScopeRow.name_en)
    scopes = list((await work.session.execute(query)).scalars())
    standings = await current_standings(work)
    profiles = await _profiles(work) if work.ctx.scope.kind == "program" else {}
    return AgencyList([_agency(scope, standings.get(scope.id), profiles.get(scope.id, {})) for scope in scopes])


@use_case(permission=AGENCY_READ, input=ById, output=AgencyFileOut, scopes={"program", "platform"}, reads=True)
async def get_agency(work: Work, data: ById) -> AgencyFileOut:
    """Show an agency: its states and names; to IPOB also the agreement and the sharing contract."""
    scope = await find_agency(work, data.id)
    standings = await current_standings(work)
    program = work.ctx.scope.kind == "program"
    profiles = await _profiles(work, scope.id) if program else {}
    return AgencyFileOut(
        agency=_agency(scope, standings.get(scope.id), profiles.get(scope.id, {})),
        standings=await standings_of(work, scope.id),
        names=await names_of(work, scope.id),
        agreements=await agreements_of(work, scope.id, []) if program else [],
        contracts=await contracts_of(work, scope.id) if program else [],
    )


def _agency(scope: ScopeRow, standing: Any, profile: dict[str, Any]) -> AgencyOut:
    return AgencyOut(
        id=scope.id,
        slug=scope.slug,
        name_en=scope.name_en,
        name_fr=scope.name_fr,
        state=standing.state if standing else None,
        since=standing.since if standing else None,
        **profile,
    )


async def _profiles(work: Work, only: UUID | None = None) -> dict[UUID, dict[str, Any]]:
    """Return, by agency, what it submitted about itself."""
    query = select(AgencyProfile)
    ends = select(AgreementRow).where(AgreementRow.starts_on <= work.on).order_by(AgreementRow.expires_on)
    if only:
        query, ends = query.where(AgencyProfile.tenant_id == only), ends.where(AgreementRow.tenant_id == only)
    expires = {row.tenant_id: row.expires_on for row in (await work.session.execute(ends)).scalars()}
    versions = await contracts_by_agency(work, only)
    found = {}
    for row in (await work.session.execute(query)).scalars():
        contracts = versions.get(row.tenant_id, [])
        current = next((one for one in contracts if one.state == "in_force"), None)
        waiting = next((one.number for one in contracts if one.state == "proposed"), None)
        found[row.tenant_id] = {
            "kind": row.kind,
            "province": row.province,
            "city": row.city,
            "confidence": row.confidence,
            "agreement_expires": expires.get(row.tenant_id),
            "shares": [one.field for one in current.fields] if current else [],
            "waiting": waiting,
        }
    return found
