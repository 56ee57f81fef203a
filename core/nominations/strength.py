"""Who of an officer's unit is away, or may be, during a tour: what a plugin learns of it holds no name."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from datetime import date
from typing import NamedTuple

from sqlalchemy import ColumnElement, select

from core.hooks.types import Absence, Strength
from core.missions.calls import last_day
from core.missions.models import Call
from core.nominations.models import Candidacy, Dossier, Nomination
from core.personnel.describing import count_unit
from core.personnel.models import Officer
from core.use_cases.work import Work


class Away(NamedTuple):
    """One absence of an officer with this rank."""

    rank_code: str
    first: date
    last: date
    certain: bool


Absences = Callable[[Work, Officer, date, date], Awaitable[list[Away]]]

ABSENCES: list[Absences] = []
"""Each returns the absences of the other active officers of an officer's unit on any of these days."""

DECIDED = ("assigned", "not_selected", "withdrawn")
"""Of a candidacy: it is a tour by now, or none will come of it."""


async def measure_strength(work: Work, officer: Officer, first: date, last: date) -> Strength | None:
    """Return the strength of the officer's unit from ``first`` to ``last``; ``None`` without a unit."""
    if not officer.unit:
        return None
    ranks = await work.ctx.agencies.ranks(work.session)
    found = [one for absences in ABSENCES for one in await absences(work, officer, first, last)]
    told = [
        Absence(
            band=ranks[one.rank_code].band if one.rank_code in ranks else 1,
            first=one.first,
            last=one.last,
            certain=one.certain,
        )
        for one in found
    ]
    told.sort(key=lambda one: (one.first, one.last, one.band, one.certain))
    return Strength(first=first, last=last, officers=await count_unit(work, officer.unit), absences=told)


async def put_forward(work: Work, officer: Officer, first: date, last: date) -> list[Away]:
    """Return those whose nomination the service or IPOB has not decided yet. Drafts do not count."""
    query = (
        select(Officer.rank_code, Call.tour_starts_on, Call.tour_months)
        .join(Dossier, (Dossier.tenant_id == Officer.tenant_id) & (Dossier.officer_id == Officer.id))
        .join(Nomination, (Nomination.tenant_id == Dossier.tenant_id) & (Nomination.id == Dossier.id))
        .join(Call, (Call.tenant_id == Nomination.program_id) & (Call.id == Nomination.call_id))
        .outerjoin(Candidacy, (Candidacy.tenant_id == Nomination.tenant_id) & (Candidacy.id == Nomination.id))
        .where(*others_of_the_unit(officer), Nomination.state.in_(("agency_review", "nominated")))
        .where(Candidacy.state.is_(None) | Candidacy.state.not_in(DECIDED), Call.tour_starts_on <= last)
    )
    rows = await work.session.execute(query)
    found = [Away(rank, starts, last_day(starts, months), False) for rank, starts, months in rows]
    return [one for one in found if one.last >= first]


def others_of_the_unit(officer: Officer) -> tuple[ColumnElement[bool], ...]:
    """Return the conditions under which a row of ``Officer`` is another active one of the same unit."""
    return (Officer.unit == officer.unit, Officer.status == "active", Officer.id != officer.id)


ABSENCES.append(put_forward)
