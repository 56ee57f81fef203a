"""Which case a use case on a nomination is about, and whose it is: for the rule on conflicts of interest."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from core.nominations.models import Dossier
from core.use_cases.conflicts import ById, named
from core.use_cases.work import Work


async def of_nomination(work: Work, data: ById, result: Any) -> list[UUID]:
    """Return the nomination that the input names; the officer whom it is about has to do with it, too."""
    (case,) = await named(work, data, result)
    await _involve_officer(work, case)
    return [case]


async def of_drafted(work: Work, data: Any, result: Any) -> list[UUID]:
    """Return the nomination that has just been drafted."""
    case: UUID = result.nomination.id
    await _involve_officer(work, case)
    return [case]


async def _involve_officer(work: Work, case: UUID) -> None:
    dossier = await work.session.get(Dossier, (work.ctx.scope.id, case))
    person = await work.ctx.people.seat_of(work.session, dossier.officer_id) if dossier is not None else None
    if person is not None:
        work.involved.add(person.id)
