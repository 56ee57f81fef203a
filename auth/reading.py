"""How seats and grants are read for the pages on people."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import aliased

from auth.claim_rules.models import ClaimRule
from auth.holding import roles_on
from auth.models import RoleGrant, Seat
from auth.schemas import DelegatedOut, GrantOut, SeatOut
from auth.scim.models import ScimResource
from core.approvals.models import Delegation
from core.database.folding import holds
from core.errors import NotFound
from core.personnel.models import Officer
from core.use_cases.output import shown
from core.use_cases.work import Work


async def seats(work: Work, *, name: str = "") -> list[SeatOut]:
    """Return the scope's people whose name has each word of ``name`` in it, by name."""
    return await _seats(work, holds(name, Seat.name, Seat.unit))


async def seat_out(work: Work, seat_id: UUID) -> SeatOut:
    """Return one person. Raises ``NotFound``."""
    found = await _seats(work, Seat.id == seat_id)
    if not found:
        raise NotFound
    return found[0]


async def grants_of(work: Work, seat_id: UUID) -> list[GrantOut]:
    """Return every grant of a seat, the newest first."""
    giver = aliased(Seat)
    chosen = (
        select(RoleGrant, giver.name, ScimResource)
        .outerjoin(giver, (giver.tenant_id == RoleGrant.tenant_id) & (giver.id == RoleGrant.granted_by))
        .outerjoin(ClaimRule, (ClaimRule.tenant_id == RoleGrant.tenant_id) & (ClaimRule.id == RoleGrant.source_id))
        .outerjoin(
            ScimResource, (ScimResource.tenant_id == ClaimRule.tenant_id) & (ScimResource.id == ClaimRule.group_id)
        )
        .where(RoleGrant.tenant_id == work.ctx.scope.id, RoleGrant.seat_id == seat_id)
        .order_by(RoleGrant.starts_on.desc(), RoleGrant.id.desc())
    )
    return [
        GrantOut(
            id=grant.id,
            role=grant.role,
            origin=grant.origin,
            starts_on=grant.starts_on,
            ends_on=grant.ends_on,
            reason=grant.reason,
            group=None if group is None else group.name,
            granted_by=given_by,
            end_reason=grant.end_reason,
            holds=grant.starts_on <= work.ctx.today and (grant.ends_on is None or grant.ends_on > work.ctx.today),
        )
        for grant, given_by, group in (await work.session.execute(chosen)).all()
    ]


async def delegations_of(work: Work, seat_id: UUID) -> list[DelegatedOut]:
    """Return the delegations to and from a seat in force today; only an agency has approvals to delegate."""
    if work.ctx.scope.kind != "agency":
        return []
    giver, taker, today = aliased(Seat), aliased(Seat), work.ctx.today
    chosen = (
        select(Delegation, giver.name, taker.name)
        .join(giver, (giver.tenant_id == Delegation.tenant_id) & (giver.id == Delegation.from_seat))
        .join(taker, (taker.tenant_id == Delegation.tenant_id) & (taker.id == Delegation.to_seat))
        .where(
            Delegation.tenant_id == work.ctx.scope.id,
            or_(Delegation.from_seat == seat_id, Delegation.to_seat == seat_id),
            Delegation.first_day <= today,
            Delegation.last_day >= today,
            Delegation.ended_at.is_(None),
        )
        .order_by(Delegation.last_day, Delegation.id)
    )
    return [
        shown(DelegatedOut, row, from_name=from_name, to_name=to_name)
        for row, from_name, to_name in (await work.session.execute(chosen)).all()
    ]


async def _seats(work: Work, *wanted: Any) -> list[SeatOut]:
    chosen = (
        select(Seat, roles_on(work.ctx.today))
        .where(Seat.tenant_id == work.ctx.scope.id, *wanted)
        .order_by(Seat.name, Seat.id)
    )
    rows = (await work.session.execute(chosen)).all()
    files = await _files(work, [seat.officer_id for seat, _ in rows if seat.officer_id is not None])
    return [
        SeatOut(
            id=seat.id,
            name=seat.name,
            language=seat.language,
            unit=seat.unit,
            officer_id=seat.officer_id,
            employee_number=files.get(seat.officer_id, (None, None))[0],
            standing=files.get(seat.officer_id, (None, None))[1],
            active=seat.active,
            shut_by_directory=seat.shut_by_directory,
            signed_in_at=seat.signed_in_at,
            roles=sorted(set(held or ())),
            version=seat.version,
        )
        for seat, held in rows
    ]


async def _files(work: Work, officers: list[UUID]) -> dict[UUID | None, tuple[str, str]]:
    """Return employee number and standing by officer; only an agency has officers, and a grant on their table."""
    if not officers or work.ctx.scope.kind != "agency":
        return {}
    chosen = select(Officer.id, Officer.employee_number, Officer.status).where(
        Officer.tenant_id == work.ctx.scope.id, Officer.id.in_(officers)
    )
    return {row.id: (row.employee_number, row.status) for row in await work.session.execute(chosen)}
