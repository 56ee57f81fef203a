"""Tours on a day: who was there, on the way there, and home again, told from the days that are recorded of them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from typing import Literal, NamedTuple
from uuid import UUID

from sqlalchemy import and_, func, or_, select

from core.deployments.models import Tour
from core.hooks.days import shift
from core.oversight.part import Part
from core.oversight.schemas import Rotation
from core.use_cases.work import Work

Kind = Literal["plan", "done", "home"]
BEFORE, AFTER = timedelta(days=150), timedelta(days=420)
"""How much of the time around the day the timeline shows."""
REINTEGRATION = 12
"""Months that the way back takes, from the day at home."""


class Stay(NamedTuple):
    """One tour as it stood on the day: still to come, there, or home; ``first`` to ``last`` is that time's span."""

    id: UUID
    tenant_id: UUID
    mission_id: UUID
    rotation: str
    kind: Kind
    first: date
    last: date


async def stays_on(work: Work, day: date, part: Part) -> list[Stay]:
    """Return the tours that were to come, under way or in reintegration on ``day``, by their first days.

    An arrival or an end after ``day`` is not looked at, only when it is known by now. What was to
    come on an earlier day is what had been ordered by then: of a plan no day is recorded.
    """
    gone = func.coalesce(Tour.home_on, Tour.left_on)
    coming = [or_(Tour.arrived_on.is_(None), Tour.arrived_on > day), Tour.starts_on <= day + AFTER]
    if day < work.ctx.today:
        coming.append(Tour.ordered_on <= day)
    query = select(
        Tour.id, Tour.tenant_id, Tour.mission_id, Tour.rotation,
        Tour.starts_on, Tour.ends_on, Tour.arrived_on, Tour.left_on, Tour.home_on,
    ).where(
        Tour.state != "cancelled",
        or_(gone.is_(None), gone >= shift(day, months=-REINTEGRATION)),
        or_(and_(*coming), Tour.arrived_on <= day),
        *part.of(Tour.mission_id, Tour.tenant_id),
    )  # fmt: skip
    found = []
    for id_, tenant, mission, rotation, starts, ends, arrived, left, home in await work.session.execute(query):
        kind: Kind
        if arrived is None or arrived > day:
            kind, first, last = "plan", starts, ends
        elif left is None or left >= day:
            kind, first, last = "done", arrived, left or max(ends, day)
        else:
            first = home or left
            kind, last = "home", shift(first, months=REINTEGRATION)
        found.append(Stay(id_, tenant, mission, rotation or "", kind, first, last))
    return sorted(found, key=lambda one: (one.first, one.last, one.id))


def rotations(stays: Sequence[Stay], day: date) -> list[Rotation]:
    """Return the stays near ``day``, gathered by mission, rotation and kind."""
    groups: dict[tuple[UUID, str, Kind], list[Stay]] = {}
    for one in stays:
        if one.last >= day - BEFORE and one.first <= day + AFTER:
            groups.setdefault((one.mission_id, one.rotation, one.kind), []).append(one)
    return [
        Rotation(
            mission_id=mission_id,
            title=title,
            officers=len(members),
            first=min(one.first for one in members),
            last=max(one.last for one in members),
            kind=kind,
        )
        for (mission_id, title, kind), members in groups.items()
    ]
