"""An officer as plugins see them: ids, codes and dates, no name."""

from __future__ import annotations

from datetime import date

from sqlalchemy import func, select

from core.hooks import types
from core.personnel.models import Officer, Qualification
from core.use_cases.work import Work


async def describe_officer(work: Work, officer: Officer) -> types.Officer:
    """Return ``officer`` with rank band and qualifications."""
    rank = (await work.ctx.agencies.ranks(work.session)).get(officer.rank_code)
    return types.Officer(
        id=officer.id,
        rank=officer.rank_code,
        band=rank.band if rank else 1,
        unit=officer.unit,
        language="fr" if officer.language == "fr" else "en",
        affiliation=officer.affiliation,  # type: ignore[arg-type]
        qualifications=await _qualifications(work, officer),
    )


async def count_unit(work: Work, unit: str) -> dict[int, int]:
    """Return how many active officers the unit has, by rank band."""
    ranks = await work.ctx.agencies.ranks(work.session)
    query = (
        select(Officer.rank_code, func.count())
        .where(Officer.unit == unit, Officer.status == "active")
        .group_by(Officer.rank_code)
    )
    counted: dict[int, int] = {}
    for code, count in await work.session.execute(query):
        band = ranks[code].band if code in ranks else 1
        counted[band] = counted.get(band, 0) + count
    return dict(sorted(counted.items()))


async def _qualifications(work: Work, officer: Officer) -> dict[str, date | None]:
    query = select(Qualification.kind, Qualification.expires_on).where(Qualification.officer_id == officer.id)
    held: dict[str, date | None] = {}
    for kind, expires_on in await work.session.execute(query.order_by(Qualification.kind)):
        known = held.get(kind, date.min)
        held[kind] = None if known is None or expires_on is None else max(known, expires_on)
    return held
