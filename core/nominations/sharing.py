"""The use case behind “What IPOB sees”."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

import msgspec
from sqlalchemy import select

from core.agencies import Gap
from core.audit.models import Look
from core.nominations.models import Nomination, PersonKey
from core.nominations.release import preview
from core.nominations.schemas import Preview
from core.personnel.models import Officer
from core.use_cases.declaration import use_case
from core.use_cases.work import Work

SHARING_READ = "sharing.read"
LATEST = 100
"""Looks that are given at once."""


class WhatIsSeen(msgspec.Struct, frozen=True, kw_only=True):
    """Whose file to preview; the latest nominated officer where none is chosen."""

    officer: str | None = None


class LookOut(msgspec.Struct, frozen=True, kw_only=True):
    """One time that IPOB opened something of the agency; ``of_many``: a list, and no single file."""

    at: datetime
    who: str
    what: str
    of_many: bool
    fields: list[str]
    purpose: str


class Seen(msgspec.Struct, frozen=True, kw_only=True):
    """The contract's fields with their purposes, a preview, the gaps in the gates, and the looks."""

    contract_version: int
    fields: dict[str, str]
    officer: str | None
    preview: Preview | None
    gaps: list[Gap]
    looks: list[LookOut]


@use_case(permission=SHARING_READ, input=WhatIsSeen, output=Seen, reads=True)
async def what_ipob_sees(work: Work, data: WhatIsSeen) -> Seen:
    """Show what crosses to IPOB under the contract in force, and each time IPOB looked."""
    contract = await work.ctx.agencies.contract(work.session, work.ctx.today)
    officer = await _example(work, data.officer)
    looks = (await work.session.execute(select(Look).order_by(Look.id.desc()).limit(LATEST))).scalars().all()
    numbers = await _numbers(work, {look.subject_id for look in looks if look.subject_id})
    return Seen(
        contract_version=contract.version,
        fields=dict(contract.fields),
        officer=f"{officer.given_name} {officer.family_name}" if officer else None,
        preview=await preview(work, officer) if officer else None,
        gaps=await work.ctx.agencies.gaps(work.session, work.ctx.today),
        looks=[
            LookOut(
                at=look.at,
                who=look.by_name,
                what=numbers.get(look.subject_id, look.subject_kind) if look.subject_id else look.subject_kind,
                of_many=look.subject_id is None,
                fields=list(look.fields),
                purpose=look.purpose,
            )
            for look in looks
        ],
    )


async def _example(work: Work, officer_id: str | None) -> Officer | None:
    if officer_id:
        chosen: Officer = await work.get(Officer, officer_id)
        return chosen
    latest = (
        select(Officer)
        .join(PersonKey, (PersonKey.tenant_id == Officer.tenant_id) & (PersonKey.officer_id == Officer.id))
        .join(Nomination, (Nomination.tenant_id == PersonKey.tenant_id) & (Nomination.person_id == PersonKey.id))
        .order_by(Nomination.created_at.desc())
        .limit(1)
    )
    found: Officer | None = await work.session.scalar(latest)
    return found or await work.session.scalar(select(Officer).order_by(Officer.created_at).limit(1))


async def _numbers(work: Work, ids: set[UUID]) -> dict[UUID, str]:
    query = select(Nomination.id, Nomination.number).where(Nomination.id.in_(ids))
    return {row.id: row.number for row in await work.session.execute(query)}
