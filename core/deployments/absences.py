"""Who of a unit is on a tour, for the strength that the unit has meanwhile."""

from __future__ import annotations

from datetime import date

from sqlalchemy import select

from core.deployments.models import Tour
from core.nominations.models import Dossier
from core.nominations.strength import Away, others_of_the_unit
from core.personnel.models import Officer
from core.use_cases.work import Work


async def on_tour(work: Work, officer: Officer, first: date, last: date) -> list[Away]:
    """Return the tours, planned ones too, of the other active officers of the unit, as far as they reach into it."""
    query = (
        select(Officer.rank_code, Tour.starts_on, Tour.ends_on)
        .join(Dossier, (Dossier.tenant_id == Officer.tenant_id) & (Dossier.officer_id == Officer.id))
        .join(Tour, (Tour.tenant_id == Dossier.tenant_id) & (Tour.candidacy_id == Dossier.id))
        .where(*others_of_the_unit(officer), Tour.state.not_in(("ended", "cancelled")))
        .where(Tour.starts_on <= last, Tour.ends_on >= first)
    )
    return [Away(rank, starts, ends, True) for rank, starts, ends in await work.session.execute(query)]
