"""A nomination as plugins see it: ids and bands, no name."""

from __future__ import annotations

import hashlib
from uuid import UUID

import msgspec

from core.hooks import types
from core.missions.calls import last_day
from core.missions.models import Call, Mission, Position
from core.nominations.models import Dossier, Nomination
from core.nominations.strength import measure_strength
from core.personnel.describing import describe_officer
from core.personnel.models import Officer
from core.use_cases.work import Work


class About(msgspec.Struct, frozen=True):
    """What plugins are asked to find something about."""

    nomination: types.Nomination
    strength: types.Strength | None

    @property
    def digest(self) -> str:
        """Tells whether two of them are the same to a plugin."""
        return hashlib.sha256(msgspec.json.encode(self)).hexdigest()


async def describe_nomination(work: Work, nomination_id: UUID) -> types.Nomination:
    """Return a nomination of the scope; raise ``NotFound`` where there is none."""
    nomination: Nomination = await work.get(Nomination, nomination_id)
    dossier: Dossier = await work.get(Dossier, nomination_id)
    officer: Officer = await work.get(Officer, dossier.officer_id)
    call: Call = await work.find(Call, nomination.call_id)
    position: Position = await work.find(Position, nomination.position_id)
    return await describe(work, nomination.id, nomination.state, officer, call, position)


async def describe(  # noqa: PLR0917 - the parts of a nomination, which may not be written yet
    work: Work,
    id: UUID,
    state: str,
    officer: Officer,
    call: Call,
    position: Position,
) -> types.Nomination:
    """Return what the nomination of ``officer`` for ``position`` in ``call`` is, or would be."""
    mission: Mission = await work.find(Mission, call.mission_id)
    return types.Nomination(
        id=id,
        call_id=call.id,
        officer=await describe_officer(work, officer),
        state=state,
        mission=mission.acronym_en,
        country=mission.country,
        starts=call.tour_starts_on,
        months=call.tour_months,
        armed=position.armed,
    )


async def describe_for_findings(work: Work, nomination: types.Nomination) -> About:
    """Return the nomination with the strength of the officer's unit during the tour."""
    officer: Officer = await work.get(Officer, nomination.officer.id)
    first, months = nomination.starts, nomination.months
    assert first is not None
    assert months is not None
    return About(nomination, await measure_strength(work, officer, first, last_day(first, months)))
