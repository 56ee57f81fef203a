"""Which case a use case on a tour is about."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from core.deployments.models import Tour
from core.use_cases.conflicts import ById, named
from core.use_cases.work import Work


async def of_tour(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the nomination of the tour that the input names, if the actor's side may see it."""
    return await cases_of(work, await named(work, data, result))


async def cases_of(work: Work, tours: list[UUID]) -> list[UUID]:
    """Return the nominations that ``tours`` come from."""
    return list(await work.session.scalars(select(Tour.candidacy_id).where(Tour.id.in_(tours))))
