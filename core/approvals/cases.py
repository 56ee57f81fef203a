"""Which case, in the sense of the rule on conflicts of interest, a use case on an approval is about: its subject."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.approvals.models import ApprovalCase
from core.approvals.schemas import ApproveIn
from core.use_cases.conflicts import ById, named
from core.use_cases.work import Work


async def of_approval(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the subject of the approval that the input names."""
    return await _subjects(work, await named(work, data, result))


async def of_approvals(work: Work, data: ApproveIn, result: Any) -> list[UUID]:
    """Return the subjects of all approvals that the input names."""
    return await _subjects(work, [UUID(one.id) for one in data.cases])


async def _subjects(work: Work, approvals: list[UUID]) -> list[UUID]:
    chosen = select(ApprovalCase.subject_id).where(
        ApprovalCase.tenant_id == work.ctx.scope.id, ApprovalCase.id.in_(approvals)
    )
    return list(await work.session.scalars(chosen))
