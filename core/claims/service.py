"""Use cases on claims. Nothing is kept: a statement is reckoned whenever it is read."""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from core.claims.lifecycle import CLAIM_READ, LONGEST, quarter_of
from core.claims.schemas import ClaimedTour, ClaimedTours, ReadStatement
from core.deployments.models import Tour
from core.deployments.reading import summary_of, tours_query
from core.errors import Fault, Invalid
from core.hooks.types import Period
from core.nominations.models import PersonKey
from core.text import t
from core.use_cases.declaration import use_case
from core.use_cases.output import shown
from core.use_cases.work import Work

NEVER_LEFT = ("planned", "ordered", "cancelled")
"""Tours that cost nothing that could be claimed: nobody has left."""


@use_case(permission=CLAIM_READ, input=ReadStatement, output=ClaimedTours, reads=True)
async def list_claimed_tours(work: Work, data: ReadStatement) -> ClaimedTours:
    """List the tours for which something may be claimed in a period: those that somebody served in it.

    Once the link to an officer is destroyed nobody can be asked about, and nothing is claimed.
    """
    period = period_of(data, work)
    served = (_first() <= period.last) & (_last() >= period.first)
    known = Tour.person_id.in_(select(PersonKey.id).where(PersonKey.tenant_id == work.ctx.scope.id))
    query = tours_query().where(Tour.tenant_id == work.ctx.scope.id, Tour.state.not_in(NEVER_LEFT), served, known)
    found = [summary_of(work, row) for row in await work.session.execute(query)]
    return ClaimedTours(
        first=period.first, last=period.last, tours=[shown(ClaimedTour, one, tour_id=one.id) for one in found]
    )


def period_of(data: ReadStatement, work: Work) -> Period:
    """Return the days asked for; raise ``Invalid`` for a period that is none or too long."""
    usual = quarter_of(data.first or data.last or work.ctx.today)
    first, last = data.first or usual.first, data.last or usual.last
    if last < first:
        raise Invalid([Fault("/last", t("The last day is before the first."))])
    if (last - first).days >= LONGEST:
        raise Invalid([Fault("/last", t("Ask for a year at the most."))])
    return Period(first=first, last=last)


def _first() -> ColumnElement[object]:
    """Return the first day, as plugins are told it (``describe_tour``)."""
    return func.coalesce(Tour.arrived_on, Tour.starts_on)


def _last() -> ColumnElement[object]:
    return func.coalesce(Tour.home_on, Tour.left_on, Tour.ends_on)
