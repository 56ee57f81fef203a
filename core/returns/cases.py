"""Which case a use case on a return is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.deployments.cases import cases_of
from core.returns.models import ProgramMilestone, ReturnFile
from core.use_cases.conflicts import ById, named
from core.use_cases.work import Work


async def of_file(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the nomination that the return file comes from."""
    chosen = select(ReturnFile.tour_id).where(ReturnFile.id.in_(await named(work, data, result)))
    return await cases_of(work, list(await work.session.scalars(chosen)))


async def of_plan(work: Work, data: Any, result: Any) -> list[UUID]:
    """Return the nomination of the tour whose milestones are planned."""
    return await cases_of(work, [data.tour_id])


async def of_milestone(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the nomination that one of the programme's own milestones comes from."""
    chosen = select(ProgramMilestone.tour_id).where(ProgramMilestone.id.in_(await named(work, data, result)))
    return await cases_of(work, list(await work.session.scalars(chosen)))
