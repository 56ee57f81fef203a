"""The published ledger: what was true of each tour, appended in the transition's own transaction.

A fact names the days in the mission as civil dates (valid time) and the instant it was written
(recorded time). The latest fact of a tour holds; nothing is changed or deleted, so any figure can
be shown as of a date and as known on a date, and shown again years later.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from sqlalchemy import select

from core.deployments.models import Tour, TourFact
from core.nominations.models import ReleasedPerson
from core.use_cases.work import Work

IN_MISSION = "in_mission"
VOID = "void"


async def record_presence(work: Work, tour: Tour) -> None:
    """Append that ``tour``'s officer is in the mission from ``arrived_on`` to ``left_on``, both included."""
    if tour.arrived_on is None:
        return
    await _append(work, tour, IN_MISSION, tour.arrived_on, tour.left_on)


async def void_presence(work: Work, tour: Tour) -> None:
    """Append that the tour's officer never was in the mission, where a fact said so."""
    known = select(TourFact.id).where(TourFact.tenant_id == tour.tenant_id, TourFact.tour_id == tour.id).limit(1)
    if await work.session.scalar(known):
        await _append(work, tour, VOID, tour.starts_on, None)


async def _append(work: Work, tour: Tour, kind: str, first: date, last: date | None) -> None:
    person = await work.session.get(ReleasedPerson, (tour.tenant_id, tour.person_id))
    attributes: dict[str, Any] = {
        name: getattr(person, name) if person else None for name in ("band", "gender", "language", "affiliation")
    }
    fact = TourFact(
        tenant_id=tour.tenant_id,
        id=work.new_id(),
        tour_id=tour.id,
        person_key=tour.person_id,
        program_id=tour.program_id,
        mission_id=tour.mission_id,
        position_id=tour.position_id,
        kind=kind,
        valid_from=first,
        valid_to=last,
        recorded_at=work.now,
        recorded_by=work.ctx.scope.id,
        **attributes,
    )
    work.session.add(fact)
    await work.session.flush()
