"""Which roles a seat holds on a day: asked in one way, wherever it is asked."""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import BindParameter, ScalarSelect, func, or_, select

from auth.models import RoleGrant, Seat


def roles_on(day: date | BindParameter[Any]) -> ScalarSelect[Any]:
    """Return as a subquery the roles granted on ``day`` to the ``Seat`` of the statement around it.

    One that comes from two places is there twice; a seat without any has NULL.
    """
    return (
        select(func.array_agg(RoleGrant.role))
        .where(
            RoleGrant.tenant_id == Seat.tenant_id,
            RoleGrant.seat_id == Seat.id,
            RoleGrant.starts_on <= day,
            or_(RoleGrant.ends_on.is_(None), RoleGrant.ends_on > day),
        )
        .scalar_subquery()
    )
