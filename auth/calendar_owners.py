"""Whose a calendar is: whoever made its address, with what they may at the moment when it is fetched."""

from __future__ import annotations

from datetime import date
from typing import Any
from uuid import UUID

import msgspec
from sqlalchemy import Date, Select, bindparam, null, select
from sqlalchemy.ext.asyncio import AsyncSession

from auth.holding import roles_on
from auth.models import Seat
from auth.red_button.stops import is_stopped
from auth.roles import GONE, counting, permissions_of
from core.calendars.models import CalendarAddress
from core.context import Actor, Scope
from core.database.reading import Reading
from core.personnel.models import Officer
from core.tokens import digest


class OwnerRow(msgspec.Struct, frozen=True):
    """What is kept of an address and of whoever made it; the fields in the order of the statement."""

    address_id: UUID
    stopped: bool
    seat_id: UUID
    name: str
    officer_id: UUID | None
    unit: str | None
    active: bool
    roles: list[str] | None
    standing: str | None


async def owner_of(session: AsyncSession, scope: Scope, secret: str, on: date) -> Actor | None:
    """Return who made the address with this ``secret``, to read its calendar and nothing else.

    ``None`` where there is none such, where its maker's seat has ended or they act for the scope no more, and where
    signing in was stopped, for them or for all, after it was made: an address that was stopped stays so.
    """
    reading = _AGENCY_OWNER if scope.kind == "agency" else _OWNER
    row = next(iter(await reading.rows(session, scope=scope.id, secret=digest(secret), on=on)), None)
    if row is None or row.stopped or not row.active or row.standing in GONE:
        return None
    roles = counting(frozenset(row.roles or ()), row.standing)
    return Actor(
        id=row.seat_id,
        name=row.name,
        roles=roles,
        permissions=permissions_of(scope.kind, roles),
        officer_id=row.officer_id,
        unit=row.unit,
        reads_only=True,
        only=row.address_id,
    )


def _statement(*, agency: bool) -> Select[*tuple[Any, ...]]:
    chosen = (
        select(
            CalendarAddress.id,
            is_stopped(CalendarAddress.tenant_id, CalendarAddress.seat_id, CalendarAddress.made_at).label("stopped"),
            Seat.id.label("seat_id"),
            Seat.name,
            Seat.officer_id,
            Seat.unit,
            Seat.active,
            roles_on(bindparam("on", type_=Date)).label("roles"),
            (Officer.status if agency else null()).label("standing"),
        )
        .select_from(CalendarAddress)
        .join(Seat, (Seat.tenant_id == CalendarAddress.tenant_id) & (Seat.id == CalendarAddress.seat_id))
        .where(
            CalendarAddress.tenant_id == bindparam("scope"),
            CalendarAddress.secret_digest == bindparam("secret"),
        )
    )
    if not agency:  # Only an agency has officer files, and a grant on them.
        return chosen
    return chosen.outerjoin(Officer, (Officer.tenant_id == Seat.tenant_id) & (Officer.id == Seat.officer_id))


_OWNER, _AGENCY_OWNER = (Reading(_statement(agency=agency), OwnerRow) for agency in (False, True))
