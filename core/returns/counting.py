"""How many of IPOB's own milestones are late: the number beside the menu's line on every page of IPOB."""

from __future__ import annotations

import msgspec
from sqlalchemy import func, select

from core.returns.lifecycle import RETURN_READ
from core.returns.models import ProgramMilestone, ReturnStatus
from core.use_cases.declaration import use_case
from core.use_cases.work import Work


class OwnLate(msgspec.Struct, frozen=True):
    """IPOB's own milestones that are late."""


class OwnLateCount(msgspec.Struct, frozen=True):
    """How many there are, over the returns that are not closed."""

    count: int


@use_case(permission=RETURN_READ, input=OwnLate, output=OwnLateCount, scopes={"program"}, reads=True)
async def count_own_late(work: Work, data: OwnLate) -> OwnLateCount:
    """Count IPOB's own late milestones without reading the returns."""
    query = (
        select(func.count())
        .select_from(ProgramMilestone)
        .join(
            ReturnStatus,
            (ReturnStatus.tenant_id == ProgramMilestone.tenant_id) & (ReturnStatus.id == ProgramMilestone.tour_id),
        )
        .where(
            ProgramMilestone.state == "open",
            ProgramMilestone.due_on < work.on,
            ReturnStatus.state != "closed",
        )
    )
    return OwnLateCount(int(await work.session.scalar(query) or 0))
